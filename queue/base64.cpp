#include "queue/base64.hpp"

#include <array>

namespace ota::queue {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return table;
}();

int value_of(char c) noexcept { return values[static_cast<unsigned char>(c)]; }

std::size_t padding_of(std::string_view text) noexcept {
    if (text.ends_with("==")) return 2;
    return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::string to_base64(wire::octet_view in) {
    std::string out;
    out.reserve((in.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < in.size(); i += 3) {
        const std::size_t n = std::min<std::size_t>(3, in.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < n ? in[i + k] : 0);
        for (std::size_t k = 0; k < 4; ++k) out += k <= n ? alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

bool is_base64(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return false;
    const auto padding = padding_of(text);
    text.remove_suffix(padding);
    for (char c : text)
        if (value_of(c) < 0) return false;
    // The bits that the padding leaves over must be zero, else two texts would stand for the same octets.
    if (padding != 0 && text.empty()) return false;
    return padding == 0 || (value_of(text.back()) & (padding == 1 ? 0x03 : 0x0f)) == 0;
}

std::optional<wire::octets> from_base64(std::string_view text) {
    if (!is_base64(text)) return std::nullopt;
    text.remove_suffix(padding_of(text));
    wire::octets out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t group = 0;
    int bits = 0;
    for (char c : text) {
        group = group << 6 | static_cast<std::uint32_t>(value_of(c));
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out.push_back(static_cast<std::uint8_t>(group >> bits));
    }
    return out;
}

}  // namespace ota::queue
