#include "sandbox/explorer/printed_text.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace {

constexpr std::size_t octets_a_line = 16;

bool is_ascii_text(std::uint8_t c) noexcept { return c >= 0x20 && c < 0x7F; }

std::string escaped(std::uint8_t c) { return "\\x" + wire::to_hex(wire::octets{c}); }

/// Octets of the UTF-8 character at the front, 0 when it is none or a control character (U+0080 to U+009F).
std::size_t character_length(std::string_view text) noexcept {
    const auto lead = static_cast<std::uint8_t>(text.front());
    const std::size_t length = lead >= 0xF0 && lead < 0xF5   ? 4
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                                                             : 0;
    if (length == 0 || text.size() < length) return 0;
    const bool whole = std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length),
                                   [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; });
    const bool control = lead == 0xC2 && static_cast<std::uint8_t>(text[1]) < 0xA0;
    return whole && !control ? length : 0;
}

std::size_t width_of(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto first = static_cast<std::uint8_t>(text.front());
        auto length = is_ascii_text(first) ? 1 : character_length(text);
        if (length == 0) {
            out += escaped(first);
            length = 1;
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return out;
}

std::string hex_lines(wire::octet_view octets, std::size_t first_offset) {
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += octets_a_line) {
        const auto line = octets.subspan(at, std::min(octets_a_line, octets.size() - at));
        out += file_text(static_cast<std::uint16_t>(first_offset + at)) + " ";
        std::string characters;
        for (std::size_t i = 0; i < octets_a_line; ++i) {
            out += i < line.size() ? " " + wire::to_hex(line.subspan(i, 1)) : "   ";
            if (i < line.size()) characters += is_ascii_text(line[i]) ? static_cast<char>(line[i]) : '.';
        }
        out += "  " + characters + "\n";
    }
    return out;
}

std::string columns(const std::vector<std::vector<std::string>>& lines) {
    std::vector<std::size_t> widths;
    for (const auto& line : lines) {
        widths.resize(std::max(widths.size(), line.size()));
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
    }
    std::string out;
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i)
            text += line[i] + std::string(widths[i] - width_of(line[i]) + 2, ' ');
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    return out;
}

std::string file_text(std::uint16_t identifier) { return wire::to_hex(wire::writer().u16(identifier).take()); }

}  // namespace ota::sandbox
