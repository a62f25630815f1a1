#pragma once

#include "management-object/card_image.hpp"

/// A management object in a BER-TLV file (TS 102 221, 11.3), for cards that have them: an object for each value, so
/// that a value changes with one SET DATA however long it becomes. Object 80 is the frame: the TNDS document in WBXML,
/// in which the tag stands in place of each value. The other objects are the values; a node keeps its tag as long as it
/// is there.
///     | 80 length frame | 81 length value | 82 .. | 9E .. | 9F 1F length value | .. | 9F 7F .. | FF .. |
/// An image is all objects in the order of their tags, padded with FF to the size of the file; so images of this layout
/// can be compared, kept and summed up like those of transparent files.
namespace ota::management_object {

inline constexpr std::uint16_t frame_tag = 0x80;

/// 80 to 9E, 9F1F to 9F7F.
[[nodiscard]] bool is_data_object_tag(std::uint16_t) noexcept;

struct tlv_object {
    std::uint16_t tag = 0;  ///< 80 to 9E, 9F1F to 9F7F
    wire::octets value;
    bool operator==(const tlv_object&) const = default;
};

/// In the order of their tags, each once. `wire::errc::truncated`, `trailing_octets`, `document_errc::bad_value`.
[[nodiscard]] wire::result<std::vector<tlv_object>> parse_tlv_image(wire::octet_view image);
/// `device_full` when they do not fit the file.
[[nodiscard]] wire::result<wire::octets> serialize_tlv_image(std::vector<tlv_object>, std::size_t size);

/// The image of the object at this address. Nodes that `before` has keep their tags; new ones get tags that `before`
/// does not use, as long as there are any, so that its frame never shows a value of theirs. `too_large` beyond 127
/// values.
[[nodiscard]] wire::result<wire::octets> make_tlv_image(const node& top, const uri& at, std::size_t size,
                                                        wire::octet_view before = {});
[[nodiscard]] wire::result<std::optional<placed_node>> read_tlv_image(wire::octet_view image);

/// SET DATA commands (80 DB) that lead from one image to the other: an object in one block, or in several; the tag
/// alone deletes it. The frame is last, so that no new node is seen before its value. Error: `parse_tlv_image`.
[[nodiscard]] wire::result<std::vector<wire::octets>> tlv_commands(wire::octet_view from, wire::octet_view to,
                                                                   std::size_t longest = 255);

}  // namespace ota::management_object
