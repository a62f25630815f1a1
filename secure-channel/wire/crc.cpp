#include "secure-channel/wire/crc.hpp"

#include <array>

namespace ota::wire {

namespace {

template <class Register>
consteval std::array<Register, 256> table(Register reflected_polynomial) {
    std::array<Register, 256> out{};
    for (unsigned i = 0; i < 256; ++i) {
        auto value = static_cast<Register>(i);
        for (int bit = 0; bit < 8; ++bit)
            value = static_cast<Register>(value & 1 ? value >> 1 ^ reflected_polynomial : value >> 1);
        out[i] = value;
    }
    return out;
}

constexpr auto table16 = table<std::uint16_t>(0x8408);
constexpr auto table32 = table<std::uint32_t>(0xEDB88320);

template <class Register>
Register run(const std::array<Register, 256>& t, Register value, octet_view in) noexcept {
    for (auto octet : in) value = static_cast<Register>(value >> 8 ^ t[(value ^ octet) & 0xFF]);
    return value;
}

}  // namespace

std::uint16_t crc16(octet_view head, octet_view tail) noexcept {
    const auto value = run(table16, run(table16, std::uint16_t{0xFFFF}, head), tail);
    return static_cast<std::uint16_t>(~value);
}

std::uint32_t crc32(octet_view head, octet_view tail) noexcept {
    return ~run(table32, run(table32, std::uint32_t{0xFFFFFFFF}, head), tail);
}

}  // namespace ota::wire
