#pragma once

#include "secure-channel/wire/octets.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Base64 with padding [RFC 4648, 4].
namespace ota::queue {

[[nodiscard]] std::string to_base64(wire::octet_view);
/// Empty for any character outside the alphabet, missing padding or set bits behind the end.
[[nodiscard]] std::optional<wire::octets> from_base64(std::string_view);
/// Whether from_base64 would take it.
[[nodiscard]] bool is_base64(std::string_view) noexcept;

}  // namespace ota::queue
