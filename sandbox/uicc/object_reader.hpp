#pragma once

#include "management-object/card_directory.hpp"
#include "management-object/control_file.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How a device or a reader finds the management objects of a card and reads them, by APDUs alone: EF(DIR), a logical
/// channel, the application of PKCS#15 on it, EF(ODF), EF(DODF), the control file, the objects. It never writes.
namespace ota::sandbox {

/// A short command APDU to the card; its answer with status word. No octets: the card is gone.
using card_transmit = std::function<wire::octets(wire::octet_view command)>;

struct object_on_card {
    management_object::data_object entry;  ///< of EF(DODF): label, user_consent, file
    std::optional<management_object::control_entry>
        control;  ///< when the card has a control file that knows the object
    /// As read, up to its used length when the control file tells it; nothing when the file may not be read (PIN), is
    /// deactivated, or is the one that was read before.
    std::optional<wire::octets> image;
    bool unchanged = false;  ///< control file and directory say what they said before
    bool doubtful = false;   ///< the card's control file is torn: nobody knows
    /// The image is the whole object: confirmed by its entry, or the card has no control file that knows it. Only then
    /// it is taken over.
    [[nodiscard]] bool whole() const noexcept;
};

struct objects_on_card {
    std::optional<management_object::control_file> control;  ///< absent: the card has none, or it is torn
    bool control_is_torn = false;
    std::vector<object_on_card> objects;  ///< those of OMA DM, in the order of EF(DODF)
};

/// What is on the card. `before`: what was read last of the same card; objects that did not change are not read again.
/// `pin`: shown to the card once, when an object asks for it. Nothing when the card has no such directory, or is gone.
[[nodiscard]] std::optional<objects_on_card> read_objects(const card_transmit&, const objects_on_card* before = nullptr,
                                                          std::optional<std::string_view> pin = std::nullopt);

}  // namespace ota::sandbox
