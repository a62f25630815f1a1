#pragma once

#include "gateway/flow/secure.hpp"
#include "secure-channel/response_packet.hpp"

/// What came back is reconciled with what is recorded. A proof of receipt decides; everything else is a hint (R8).
namespace ota::flow {

/// Where the segments of the packet in flight stand, from the store and the bearer.
struct sending_state {
    bool outstanding = false;    ///< the bearer still has some of them
    std::uint32_t accepted = 0;  ///< segments that an SMSC took, bit by bit
    bool link_gone = false;      ///< of a packet over a data channel: nobody has its link any more
};

/// A proof of receipt whose check held, or that was asked for without one (R25).
void on_response(twin&, const card_profile&, const secure_channel::opened_response&, wall_time now, effects&);

/// A response that proves nothing: unsecured where a CC was asked, or with a wrong one.
void on_hint(twin&, const card_profile&, const secure_channel::response&, wall_time now, effects&);

/// A submission that was not accepted.
void on_submit_failure(twin&, const card_profile&, const bearer::submitted&, wall_time now, effects&);

/// A receipt that says a segment will not arrive.
void on_undelivered(twin&, const card_profile&, const store::submission_row&, wall_time now, effects&);

/// The twin's time has come: calendar, retries, repeats, end of validity.
void on_look(twin&, const card_profile&, const card_identity&, const sending_state&, wall_time now, effects&);

/// After a restore (R3): counters leap, what is in flight becomes unknown.
void on_recover(twin&, const card_profile*, std::uint64_t leap);

/// Puts everything that is not proven back to unknown and lifts blocks, so that the next plans write it anew (`cards
/// repair`).
void on_repair(twin&) noexcept;

}  // namespace ota::flow
