#pragma once

#include <string>
#include <string_view>

/// JSON written by hand, for the texts that are made once per event.
namespace ota::queue {

/// Appends `text` as a JSON string with its quotation marks. Octets that are not UTF-8 become U+FFFD: what is written
/// can be read.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view) noexcept;

}  // namespace ota::queue
