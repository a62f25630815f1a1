#include "management-object/alpha_identifier.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

// TS 23.038 6.2.1: the position is the code. 1B announces the extension table.
constexpr std::u32string_view default_alphabet =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1B"
    U"ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
static_assert(default_alphabet.size() == 128);

constexpr std::uint8_t escape = 0x1B;

struct extension {
    char32_t character;
    std::uint8_t code;
};
// TS 23.038 6.2.1.1
constexpr extension extensions[] = {{U'\f', 0x0A}, {U'^', 0x14}, {U'{', 0x28}, {U'}', 0x29}, {U'\\', 0x2F},
                                    {U'[', 0x3C},  {U'~', 0x3D}, {U']', 0x3E}, {U'|', 0x40}, {U'€', 0x65}};

std::optional<wire::octets> in_default_alphabet(const std::u32string& text) {
    wire::octets out;
    for (auto c : text) {
        const auto code = default_alphabet.find(c);
        if (code != std::u32string_view::npos && code != escape) {
            out.push_back(static_cast<std::uint8_t>(code));
            continue;
        }
        const auto* found =
            std::find_if(std::begin(extensions), std::end(extensions), [&](auto& e) { return e.character == c; });
        if (found == std::end(extensions)) return std::nullopt;
        out.push_back(escape);
        out.push_back(found->code);
    }
    return out;
}

std::optional<wire::octets> in_ucs2(const std::u32string& text) {
    wire::writer out;
    out.u8(0x80);
    for (auto c : text) {
        if (c > 0xFFFF) return std::nullopt;
        out.u16(c);
    }
    return out.take();
}

}  // namespace

std::optional<std::u32string> code_points(std::string_view utf8) {
    std::u32string out;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto first = static_cast<std::uint8_t>(utf8[i]);
        const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || utf8.size() - i < length) return std::nullopt;
        char32_t c = length == 1 ? first : first & (0x7Fu >> length);
        for (std::size_t k = 1; k < length; ++k) {
            const auto next = static_cast<std::uint8_t>(utf8[i + k]);
            if ((next & 0xC0) != 0x80) return std::nullopt;
            c = c << 6 | (next & 0x3Fu);
        }
        const bool overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
        if (overlong || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return std::nullopt;
        out.push_back(c);
        i += length;
    }
    return out;
}

wire::result<wire::octets> make_alpha_identifier(std::string_view utf8, std::size_t room) {
    const auto text = code_points(utf8);
    if (!text) return errc::value_malformed;
    auto coded = in_default_alphabet(*text);
    if (!coded) coded = in_ucs2(*text);
    if (!coded) return errc::value_malformed;
    if (coded->size() > room) return errc::value_too_long;
    coded->resize(room, 0xFF);
    return std::move(*coded);
}

}  // namespace ota::management_object
