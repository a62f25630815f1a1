#pragma once

#include "secure-channel/wire/octets.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ota::sandbox {

/// Text of a card for a terminal: what is no printable character, and every octet that is not ASCII or UTF-8 text, is
/// escaped as \xHH, so that a card cannot steer the terminal.
[[nodiscard]] std::string printable(std::string_view);
/// Sixteen octets a line: offset, octets, characters.
[[nodiscard]] std::string hex_lines(wire::octet_view, std::size_t first_offset);
/// Lines of cells as columns, each as wide as its widest; the last one is not filled up.
[[nodiscard]] std::string columns(const std::vector<std::vector<std::string>>& lines);
/// "6432", four digits.
[[nodiscard]] std::string file_text(std::uint16_t identifier);

}  // namespace ota::sandbox
