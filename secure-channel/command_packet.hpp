#pragma once

#include "secure-channel/packet_frame.hpp"
#include "secure-channel/security_header.hpp"

namespace ota::secure_channel {

struct command_header {
    security_parameters spi;
    key_identifier kic;
    key_identifier kid;
    toolkit_reference tar;
    replay_counter cntr;
};

/// Makes the command packet, from CPL on over short messages, from CPI on over data bearers. Refuses DS, unknown
/// algorithms, keys that do not fit.
[[nodiscard]] wire::result<wire::octets> seal_command(const command_header&, wire::octet_view data, const key_set&,
                                                      framing = framing::short_message);

struct opened_command {
    command_header header;
    std::uint8_t pcntr = 0;
    wire::octets data;
    verification integrity = verification::not_asked;
};

/// The header's clear part alone (TAR, SPI, KIc, KID), for a receiver that has yet to find the keys. cntr stays 0.
[[nodiscard]] wire::result<command_header> peek_command(wire::octet_view packet, framing = framing::short_message);
/// Opens a command packet, from CPL or CPI on. A failed check is a value (`mismatch`), a malformed packet an error.
/// Over data bearers a check with the identifier and one without are taken, whichever framing is named.
[[nodiscard]] wire::result<opened_command> open_command(wire::octet_view packet, const key_set&,
                                                        framing = framing::short_message);

/// Octets of secured data that fit a packet of `packet_length` octets (CPL, and CPI where there is one, included) under
/// these parameters.
[[nodiscard]] std::size_t data_capacity(std::size_t packet_length, security_parameters, key_identifier kic,
                                        key_identifier kid, std::uint8_t mac_length,
                                        framing = framing::short_message) noexcept;

}  // namespace ota::secure_channel
