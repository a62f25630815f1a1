#pragma once

#include "gateway/flow/effects.hpp"
#include "gateway/profile/card_profile.hpp"
#include "secure-channel/remote_script.hpp"

/// What a script's answer, or a read-back, means for nodes and events.
namespace ota::flow {

/// Applies the answer of a script to what the packet carried (R13, R14, R15). `unverified`: see R25.
void settle_script(twin&, const card_profile&, const packet&, const secure_channel::script_answer&, bool unverified,
                   wall_time now, effects&);

/// Decides the unknown packet by what a read-back found (R9, R16). `data`: of `read`; nothing when the read failed.
void settle_unknown(twin&, const card_profile&, const carried* read, const wire::octets* data, wall_time now, effects&);

/// The packet ended without proof that any command ran or did not: its events wait again, or end (R16, R17, R18); what
/// it wrote is no longer confirmed (R19).
void settle_nothing_known(twin&, const card_profile&, const packet&, wall_time now, effects&);

/// The packet's script surely did not run: its events wait again. `attempt`: it counts as one.
void settle_not_run(twin&, const card_profile&, const packet&, bool attempt, std::string_view last_reason,
                    wall_time now, effects&);

/// R17: exec is at most once; a packet that became unknown fails it.
void fail_unknown_execs(twin&, const packet&, effects&);

/// R14: a node that no open event writes waits for a new event or a repair.
void block_drifted(twin&, std::uint16_t node, std::string_view why);

/// The same for management objects whose files could not be read.
void block_unread(twin&, const card_profile&, std::string_view why);

/// Waits longer after each refusal in a row.
void back_off(twin&, const card_profile&, wall_time now) noexcept;

}  // namespace ota::flow
