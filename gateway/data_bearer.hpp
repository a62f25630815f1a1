#pragma once

#include "gateway/bearer.hpp"

/// What the corridor and the bearer of data channels (BIP) say to each other. A card opens the channel, asked by a PUSH
/// that goes by short message; then whole packets travel both ways.
namespace ota::bearer {

/// One connection of one card with this instance, for as long as the process lives; never used twice.
struct link_id {
    std::uint64_t value = 0;
    auto operator<=>(const link_id&) const = default;
};

/// Names a PUSH: what its identification proves (gateway/push_token.hpp).
struct push_id {
    std::int64_t card = 0;
    std::int64_t packet = 0;
    auto operator<=>(const push_id&) const = default;
};

/// A link is open both ways; the identification of its card was that of the PUSH. Answer with `keep` or `close`.
struct link_up {
    push_id push;
    std::uint16_t max_sdu = 0;  ///< octets of the largest packet that the card takes
};
/// A whole packet from the card: perhaps a proof of receipt.
struct link_packet {
    wire::octets packet;
};
/// The transport has acknowledged the whole packet: a hint, never a proof (R8).
struct link_acknowledged {
    submission_id id;
};
/// Nothing more comes from this link. What was handed over and not acknowledged may or may not have arrived.
struct link_down {
    enum class cause : std::uint8_t { by_us, by_card, timed_out, idle, protocol, shutdown };
    cause why = cause::by_card;
};
struct link_event {
    link_id link;
    std::int64_t card = 0;
    std::variant<link_up, link_packet, link_acknowledged, link_down> what;
};

/// What the corridor needs of it. All calls are thread-safe and never block; a link that is gone is ignored (its
/// link_down is told).
class links {
public:
    virtual ~links() = default;
    /// One packet, as one SDU.
    virtual void transmit(link_id, submission_id, wire::octets packet) = 0;
    /// work: keep the path open (NUL), do not close for idleness; without work the link is closed after its idle time.
    virtual void keep(link_id, bool work) = 0;
    /// Drains, then closes.
    virtual void close(link_id) = 0;
};

/// Called from the bearer's thread; must not block.
class link_observer {
public:
    virtual ~link_observer() = default;
    virtual void on_links(std::vector<link_event>) = 0;
};

}  // namespace ota::bearer
