#pragma once

#include "secure-channel/security_header.hpp"

#include <span>

/// The redundancy check (RC) or cryptographic checksum (CC) of a packet, the same in both directions.
namespace ota::secure_channel {

inline constexpr std::size_t longest_check = 8;  ///< octets

/// Octets of the RC or CC. `digital_signature` for DS, `unsupported_algorithm` when KID names none, `bad_key` for a
/// mac_length other than 4 or 8.
[[nodiscard]] wire::result<std::size_t> check_length(integrity, key_identifier kid, std::uint8_t mac_length) noexcept;

/// Fills `out`, whose size is the length of the RC (2 or 4) or CC (4 or 8), with the check over head and tail.
[[nodiscard]] wire::result<void> make_check(integrity, key_identifier kid, const key_set&, wire::octet_view head,
                                            wire::octet_view tail, std::span<std::uint8_t> out);

/// Compares a received check in constant time: `verified` or `mismatch`.
[[nodiscard]] wire::result<verification> verify_check(integrity, key_identifier kid, const key_set&,
                                                      wire::octet_view head, wire::octet_view tail,
                                                      wire::octet_view received);

/// Padding octets that make `length` a multiple of the cipher's block: zero when it already is.
[[nodiscard]] constexpr std::size_t padding_for(std::size_t length, std::size_t block) noexcept {
    return (block - length % block) % block;
}

}  // namespace ota::secure_channel
