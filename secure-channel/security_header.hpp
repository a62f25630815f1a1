#pragma once

#include "secure-channel/crypto.hpp"
#include "secure-channel/errc.hpp"
#include "secure-channel/wire/octets.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ota::secure_channel {

/// Integrity of a packet: SPI1 b2b1 for commands, SPI2 b4b3 for proofs of receipt [TS 102 225, 5.1.1].
enum class integrity : std::uint8_t { none, redundancy_check, cryptographic_checksum, digital_signature };
/// SPI1 b5b4.
enum class counter_mode : std::uint8_t { ignored, not_checked, higher, exactly_one_higher };
/// SPI2 b2b1.
enum class por_request : std::uint8_t { none, always, on_error, reserved };

/// SPI, both octets, with their fields read off the octets (an unknown bit survives a round trip).
struct security_parameters {
    std::uint8_t spi1 = 0;
    std::uint8_t spi2 = 0;

    [[nodiscard]] integrity command_integrity() const noexcept { return static_cast<integrity>(spi1 & 3); }
    [[nodiscard]] bool command_ciphered() const noexcept { return spi1 & 4; }
    [[nodiscard]] counter_mode counter() const noexcept { return static_cast<counter_mode>(spi1 >> 3 & 3); }
    [[nodiscard]] por_request por() const noexcept { return static_cast<por_request>(spi2 & 3); }
    [[nodiscard]] integrity por_integrity() const noexcept { return static_cast<integrity>(spi2 >> 2 & 3); }
    [[nodiscard]] bool por_ciphered() const noexcept { return spi2 & 0x10; }
    [[nodiscard]] bool por_by_submit() const noexcept { return spi2 & 0x20; }
    auto operator<=>(const security_parameters&) const = default;
};

/// KIc or KID: key version in the high nibble, algorithm in the low one [TS 102 225, 5.1.2 and 5.1.3].
struct key_identifier {
    std::uint8_t octet = 0;
    [[nodiscard]] std::uint8_t key_version() const noexcept { return octet >> 4; }
    [[nodiscard]] std::uint8_t algorithm() const noexcept { return octet & 15; }
    auto operator<=>(const key_identifier&) const = default;
};

/// The cipher that a KIc names, or nothing (implicit, proprietary, reserved).
[[nodiscard]] std::optional<cipher> cipher_of(key_identifier kic) noexcept;
/// The MAC that a KID names when a CC is asked, or nothing.
[[nodiscard]] std::optional<mac> mac_of(key_identifier kid) noexcept;
/// Octets of the redundancy check that a KID names: 2 (CRC-16, nibble 1) or 4 (CRC-32, nibbles 5 and 0).
[[nodiscard]] std::optional<std::size_t> redundancy_check_length(key_identifier kid) noexcept;

struct toolkit_reference {
    std::array<std::uint8_t, 3> octets{};
    auto operator<=>(const toolkit_reference&) const = default;
};

/// 40 bits.
struct replay_counter {
    static constexpr std::uint64_t highest = 0xFF'FFFF'FFFF;
    std::uint64_t value = 0;
    auto operator<=>(const replay_counter&) const = default;
};

/// Response status code [TS 102 225, 5.2.1].
enum class response_status : std::uint8_t {
    por_ok = 0x00,
    integrity_failed = 0x01,
    counter_low = 0x02,
    counter_high = 0x03,
    counter_blocked = 0x04,
    ciphering_error = 0x05,
    unidentified_security_error = 0x06,
    insufficient_memory = 0x07,
    more_time = 0x08,
    tar_unknown = 0x09,
    insufficient_security_level = 0x0A,
    follows_by_submit = 0x0B,
    follows_by_ussd = 0x0C,
};
[[nodiscard]] std::string_view describe(response_status) noexcept;
/// 08, 0B and 0C announce the real answer.
[[nodiscard]] constexpr bool is_interim(response_status s) noexcept {
    return s == response_status::more_time || s == response_status::follows_by_submit ||
           s == response_status::follows_by_ussd;
}

/// What became of the integrity check of a received packet.
enum class verification : std::uint8_t {
    not_asked,  ///< SPI asked for none
    verified,
    mismatch,   ///< present, and wrong
    unsecured,  ///< asked for, and absent
};

}  // namespace ota::secure_channel
