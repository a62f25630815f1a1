#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ota::queue::kafka {

/// 64 bits by which a record is known again: of its timestamp, key and payload. Never 0. Stored in the database: this
/// never changes.
[[nodiscard]] std::uint64_t record_mark(std::int64_t timestamp_ms, std::optional<std::string_view> key,
                                        std::optional<std::string_view> payload) noexcept;

}  // namespace ota::queue::kafka
