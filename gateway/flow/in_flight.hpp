#pragma once

#include "gateway/flow/effects.hpp"

/// What every stage that reconciles asks of, and does to, the packet in flight.
namespace ota::flow {

/// Counter mode 11: n+1 and nothing else (R10).
[[nodiscard]] bool exactly_one(const packet&) noexcept;
/// Counter modes 00 and 01: a copy of an old packet runs whenever it comes (R11).
[[nodiscard]] bool unchecked(const packet&) noexcept;
/// The instance that handed it to a bearer last.
[[nodiscard]] std::uint16_t holder_of(const packet&) noexcept;
[[nodiscard]] std::uint32_t all_segments(const packet&) noexcept;

/// About `wait` from now, differently for each card or packet and each time. What became due together must not stay
/// together: the instance that came upon it first would do so each time, and the one that has to act on it never.
[[nodiscard]] wall_time scattered(wall_time now, std::chrono::milliseconds wait, std::int64_t id) noexcept;

/// The events that this piece decides wait for its proof.
void put_in_flight(twin&, const carried&);
/// An open event still counts on this packet.
[[nodiscard]] bool carries_open_event(const twin&, const packet&) noexcept;
/// R18: earliest end of life of the open events that the packet carries.
[[nodiscard]] std::optional<wall_time> end_of_life(const twin&, const packet&) noexcept;

/// The packet in flight is over: what has to go next (R10) takes its place and is sent as recorded at the next look.
void close_in_flight(twin&);
/// Sends the packet in flight again, as recorded, at the next look.
void send_again(packet&) noexcept;
/// The packet in flight may or may not have run: a read-back with a newer counter decides (R9).
void becomes_unknown(twin&, effects&);

void quarantine(twin&, std::string_view why, effects&);
/// A line of the card's timeline about a packet: its header's fields and what it carries. `status`: of the response,
/// when there is one.
void note(effects&, const twin&, const packet&, std::string_view what, int status = -1);

}  // namespace ota::flow
