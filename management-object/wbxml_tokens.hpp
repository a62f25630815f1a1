#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstddef>
#include <cstdint>

/// Global tokens and the multi-byte integer of WBXML 1.3 (clauses 5.1 and 7.1).
namespace ota::management_object::token {

inline constexpr std::uint8_t switch_page = 0x00, end = 0x01, entity = 0x02, str_i = 0x03, literal = 0x04, str_t = 0x83,
                              opaque = 0xC3;
inline constexpr std::uint8_t has_attributes = 0x80, has_content = 0x40, tag_mask = 0x3F;
inline constexpr std::uint8_t version_1_1 = 0x01, version_1_3 = 0x03;
inline constexpr std::uint32_t us_ascii = 3, utf_8 = 106;  // MIBenum

/// mb_u_int32: 7 bits an octet, most significant first, all but the last marked. `width` octets when given: leading
/// ones are 80.
inline void put_number(wire::writer& out, std::uint32_t value, std::size_t width = 0) {
    std::size_t needed = 1;
    while (needed < 5 && value >> (7 * needed) != 0) ++needed;
    for (std::size_t i = width > needed ? width : needed; i-- > 0;) {
        const auto bits = i < 5 ? value >> (7 * i) & 0x7F : 0;
        out.u8(bits | (i == 0 ? 0 : 0x80));
    }
}

}  // namespace ota::management_object::token
