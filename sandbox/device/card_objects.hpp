#pragma once

#include "management-object/tnds.hpp"
#include "sandbox/device/device_event.hpp"
#include "sandbox/device/device_model.hpp"
#include "sandbox/device/object_place.hpp"
#include "sandbox/uicc/object_reader.hpp"

#include <map>

namespace ota::sandbox {

enum class consent : std::uint8_t { yes, no, later };

/// What a user is asked about.
struct offered_object {
    management_object::uri at;
    std::string label;  ///< as the card names it
    std::string id;     ///< urn:oma:mo:...
    std::uint16_t generation = 0;
    bool known = false;  ///< an earlier content of it is in use
};

/// An object of the card that the device's tree holds.
struct card_object {
    management_object::data_object entry;  ///< its line of the card's directory
    management_object::uri at;
    std::string id;
    std::uint16_t generation = 0;  ///< of the card's control file; 0 without one
    std::uint32_t content = 0;     ///< CRC-32 of the image
    bool autonomous = false, has_own_list = false;
    bool granted = false;  ///< its access control lists are set
};

/// The objects of the card in the device's tree: what they are, which card they are of, and what the user said about
/// them. The card is only read. Whatever it shows, an object in the tree is always whole, in one content that the card
/// once had.
class card_objects {
public:
    struct handlers {
        std::function<consent(const offered_object&)> ask;  ///< only when the card says so; none: `later`
        std::function<void(device_event)> tell;
    };
    card_objects(management_object::node& tree, const device_model& who, handlers h)
        : tree_(tree), who_(who), handlers_(std::move(h)) {}

    /// Reads what is new on the card with this ICCID and takes it over. Objects of another card go first.
    void look(const card_transmit&, const std::string& iccid, std::optional<std::string_view> pin);
    /// The card is gone: so are its objects. What the user said is remembered.
    void purge_all(std::string_view why);
    /// A user's late answer, for the next `look`. Nothing happens unless it was asked for.
    bool answer(const management_object::uri& at, bool yes);
    /// The object was deleted or put anew by a server: it is not the card's any more.
    void disown(const management_object::uri& at);

    [[nodiscard]] const std::vector<card_object>& taken() const noexcept { return taken_; }
    /// The object that the node belongs to, or null.
    [[nodiscard]] const card_object* owner_of(const management_object::uri&) const noexcept;
    [[nodiscard]] const std::string& card() const noexcept { return iccid_; }
    /// Objects with the flag taken over since the last call: the device shall connect by itself.
    [[nodiscard]] std::vector<management_object::uri> take_wishes() { return std::exchange(wishes_, {}); }

private:
    enum class verdict : std::uint8_t { settled, look_again };
    struct said {
        std::uint32_t content = 0;
        consent what = consent::later;
        offered_object offered;
    };
    verdict consider(const object_on_card&, const objects_on_card& seen, std::vector<std::string>& matched);
    verdict take(const object_on_card&, const management_object::placed_node&, const card_object* known);
    [[nodiscard]] consent ask(const offered_object&, std::uint32_t content);
    verdict torn(const object_on_card&, const card_object* known);
    void sort_out(const objects_on_card&, const std::vector<std::string>& matched);
    [[nodiscard]] const card_object* find_known(const management_object::data_object&, const objects_on_card&) const;
    void purge(management_object::uri at, std::string_view why);
    void grant_all();
    void tell(device_event::kind, const management_object::uri&, const std::string& label, std::uint16_t generation,
              std::string_view detail = {});

    management_object::node& tree_;
    const device_model& who_;
    handlers handlers_;
    std::string iccid_;
    std::optional<objects_on_card> seen_;  // what was settled last, without images
    bool had_control_ = false;
    std::vector<card_object> taken_;
    std::map<std::pair<std::string, management_object::uri>, said> answers_;  // by card and place
    std::vector<management_object::uri> wishes_;
    std::vector<std::string> granted_to_;  // servers of the card's accounts
};

}  // namespace ota::sandbox
