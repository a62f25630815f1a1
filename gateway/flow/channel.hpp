#pragma once

#include "gateway/flow/plan.hpp"
#include "secure-channel/response_packet.hpp"

/// Data channels (BIP): when a card is asked for one, and what comes of it.
///
///     PUSH by short message  ->  the card opens a link  ->  packets and their proofs over it  ->  the link ends
///
/// A PUSH is a packet like any other (counter, record, repeats) until the link arrives, which closes it (R6). Packets
/// over the link are recorded like all others (R2) and are never sent by short message (R7). That the transport has
/// acknowledged one proves nothing (R8): when the link ends before the proof came, the packet is unknown and a
/// read-back decides, by short message.
namespace ota::flow {

/// Where a PUSH sends the card to.
struct push_target {
    wire::octets address;    ///< 4 or 16 octets; empty: the card knows it
    std::uint16_t port = 0;  ///< UDP
    std::uint16_t tcp_port = 0;
};

/// Octets of secured data in the largest packet over the card's open channel.
[[nodiscard]] std::size_t channel_capacity(const twin&, const card_profile&, std::uint8_t mac_length) noexcept;

/// Short messages that everything which waits now would take, as one plan sees it.
[[nodiscard]] std::size_t short_messages_needed(const twin&, const card_profile&, std::uint8_t mac_length,
                                                wall_time now);

/// The card is to be asked for a channel: what waits would take too many short messages, or an event wants it.
[[nodiscard]] bool asks_for_channel(const twin&, const card_profile&, std::uint8_t mac_length, wall_time now);

/// identification: what the card's first message over the channel will bring back.
[[nodiscard]] std::optional<planned_packet> plan_push(const card_profile&, const push_target&,
                                                      wire::octets identification);

/// The proof of receipt of the PUSH in flight: the card has taken it, or why not. The link itself is what counts.
void on_push_answer(twin&, const card_profile&, const secure_channel::response&, wall_time now, effects&);
/// The PUSH in flight came to nothing.
void push_failed(twin&, const card_profile&, std::string_view why, wall_time now, effects&);

/// A card opened a link. mine: this instance's number. Closes the link when no PUSH waits for it.
void on_link_up(twin&, const card_profile&, bearer::link_id, const bearer::link_up&, std::uint16_t mine,
                std::uint8_t mac_length, wall_time now, effects&);
/// The link is gone, and what was on its way with it.
void on_link_down(twin&, const card_profile&, std::uint64_t link, std::string_view why, wall_time now, effects&);

/// Hands the packet in flight to its link.
void transmit(twin&, const card_profile&, store::card_id, wall_time now, effects&);

}  // namespace ota::flow
