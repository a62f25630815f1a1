#pragma once

#include "gateway/flow/effects.hpp"
#include "gateway/profile/card_profile.hpp"

/// Where on the card the file of a node lies, and how. A profile that changes may give the node another file: what was
/// recorded, written or learnt before speaks of the file that it was then.
namespace ota::flow {

/// 19 bits, as they are kept in node_state::place. 0: the node has no file in this profile.
[[nodiscard]] std::uint32_t place_of(const card_profile&, const node_state&) noexcept;
/// What the twin knows of the node, and what is under way to it, is of another file than the profile's.
[[nodiscard]] bool is_moved(const card_profile&, const node_state&) noexcept;

/// Nothing of its file is known, and nothing is held against it.
void forget_file(node_state&) noexcept;
/// True: the piece of a packet was about another file. It counts for nothing: what it carried waits again.
[[nodiscard]] bool forget_moved(twin&, const card_profile&, const carried&);
/// Before a plan, while nothing is under way: from now on the twin speaks of the files of this profile. What is desired
/// goes to the new file, made longer or shorter where it can be.
void follow_moved(twin&, const card_profile&, effects&);

}  // namespace ota::flow
