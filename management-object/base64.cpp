#include "management-object/base64.hpp"

#include <cstdint>

namespace ota::management_object {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view octets) {
    std::string out;
    out.reserve((octets.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        const auto part = octets.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8 | (i < part.size() ? static_cast<std::uint8_t>(part[i]) : 0u);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= part.size() ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
        }
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    unsigned held = 0, characters = 0, padding = 0;
    for (const char c : text) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        ++characters;
        if (c == '=') {
            ++padding;
            continue;
        }
        const auto six = alphabet.find(c);
        if (six == std::string_view::npos || padding != 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(six);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out += static_cast<char>(bits >> held);
        bits &= (1u << held) - 1;
    }
    if (characters % 4 != 0 || padding > 2 || bits != 0) return std::nullopt;
    return out;
}

}  // namespace ota::management_object
