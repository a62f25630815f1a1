#pragma once

#include "secure-channel/errc.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// PUSH: C-APDUs that ask a card to call a server [TS 102 226, 9]. They travel in a secured script like any other
/// command.
namespace ota::secure_channel::push {

/// A COMPREHENSION-TLV object [TS 102 223, 8] with its tag as received.
struct tlv {
    std::uint8_t tag = 0;
    wire::octets value;
    bool operator==(const tlv&) const = default;
};

/// P2 01: open a BIP channel. Every part may be left to the card's own settings.
struct open_channel {
    bool tcp = false;                          ///< of `port`: UDP or TCP, to a remote server
    std::optional<std::uint16_t> port;         ///< of the server
    std::optional<wire::octets> address;       ///< of the server: 4 octets of IPv4 or 16 of IPv6
    std::optional<std::uint16_t> buffer_size;  ///< octets
    std::optional<wire::octets> bearer;        ///< bearer description, such as 03 for the default bearer
    std::string access_name;                   ///< APN as dotted text; empty: left out
    std::string login, password;               ///< both empty: left out
    std::vector<tlv> others;                   ///< objects of other tags, in their order
    bool operator==(const open_channel&) const = default;
};

/// P2 02: establish a CAT_TP link on the channel.
struct link_request {
    std::uint16_t port = 0;                ///< CAT_TP destination port
    std::optional<std::uint16_t> max_sdu;  ///< octets
    wire::octets identification;           ///< empty: left out; the card then takes its ICCID
    std::vector<tlv> others;
    bool operator==(const link_request&) const = default;
};

/// P2 03: open a channel and a TCP connection through it. Port and address must be there, and tcp true.
struct tcp_connection {
    open_channel channel;
    bool operator==(const tcp_connection&) const = default;
};

/// P2 04: send the identification packet on an open TCP connection.
struct identification_packet {
    wire::octets identification;  ///< empty: left out; the card then takes its ICCID
    std::vector<tlv> others;
    bool operator==(const identification_packet&) const = default;
};

using command = std::variant<open_channel, link_request, tcp_connection, identification_packet>;

/// The whole C-APDU, without Le. Refuses what breaks a rule of the command (`bad_push`), and what no short C-APDU holds
/// (`too_long`).
[[nodiscard]] wire::result<wire::octets> serialize(const command&);

/// Objects may come in any order, with or without the bit that requires comprehension; an access name as labels of the
/// DNS or as plain text. A card answers any error with 6A80.
[[nodiscard]] wire::result<command> parse(wire::octet_view apdu);

}  // namespace ota::secure_channel::push
