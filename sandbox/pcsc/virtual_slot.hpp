#pragma once

#include "sandbox/uicc/terminal_channel.hpp"

#include <cstdint>

/// A virtual card's end of the reader driver vpcd (vsmartcard): it connects to the driver, which stands in the PC/SC
/// daemon and forwards what the reader's users want.
namespace ota::sandbox {

/// What the card answers to a reset [ISO/IEC 7816-3, 8; TS 102 221, 6.3]: T=0, classes A to C; selection by name, path
/// and identifier, EF(DIR) in records, four logical channels.
[[nodiscard]] wire::octets answer_to_reset();

/// The conversation with the driver, as a value. Both ways
///     | length | message |        length 1: power off 00, power on 01, reset 02, tell the ATR 04; not answered but for
///     the ATR |   2    | length  |        longer: a command APDU, answered with the card's answer
class virtual_slot {
public:
    /// The card outlives this.
    explicit virtual_slot(terminal_channel& card) : card_(card) {}

    /// What goes back for what came; messages may come in any pieces.
    [[nodiscard]] wire::octets on_octets(wire::octet_view);
    /// A new connection: what came of the old one is forgotten, the card has no power.
    void on_connected();
    /// Command APDUs so far.
    [[nodiscard]] std::uint64_t commands() const noexcept { return commands_; }

private:
    void on_message(wire::octet_view, wire::writer& out);
    void on_control(std::uint8_t, wire::writer& out);

    terminal_channel& card_;
    wire::octets came_;
    std::uint64_t commands_ = 0;
};

}  // namespace ota::sandbox
