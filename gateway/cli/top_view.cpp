#include "gateway/cli/top_view.hpp"

#include "queue/timestamp.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace ota::cli {

namespace {

constexpr std::size_t bar_width = 20, most_reasons = 6;

std::string grouped(double value) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.0f", value);
    std::string text = digits;
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (text.front() == '-' ? 1 : 0); at -= 3)
        text.insert(static_cast<std::size_t>(at), 1, ',');
    return text;
}

std::string period(double seconds) {
    char text[32];
    if (seconds < 1) {
        std::snprintf(text, sizeof text, seconds < 0.01 ? "%.1f ms" : "%.0f ms", seconds * 1000);
    } else if (seconds < 120) {
        std::snprintf(text, sizeof text, "%.1f s", seconds);
    } else if (seconds < 7200) {
        std::snprintf(text, sizeof text, "%.0f min", seconds / 60);
    } else if (seconds < 172'800) {
        std::snprintf(text, sizeof text, "%.1f h", seconds / 3600);
    } else {
        std::snprintf(text, sizeof text, "%.1f d", seconds / 86'400);
    }
    return text;
}

std::string period(const std::optional<double>& seconds) { return seconds ? period(*seconds) : "-"; }

std::string padded(std::string text, std::size_t width, bool right = false) {
    if (text.size() < width) text.insert(right ? 0 : text.size(), width - text.size(), ' ');
    return text;
}

std::string bar(double used, double of) {
    const auto share = of > 0 ? std::clamp(used / of, 0.0, 1.0) : 0;
    const auto full = static_cast<std::size_t>(share * bar_width + 0.5);
    return '[' + std::string(full, '#') + std::string(bar_width - full, '.') + ']';
}

/// Names with figures, side by side.
std::string row(const std::string& title, const std::vector<std::pair<std::string, std::string>>& cells) {
    std::string line = padded(title, 12);
    for (const auto& [name, value] : cells) line += padded(name + ' ' + value, 18) + ' ';
    return line;
}

std::string flow_line(const top_figures& f) {
    std::string line = padded("per second", 12);
    for (const auto& [name, value] : f.rates) line += (line.size() > 12 ? " > " : "") + name + ' ' + grouped(value);
    return line;
}

void add_reasons(const top_figures& f, std::vector<std::string>& out) {
    std::vector<std::pair<std::string, double>> most(f.reasons.begin(), f.reasons.end());
    std::ranges::stable_sort(most, [](const auto& a, const auto& b) { return a.second > b.second; });
    if (most.size() > most_reasons) most.resize(most_reasons);
    if (most.empty()) return;
    std::string line = padded("reasons", 12);
    for (const auto& [name, value] : most) line += name + ' ' + grouped(value) + "  ";
    out.push_back(std::move(line));
}

/// Whole where it is whole: 8000 and not 8E3.
boost::json::value number_of(double value) {
    const auto whole = static_cast<std::int64_t>(std::clamp(value, -9e15, 9e15));
    return static_cast<double>(whole) == value ? boost::json::value(whole) : boost::json::value(value);
}

std::string clock_of(std::chrono::system_clock::time_point at) {
    const auto seconds = std::chrono::system_clock::to_time_t(at);
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[16];
    std::strftime(text, sizeof text, "%H:%M:%S", &local);
    return text;
}

}  // namespace

std::vector<std::string> lines_of(const top_figures& f, const std::string& where,
                                  std::chrono::system_clock::time_point at, std::size_t columns) {
    std::vector<std::string> out;
    out.push_back("otagw " + f.version + (f.version.empty() ? "" : "  ") + where + "  " +
                  (f.objections.empty() ? "ready" : "NOT READY") + "  " + clock_of(at));
    for (const auto& why : f.objections) out.push_back("  " + why);
    out.emplace_back();
    out.push_back(flow_line(f));
    std::vector<std::pair<std::string, std::string>> cells;
    for (const auto& [name, value] : f.backlog) cells.emplace_back(name, grouped(value));
    cells.emplace_back("oldest", period(f.oldest_unreconciled_s));
    out.push_back(row("backlog", cells));
    cells.clear();
    for (const auto& [state, n] : f.closed) cells.emplace_back(state, grouped(n));
    out.push_back(row("final", cells));
    add_reasons(f, out);
    out.push_back(row("cards", {{"quarantined", grouped(f.quarantined)}, {"paused profiles", grouped(f.paused)}}));
    out.emplace_back();
    out.push_back(padded("time", 16) + padded("p50", 12, true) + padded("p99", 12, true));
    for (const auto& t : f.times)
        out.push_back(padded(t.what, 16) + padded(period(t.p50_s), 12, true) + padded(period(t.p99_s), 12, true));
    out.emplace_back();
    out.push_back(padded("route", 16) + padded("binds", 7) + padded("window", bar_width + 15) +
                  padded("queued", 9, true) + padded("submits/s", 11, true) + padded("throttled", 11, true));
    for (const auto& r : f.routes) {
        out.push_back(padded(r.name, 15) + ' ' + padded(grouped(r.binds_up) + '/' + grouped(r.binds_here), 7) +
                      bar(r.window_used, r.window) +
                      padded(' ' + grouped(r.window_used) + '/' + grouped(r.window), 13) +
                      padded(grouped(r.queued), 9, true) + padded(grouped(r.submits_per_s), 11, true) +
                      padded(grouped(r.throttled), 11, true));
    }
    for (auto& line : out) {
        if (line.size() > columns) line.resize(columns);
    }
    return out;
}

std::string json_of(const top_figures& f, const std::string& where, std::chrono::system_clock::time_point at,
                    const std::string& overview) {
    namespace json = boost::json;
    const auto object_of = [](const auto& pairs) {
        json::object o;
        for (const auto& [name, value] : pairs) o[name] = number_of(value);
        return o;
    };
    const auto or_null = [](const std::optional<double>& v) { return v ? number_of(*v) : json::value(nullptr); };
    json::object out{{"at", queue::serialize_timestamp(std::chrono::floor<std::chrono::milliseconds>(at))},
                     {"url", where},
                     {"version", f.version},
                     {"ready", f.objections.empty()},
                     {"reasons", json::array(f.objections.begin(), f.objections.end())},
                     {"rates", object_of(f.rates)},
                     {"backlog", object_of(f.backlog)},
                     {"oldest_unreconciled_s", or_null(f.oldest_unreconciled_s)},
                     {"closed", object_of(f.closed)},
                     {"failures", object_of(f.reasons)},
                     {"quarantined_cards", number_of(f.quarantined)},
                     {"paused_profiles", number_of(f.paused)}};
    json::object times;
    for (const auto& t : f.times)
        times[t.what] = json::object{{"p50_s", or_null(t.p50_s)}, {"p99_s", or_null(t.p99_s)}};
    out["times"] = std::move(times);
    json::array routes;
    for (const auto& r : f.routes) {
        routes.push_back(json::object{{"name", r.name},
                                      {"binds_up", number_of(r.binds_up)},
                                      {"binds_here", number_of(r.binds_here)},
                                      {"window", number_of(r.window)},
                                      {"window_used", number_of(r.window_used)},
                                      {"queued", number_of(r.queued)},
                                      {"submits_per_s", number_of(r.submits_per_s)},
                                      {"throttled", number_of(r.throttled)}});
    }
    out["routes"] = std::move(routes);
    boost::system::error_code ec;
    if (auto said = overview.empty() ? json::value() : json::parse(overview, ec); !ec && said.is_object())
        out["overview"] = std::move(said);
    return json::serialize(out);
}

}  // namespace ota::cli
