#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ota {

/// The TCP variant: cards open a connection and say first who they are.
struct bip_tcp_settings {
    std::uint16_t port = 9001;  ///< 0: any free one
    std::uint8_t identification_tag =
        0;  ///< first octet of the Identification Packet: must be set, no text at hand says it
    std::uint8_t command_tag = 0x01, response_tag = 0x02;
    std::chrono::milliseconds identification_timeout{
        10'000};                                       ///< from the connection to its whole Identification Packet
    std::chrono::milliseconds packet_timeout{60'000};  ///< from the first octet of a packet to its last
    bool operator==(const bip_tcp_settings&) const = default;
};

/// The server of data channels (BIP). One UDP port for all cards.
struct bip_settings {
    bool enabled = false;                 ///< the section is there
    std::string address = "0.0.0.0";      ///< where we listen
    std::uint16_t port = 9000;            ///< UDP; 0: any free one
    std::optional<bip_tcp_settings> tcp;  ///< none: no TCP variant
    std::string public_address;           ///< what a PUSH names, IPv4 or IPv6; empty: the card knows it
    std::uint16_t public_port = 9000;     ///< UDP port that a PUSH names
    std::uint16_t public_tcp_port = 9001;
    std::size_t max_links = 10'000;
    std::size_t half_open = 1000;   ///< of these, not yet set up
    std::size_t per_source = 2000;  ///< links of one address: carriers put many cards behind one
    unsigned answers = 200;         ///< RSTs a second to who is no card of ours; beyond them nothing is answered
    unsigned answers_per_source = 10;
    std::chrono::milliseconds remember{std::chrono::minutes(30)};  ///< a used identification does not open again
    // CAT_TP
    std::uint16_t max_pdu = 1400;
    std::uint16_t max_sdu = 16'384;  ///< octets of the largest packet from a card
    std::uint16_t window = 10;       ///< PDUs
    std::chrono::milliseconds first_rto{3000};
    unsigned retries = 5, set_up_retries = 4;
    std::chrono::milliseconds keep_alive{20'000};  ///< NUL while work is pending: carriers forget a silent UDP path
    std::chrono::milliseconds idle{60'000};        ///< a link without work is closed
    bool operator==(const bip_settings&) const = default;
};

/// Reads the section `bip`; without it nothing is enabled.
[[nodiscard]] bip_settings read_bip(const config::node&);

}  // namespace ota
