#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>

namespace ota::sandbox {

/// A command APDU as it stands in a script: CLA INS P1 P2 [P3 [data [Le]]]. Views into the script.
struct apdu {
    std::uint8_t cla = 0;
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    std::uint8_t p3 = 0;
    wire::octet_view body;  ///< after P3

    [[nodiscard]] std::uint16_t p1_p2() const noexcept { return static_cast<std::uint16_t>(p1 << 8 | p2); }
    /// The P3 octets after P3, where P3 is a length of data; nothing when they are not there, or more than an Le
    /// follows.
    [[nodiscard]] std::optional<wire::octet_view> data() const noexcept {
        if (body.size() != p3 && body.size() != p3 + 1U) return std::nullopt;
        return body.first(p3);
    }
};

/// At least 4 octets, as `parse_script` grants.
[[nodiscard]] inline apdu read_apdu(wire::octet_view in) noexcept {
    wire::reader r(in);
    apdu out;
    out.cla = r.u8();
    out.ins = r.u8();
    out.p1 = r.u8();
    out.p2 = r.u8();
    if (r.remaining() != 0) out.p3 = r.u8();
    out.body = r.rest();
    return out;
}

/// The instructions that the card knows [TS 102 221, 10.1.2].
namespace instruction {
inline constexpr std::uint8_t deactivate_file = 0x04;
inline constexpr std::uint8_t terminal_profile = 0x10;  // class 80, as the three below [TS 102 221, 11.2]
inline constexpr std::uint8_t fetch = 0x12;
inline constexpr std::uint8_t terminal_response = 0x14;
inline constexpr std::uint8_t envelope = 0xC2;
inline constexpr std::uint8_t verify_pin = 0x20;
inline constexpr std::uint8_t activate_file = 0x44;
inline constexpr std::uint8_t manage_channel = 0x70;
inline constexpr std::uint8_t select = 0xA4;
inline constexpr std::uint8_t read_binary = 0xB0;
inline constexpr std::uint8_t read_record = 0xB2;
inline constexpr std::uint8_t get_response = 0xC0;
inline constexpr std::uint8_t retrieve_data = 0xCB;  // class 80 [TS 102 221, 11.3.1]
inline constexpr std::uint8_t resize_file = 0xD4;    // class 80 [TS 102 222, 6.10]
inline constexpr std::uint8_t update_binary = 0xD6;
inline constexpr std::uint8_t set_data = 0xDB;  // class 80 [TS 102 221, 11.3.2]
inline constexpr std::uint8_t update_record = 0xDC;
inline constexpr std::uint8_t create_file = 0xE0;  // [TS 102 222, 6.3]
inline constexpr std::uint8_t delete_file = 0xE4;  // [TS 102 222, 6.4]
inline constexpr std::uint8_t status = 0xF2;
}  // namespace instruction

}  // namespace ota::sandbox
