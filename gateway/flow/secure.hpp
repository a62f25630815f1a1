#pragma once

#include "gateway/flow/keyring.hpp"
#include "gateway/flow/plan.hpp"

namespace ota::flow {

/// Who a card is, for the stages after the plan.
struct card_identity {
    store::card_id id = 0;
    std::string_view iccid;
    std::string_view msisdn;
};

/// Reserves a counter and a concatenation reference, seals the script and records the packet as the twin's in-flight
/// one (R2), all before anything is sent. A card that cannot be served goes into quarantine (`effects::quarantine`).
/// Returns false when nothing was recorded.
[[nodiscard]] bool secure(twin&, const card_profile&, const card_keys&, const card_identity&, planned_packet,
                          std::int64_t packet_id, wall_time now, effects&);

/// Hands segments of the recorded packet to the bearer again, octet for octet (R2). `mask`: segments, bit by bit.
void send_segments(twin&, const card_profile&, const card_identity&, std::uint32_t mask, wall_time now, effects&);

/// Mode "exactly +1": sends a recorded packet that waits for work (R10).
void wake_idle(twin&, const card_profile&, const card_identity&, wall_time now, effects&);

[[nodiscard]] std::uint32_t counter_key_of(const card_profile&, std::uint8_t key_version,
                                           secure_channel::toolkit_reference) noexcept;
/// Highest counter ever reserved under this key, made when missing.
[[nodiscard]] counter_state& counter_of(twin&, std::uint32_t key);

}  // namespace ota::flow
