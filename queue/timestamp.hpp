#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Points in time as RFC 3339 text.
namespace ota::queue {

/// "2026-03-01T12:00:00Z", with any fraction (cut to milliseconds) and any offset; empty when it is not RFC 3339. A
/// leap second is taken as the second after it. Years 0000 to 9999.
[[nodiscard]] std::optional<std::chrono::sys_time<std::chrono::milliseconds>> parse_timestamp(
    std::string_view) noexcept;
/// In UTC with milliseconds: "2026-03-01T12:00:00.000Z".
[[nodiscard]] std::string serialize_timestamp(std::chrono::sys_time<std::chrono::milliseconds>);

}  // namespace ota::queue
