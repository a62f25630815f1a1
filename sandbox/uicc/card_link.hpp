#pragma once

#include "secure-channel/cat_tp/link.hpp"

#include <memory>
#include <optional>
#include <vector>

/// What a card runs over its data channel: it carries SDUs, each a secured packet.
namespace ota::sandbox {

using link_time = cat_tp::time_point;

struct link_output {
    std::vector<wire::octets> sent;      ///< datagrams, or pieces of a stream
    std::vector<wire::octets> received;  ///< SDUs
    bool ended = false;                  ///< after what is to be sent the channel can be closed
};

class card_link {
public:
    virtual ~card_link() = default;
    /// A datagram, or the next octets of a stream.
    virtual void on_octets(wire::octet_view, link_time now, link_output&) = 0;
    virtual void on_tick(link_time, link_output&) {}
    [[nodiscard]] virtual std::optional<link_time> due() const { return std::nullopt; }
    /// false: it cannot carry it.
    virtual bool send(wire::octets sdu, link_time now, link_output&) = 0;
};

struct cat_tp_order {
    cat_tp::link_settings settings;
    std::uint16_t port = 0;  ///< the server's
    wire::octets identification;
    std::uint64_t chance = 0;  ///< port and first sequence number of the card follow from it
};
/// Packets one after the other over a TCP connection that stands. Ends when nothing came for so long.
[[nodiscard]] std::unique_ptr<card_link> take_stream(std::chrono::milliseconds patience, link_time now);
/// Who the card is, first thing on a TCP connection [TS 102 226, 9.2.4]: | tag | length | identification |.
[[nodiscard]] wire::octets identification_packet(std::uint8_t tag, wire::octet_view identification);

/// SYN goes out.
[[nodiscard]] std::unique_ptr<card_link> open_cat_tp(cat_tp_order, link_time now, link_output&);

}  // namespace ota::sandbox
