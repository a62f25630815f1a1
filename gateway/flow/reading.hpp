#pragma once

#include "gateway/flow/effects.hpp"
#include "gateway/profile/card_profile.hpp"

/// What the card answered to commands that read. `data`: nothing when the answer has none.
namespace ota::flow {

/// A get's answer: keeps collecting until the whole file is read, then ends the event with it.
void settle_get(twin&, const card_profile&, const carried&, const wire::octets* data, effects&);
/// The card does not tell its control file, or an object's file: what waits for it fails, and the object is blocked
/// (R14).
void give_up_reading(twin&, const card_profile&, std::uint16_t node, const std::string& why, effects&);
/// What was read before a management object is written.
void settle_reading(twin&, const card_profile&, const carried&, const wire::octets* data, effects&);

}  // namespace ota::flow
