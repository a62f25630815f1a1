#pragma once

#include "gateway/flow/effects.hpp"
#include "gateway/profile/card_profile.hpp"

namespace ota::flow {

/// What an accepted or refused event says of itself at intake.
struct verdict {
    queue::event_state state = queue::event_state::open;
    std::string_view reason;
    std::string detail;
};

inline constexpr std::size_t most_open_events = 200;  ///< per card; more are rejected until some are done

/// Takes an event into the twin: judged against desired (R16), superseding what it makes needless. Other events that
/// end through it are in `effects`. `life`: of an event without expires_at (R18).
[[nodiscard]] verdict take_in(twin&, const card_profile&, const queue::change_event&, event_seq,
                              std::chrono::milliseconds life, wall_time now, effects&);

/// R18: ends what waits and whose life is over. Null: the card's profile is not configured now.
void expire_events(twin&, const card_profile*, wall_time now, effects&);
/// Deferred events whose time has come take their place in the node's order; expired waiting ones end (R18).
void run_calendar(twin&, const card_profile&, wall_time now, effects&);

/// Ends a waiting or deferred event on an operator's word; false when it is in flight or not there.
[[nodiscard]] bool cancel(twin&, const card_profile*, event_seq, effects&);

/// Desired of a node falls back to what the card has confirmed (R14, R18).
void fall_back(node_state&) noexcept;
/// Takes events out that ended without success: their nodes' desired falls back, or goes on without their changes.
void withdraw(twin&, const card_profile*, const std::vector<event_seq>&, effects&);
/// Takes an event out of the twin. Its node's desired stays as it is.
void remove_event(twin&, event_seq) noexcept;

}  // namespace ota::flow
