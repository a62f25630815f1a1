#pragma once

#include "sandbox/uicc/apdu.hpp"
#include "sandbox/uicc/channel_objects.hpp"

#include <variant>

/// PUSH, as a card reads it: 80 EC 01 P2 in a remote script [TS 102 226, 9].
namespace ota::sandbox {

/// P2 01 (UDP) and 03 (TCP): open a channel.
struct channel_order {
    channel_request channel;
    bool operator==(const channel_order&) const = default;
};
/// P2 02: a CAT_TP link over the channel.
struct link_order {
    std::uint16_t port = 0;  ///< of CAT_TP, the server's
    std::optional<std::uint16_t> largest_sdu;
    std::optional<wire::octets> identification;  ///< else EF(ICCID)
    bool operator==(const link_order&) const = default;
};
/// P2 04: who the card is, first thing on a TCP connection.
struct identification_order {
    std::optional<wire::octets> identification;
    bool operator==(const identification_order&) const = default;
};
using push_order = std::variant<channel_order, link_order, identification_order>;

inline constexpr std::uint8_t push_class = 0x80, push_instruction = 0xEC;
[[nodiscard]] constexpr bool is_push(const apdu& command) noexcept {
    return command.cla == push_class && command.ins == push_instruction;
}

/// The order, or the status word that refuses it.
[[nodiscard]] std::variant<std::uint16_t, push_order> read_push(const apdu&);

}  // namespace ota::sandbox
