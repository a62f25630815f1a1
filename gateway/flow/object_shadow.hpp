#pragma once

#include "gateway/flow/effects.hpp"
#include "gateway/profile/card_profile.hpp"
#include "management-object/control_file.hpp"

/// What is known of the files that hold management objects, and of the control file that attests them. The control file
/// is a node of the twin as well; it has no events, and is written last in a script: its success is the proof of the
/// objects before it. As long as it does not attest an object, the object's node is not confirmed.
namespace ota::flow {

inline constexpr std::string_view control_node =
    "./SC/.control";  ///< no profile has such a node: names do not begin so
/// EF(DODF) points to the valid file of a pair. It is written between the object and the control file; what it holds
/// follows from the control file, and from what became of our packets.
inline constexpr std::string_view directory_node = "./SC/.directory";

/// The file of a node of the twin: of the profile, of a management object (of a pair: the one that the control file
/// names), the directory or the control file. Null when the profile has it no more.
[[nodiscard]] const node_binding* binding_of(const twin&, const card_profile&, const node_state&) noexcept;
/// Where an object is written: its file, or of a pair the one that is not valid.
[[nodiscard]] const node_binding& target_of(const twin&, const management_object_binding&) noexcept;
[[nodiscard]] bool is_object(const card_profile&, const node_state&) noexcept;
/// The control file or the directory.
[[nodiscard]] bool is_commit_file(const node_state&) noexcept;

/// Of the twin's nodes, made when they are missing.
[[nodiscard]] std::uint16_t control_index(twin&);
[[nodiscard]] std::uint16_t directory_index(twin&);
/// As the card's control file was last read or written; nothing when that is not known.
[[nodiscard]] std::optional<management_object::control_file> known_control(const twin&);

/// What the file that is written holds as far as it is known, made different from `image` where it is doubtful: the
/// difference of the two is what has to be written.
[[nodiscard]] wire::octets held_against(const node_state&, const wire::octets& image);

/// The packet wrote these octets of the node's file, of `image`.
void keep_written(node_state&, const wire::octets& image, octet_range);
/// The packet may have written these octets; the control file has to tell.
void doubt(node_state&, octet_range);
/// All that the file holds is doubtful.
void doubt_all(node_state&, const management_object_binding&);
/// The control file attests that the object is `image`. live: of a pair, the file that it names; else 0.
void attest(node_state&, wire::octets image, std::uint16_t live);
/// Nothing of the image is missing in the file.
[[nodiscard]] bool holds(const node_state&, const management_object_binding&, const wire::octets& image);
/// Nobody knows what became of the packet's writes: the nodes are not confirmed (R19).
void doubt_writes(twin&, const card_profile&, const packet&);

/// The packet may have switched the directory, and the control file was not written: it may lead to a file that is not
/// valid.
void doubt_directory(twin&, const packet&);
/// The profile lays objects out in other files than when they were written: what is known of those counts no more.
void forget_other_layouts(twin&, const card_profile&);
/// The card's control file was read: nodes that it attests are confirmed, and their events end with `why`; what is
/// known of the others follows from it.
void judge_control(twin&, const card_profile&, const wire::octets& control, std::string_view why, effects&);
/// The next octets of an object's file that nobody knew, from the offset `at`.
void keep_read(twin&, const card_profile&, std::uint16_t node, std::uint32_t at, const wire::octets& data, effects&);
/// R15: open events whose change the image of this version has end as applied.
void complete(twin&, std::uint16_t node, event_seq version, std::string_view why, effects&);

}  // namespace ota::flow
