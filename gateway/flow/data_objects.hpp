#pragma once

#include "gateway/flow/twin.hpp"

/// What is known of a BER-TLV file (management-object/tlv_layout.hpp): node_state::held, or `reported`, is an image of
/// it, and the doubtful ranges are tags. Objects are set one by one, each whole; the control file attests them
/// together.
namespace ota::flow {

inline constexpr octet_range all_tags{0, UINT32_MAX};  ///< nobody knows which objects the file has

[[nodiscard]] bool tags_unknown(const node_state&) noexcept;

/// One object of the file: SET DATA in one block or in several, which stay together in a packet.
struct data_object_step {
    std::uint16_t tag = 0;
    std::vector<wire::octets> commands;
};
/// What leads from what the file holds to the image. Tags have to be known. None when all is there; nothing when the
/// image, or what is known of the file, is not of this layout.
[[nodiscard]] std::optional<std::vector<data_object_step>> data_object_steps(const node_state&,
                                                                             const wire::octets& image);

/// A packet set, or deleted, the object of this tag as the image has it.
void keep_set(node_state&, const wire::octets& image, std::uint16_t tag);

/// RETRIEVE DATA of the list of tags [TS 102 221, 11.3.1]; in a compact script GET RESPONSE brings what it answers [TS
/// 102 226, 5.1].
[[nodiscard]] std::vector<wire::octets> retrieve_tags(secure_channel::script_format);
/// Its answer: these objects are there, with values that nobody knows. False: it is no list, not all of it, or has tags
/// that are not of this layout.
[[nodiscard]] bool keep_tags(node_state&, wire::octet_view answer);

}  // namespace ota::flow
