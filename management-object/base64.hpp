#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ota::management_object {

/// RFC 4648 clause 4, padded, in one line.
[[nodiscard]] std::string to_base64(std::string_view octets);
/// The octets; white space is passed over, padding is required, unused bits are zero. Nothing when it is not Base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view);

}  // namespace ota::management_object
