#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace ota::ops {

enum class level : std::uint8_t { debug, info, warning, error, off };

/// "debug", "info", "warning", "error" or "off"; nothing for any other text.
std::optional<level> parse_level(std::string_view name);

/// One key and value of a log line. The text must live until the line is written; never a key, PIN, password or
/// protected value (R24).
struct field {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

    field(std::string_view k, std::string_view v) : key(k), value(v) {}
    field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    field(std::string_view k, bool v) : key(k), value(v) {}
    field(std::string_view k, std::floating_point auto v) : key(k), value(static_cast<double>(v)) {}
    field(std::string_view k, std::signed_integral auto v) : key(k), value(static_cast<std::int64_t>(v)) {}
    field(std::string_view k, std::unsigned_integral auto v) : key(k), value(static_cast<std::uint64_t>(v)) {}
};

using fields = std::initializer_list<field>;

/// Structured log, one JSON object a line:
///     {"time":"2026-01-31T12:00:00.123Z","level":"info","message":"...","event":"...","card":"...", ...}
/// The fields `event` (event id) and `card` (ICCID) tie a line to what it is about. Any thread may write.
class log {
public:
    using sink = std::function<void(std::string_view line)>;  ///< gets a whole line with its end; never two at once
    using clock = std::function<std::chrono::system_clock::time_point()>;

    /// Writes to stderr, one write(2) a line.
    explicit log(level lowest = level::info);
    log(level lowest, sink to, clock now);

    void set_level(level lowest) { lowest_.store(lowest, std::memory_order_relaxed); }
    /// From now on ICCIDs, numbers and addresses of devices show their last four digits only: the fields `card`,
    /// `msisdn` and `device` whole, elsewhere every run of 8 digits or more. The ids `event` and `source`, which tie
    /// lines together, lose only ICCIDs.
    void set_mask_cards(bool mask) { mask_cards_.store(mask, std::memory_order_relaxed); }

    [[nodiscard]] bool enabled(level at) const { return at >= lowest_.load(std::memory_order_relaxed); }

    void debug(std::string_view message, fields f = {}) {
        if (enabled(level::debug)) write(level::debug, message, f);
    }
    void info(std::string_view message, fields f = {}) {
        if (enabled(level::info)) write(level::info, message, f);
    }
    void warning(std::string_view message, fields f = {}) {
        if (enabled(level::warning)) write(level::warning, message, f);
    }
    void error(std::string_view message, fields f = {}) {
        if (enabled(level::error)) write(level::error, message, f);
    }

private:
    void write(level at, std::string_view message, fields f);

    std::atomic<level> lowest_;
    std::atomic<bool> mask_cards_{false};
    sink sink_;
    clock clock_;
    std::mutex writing_;
};

}  // namespace ota::ops
