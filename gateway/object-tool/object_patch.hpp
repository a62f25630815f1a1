#pragma once

#include "gateway/object-tool/object_documents.hpp"
#include "gateway/object-tool/script_packets.hpp"

/// From one content of an object to the next on a card of a profile: what is written, and what rewriting it would take.
namespace ota::object_tool {

struct patch_call {
    std::string old_file, new_file;         ///< TNDS in XML, or the file of a card
    std::optional<std::string> spare_file;  ///< of a pair: what the file that is not in use holds; absent: nothing
    std::string profile;
    std::optional<std::string> profiles_file;  ///< absent: config/profiles/NAME.yaml
    std::optional<std::string> uri;            ///< the object; absent: what the documents say
    std::uint8_t mac_length = 8;               ///< octets of the cryptographic checksum
};

struct object_patch {
    /// pair: the file that is not in use is brought up to date, then the directory and the control file point to it.
    enum class way : std::uint8_t { patch, pair, data_objects };
    std::string profile, uri;
    object_layout layout = object_layout::slotted;
    way how = way::patch;
    secure_channel::toolkit_reference tar;  ///< whom the script is for
    wire::octets before, after;             ///< images of the object
    std::optional<bool> slack;  ///< of a slotted layout: does the file hold the new object with room for values to grow
    script_cost patch, rewrite;
};

/// The profile of that name in a file of profiles; its faults with file and line.
[[nodiscard]] answered<card_profile> read_profile(const std::string& name, const std::string& file);

/// The change of an image on a card whose control file confirms `before`; `spare` is what the other file of a pair
/// holds.
[[nodiscard]] wire::result<object_patch> plan_patch(const card_profile&, const management_object_binding&,
                                                    const wire::octets& before, const wire::octets& after,
                                                    const wire::octets& spare, std::uint8_t mac_length = 8);

[[nodiscard]] answered<object_patch> perform(const patch_call&, std::istream& in);

}  // namespace ota::object_tool
