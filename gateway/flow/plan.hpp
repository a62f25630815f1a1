#pragma once

#include "gateway/flow/apdu.hpp"
#include "gateway/flow/effects.hpp"
#include "gateway/flow/intake.hpp"

namespace ota::flow {

/// The next packet, before it has a counter.
struct planned_packet {
    std::size_t application = 0;
    std::vector<wire::octets> commands;
    std::vector<carried> carries;
    std::int8_t priority = 0;
    wall_time expires{};  ///< earliest end of life of what it carries; R18 bounds the validity
    bool read_back = false;
    carriage by = carriage::short_message;
};

/// What the card should be told next, or nothing. Ends events that need no SMS any more, or that can never be sent.
/// mac_length: of the card's keys. Runs on what was locked in this transaction (R5).
[[nodiscard]] std::optional<planned_packet> plan(twin&, const card_profile&, std::uint8_t mac_length, wall_time now,
                                                 effects&);
/// The same for packets of up to `capacity` octets of secured data.
[[nodiscard]] std::optional<planned_packet> plan_within(twin&, const card_profile&, std::size_t capacity, wall_time now,
                                                        effects&);

/// Octets of secured data that fit the largest packet by short message.
[[nodiscard]] std::size_t short_message_capacity(const card_profile&, std::uint8_t mac_length) noexcept;

/// When the twin wants to be looked at again; nothing when only a message can change it. nothing_to_plan: `plan` has
/// just found nothing to send.
[[nodiscard]] std::optional<wall_time> next_look(const twin&, bool nothing_to_plan, wall_time now) noexcept;

}  // namespace ota::flow
