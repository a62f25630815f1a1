#include "gateway/campaigns/calendar.hpp"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace ota::campaigns {

namespace {

using std::chrono::minutes;
constexpr std::chrono::milliseconds step = minutes(15);

/// The database is read once, and from memory afterwards. Nothing: no such zone, or no database.
const date::time_zone* find_zone(std::string_view name) {
    try {
        return date::locate_zone(std::string(name));
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

/// A zone, or UTC where there is none.
class wall {
public:
    explicit wall(std::string_view zone) : zone_(find_zone(zone)) {}

    [[nodiscard]] date::local_time<std::chrono::milliseconds> read(wall_time t) const {
        return zone_ != nullptr ? zone_->to_local(t)
                                : date::local_time<std::chrono::milliseconds>(t.time_since_epoch());
    }
    /// A reading that the clock passes over is the moment at which it is put forward; one that it shows twice has two
    /// moments.
    [[nodiscard]] wall_time moment(date::local_time<minutes> reading, date::choose which) const {
        if (zone_ == nullptr) return wall_time(reading.time_since_epoch());
        return std::chrono::time_point_cast<std::chrono::milliseconds>(zone_->to_sys(reading, which));
    }
    /// When the clock is put forward or back next.
    [[nodiscard]] std::optional<wall_time> next_change(wall_time t) const {
        if (zone_ == nullptr) return std::nullopt;
        const auto end = zone_->get_info(std::chrono::floor<std::chrono::seconds>(t)).end;
        return end - t > std::chrono::hours(24 * 30) ? std::nullopt : std::optional<wall_time>(end);
    }

private:
    const date::time_zone* zone_;
};

bool has_day(const day_hours& h, date::local_days day) {
    return (h.days >> (date::weekday(day).iso_encoding() - 1) & 1) != 0;
}

bool covers(const day_hours& h, date::local_time<std::chrono::milliseconds> reading) {
    const auto day = date::floor<date::days>(reading);
    const auto since = reading - day;
    if (h.from <= h.to) return since >= h.from && since < h.to && has_day(h, day);
    return (since >= h.from && has_day(h, day)) || (since < h.to && has_day(h, day - date::days(1)));
}

bool is_open(const opening& o, const wall& clock, wall_time t) {
    const auto reading = clock.read(t);
    return (!o.window || covers(*o.window, reading)) && (!o.quiet || !covers(*o.quiet, reading));
}

wall_time midnight(const wall& clock, wall_time t, date::days later) {
    return clock.moment(date::floor<date::days>(clock.read(t)) + later, date::choose::earliest);
}

}  // namespace

bool is_zone(std::string_view name) { return find_zone(name) != nullptr; }

bool is_open(const opening& o, std::string_view zone, wall_time t) { return o.always() || is_open(o, wall(zone), t); }

std::optional<wall_time> next_opening(const opening& o, std::string_view zone, wall_time t) {
    if (o.always()) return t;
    const wall clock(zone);
    if (is_open(o, clock, t)) return t;
    std::vector<wall_time> edges;
    const auto today = date::floor<date::days>(clock.read(t));
    for (auto day = today - date::days(1); day <= today + date::days(10); day += date::days(1)) {
        for (const auto edge :
             {minutes(0), o.window ? o.window->from : minutes(0), o.quiet ? o.quiet->to : minutes(0)}) {
            for (const auto which : {date::choose::earliest, date::choose::latest})
                edges.push_back(clock.moment(day + edge, which));
        }
    }
    for (auto change = clock.next_change(t); change && *change <= edges.back(); change = clock.next_change(*change))
        edges.push_back(*change);
    std::ranges::sort(edges);
    const auto first = std::ranges::find_if(edges, [&](wall_time edge) { return edge > t && is_open(o, clock, edge); });
    return first == edges.end() ? std::nullopt : std::optional(*first);
}

wall_time day_begins(std::string_view zone, wall_time t) { return midnight(wall(zone), t, date::days(0)); }
wall_time next_day(std::string_view zone, wall_time t) { return midnight(wall(zone), t, date::days(1)); }

std::chrono::milliseconds open_time(const opening& o, std::string_view zone, wall_time from, wall_time to) {
    if (o.always()) return std::max(to - from, std::chrono::milliseconds(0));
    const wall clock(zone);
    std::chrono::milliseconds sum{0};
    for (auto t = from; t < to; t += step) {
        if (is_open(o, clock, t)) sum += std::min(step, to - t);
    }
    return sum;
}

std::optional<wall_time> after_open_time(const opening& o, std::string_view zone, wall_time from,
                                         std::chrono::milliseconds needed) {
    if (o.always()) return from + needed;
    const wall clock(zone);
    for (auto t = from; t < from + std::chrono::hours(24 * 730); t += step) {
        if (!is_open(o, clock, t)) continue;
        if (needed <= step) return t + needed;
        needed -= step;
    }
    return std::nullopt;
}

}  // namespace ota::campaigns
