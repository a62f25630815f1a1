#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// When a subscriber may get something, by the clock on his wall.
namespace ota::campaigns {

using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// A span of the day, [from, to); `to` before `from`: over midnight. Minutes since midnight, to 24:00.
struct day_hours {
    std::chrono::minutes from{0}, to{std::chrono::hours(24)};
    std::uint8_t days = 0x7F;  ///< bit 0 Monday .. bit 6 Sunday: of the day on which the span begins
    bool operator==(const day_hours&) const = default;
};

struct opening {
    std::optional<day_hours> window;  ///< only then
    std::optional<day_hours> quiet;   ///< and never then
    [[nodiscard]] bool always() const noexcept { return !window && !quiet; }
    bool operator==(const opening&) const = default;
};

/// Is it a zone of the IANA database of this machine ("Europe/Berlin")?
[[nodiscard]] bool is_zone(std::string_view name);

/// In these the zone has to be known (is_zone); one that is not counts as UTC.
[[nodiscard]] bool is_open(const opening&, std::string_view zone, wall_time);
/// The moment itself when it is open then; nothing: never in the ten days behind it.
[[nodiscard]] std::optional<wall_time> next_opening(const opening&, std::string_view zone, wall_time);
/// The first moment of the local day, and of the next one. A day may have 23 or 25 hours.
[[nodiscard]] wall_time day_begins(std::string_view zone, wall_time);
[[nodiscard]] wall_time next_day(std::string_view zone, wall_time);

/// Time of [from, to) that is open there, in steps of a quarter of an hour.
[[nodiscard]] std::chrono::milliseconds open_time(const opening&, std::string_view zone, wall_time from, wall_time to);
/// When so much open time has gone by since `from`, in the same steps; nothing: not within two years.
[[nodiscard]] std::optional<wall_time> after_open_time(const opening&, std::string_view zone, wall_time from,
                                                       std::chrono::milliseconds needed);

}  // namespace ota::campaigns
