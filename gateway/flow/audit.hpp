#pragma once

#include "gateway/flow/effects.hpp"
#include "gateway/flow/plan.hpp"
#include "gateway/profile/card_profile.hpp"

/// An audit: everything that the gateway manages on a card is read over the air, a piece for each packet, whenever the
/// card has nothing else to do. It changes nothing that is known of the card, unless a repair was asked for: then what
/// was read counts, and the next plans write what differs.
namespace ota::flow {

/// Asks for an audit; one that is under way begins anew.
void ask_for_audit(twin&, bool repair, wall_time now);

/// The next piece to read, or nothing.
[[nodiscard]] std::optional<planned_packet> plan_audit(twin&, const card_profile&, std::size_t capacity);
/// The card's answer to it. `refused`: a status word in place of data.
void settle_audit(twin&, const card_profile&, const carried&, const wire::octets* data,
                  std::optional<std::uint16_t> refused, effects&);
/// The card is written: what was read so far may be old. After ten of these the audit ends.
void restart_audit(twin&);
/// A packet of the audit had no answer, or no octets: after `attempts` of them it ends.
void count_audit(twin&, const card_profile&);

void fail_audit(twin&, std::string why);

/// Files that were read, and hold something else than what they should.
[[nodiscard]] std::size_t differing(const twin&, const card_profile&);
/// What a file that was read should hold: what the card has proven last; of the directory what follows from the control
/// file. Nothing when that is not known.
[[nodiscard]] std::optional<wire::octets> expected_of(const twin&, const card_profile&, const audited_file&);

}  // namespace ota::flow
