#pragma once

#include "secure-channel/security_header.hpp"

namespace ota::secure_channel {

struct command_header {
    security_parameters spi;
    key_identifier kic;
    key_identifier kid;
    toolkit_reference tar;
    replay_counter cntr;
};

/// Makes the command packet, from CPL on. Refuses DS, unknown algorithms, keys that do not fit.
[[nodiscard]] wire::result<wire::octets> seal_command(const command_header&, wire::octet_view data, const key_set&);

struct opened_command {
    command_header header;
    std::uint8_t pcntr = 0;
    wire::octets data;
    verification integrity = verification::not_asked;
};

/// The header's clear part alone (TAR, SPI, KIc, KID), for a receiver that has yet to find the keys. cntr stays 0.
[[nodiscard]] wire::result<command_header> peek_command(wire::octet_view packet);
/// Opens a command packet from CPL on. A failed check is a value (`mismatch`), a malformed packet an error.
[[nodiscard]] wire::result<opened_command> open_command(wire::octet_view packet, const key_set&);

/// Octets of secured data that fit a packet of `packet_length` octets (CPL included) under these parameters.
[[nodiscard]] std::size_t data_capacity(std::size_t packet_length, security_parameters, key_identifier kic, key_identifier kid,
                                        std::uint8_t mac_length) noexcept;

}  // namespace ota::secure_channel
