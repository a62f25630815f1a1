#pragma once

#include "gateway/cli/scrape.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ota::cli {

/// One look at a running instance: /metrics and /readyz, which need no token, and /api/v1/overview where there is one.
struct instance_look {
    std::chrono::system_clock::time_point at;
    scrape figures;
    std::vector<std::string> objections;  ///< why it is not ready: "name: reason"
    std::string overview;                 ///< JSON object of the API; empty: no token, or no API
};

struct route_line {
    std::string name;
    double binds_up = 0, binds_here = 0, window = 0, window_used = 0, queued = 0, submits_per_s = 0, throttled = 0;
};

struct spent {
    std::string what;
    std::optional<double> p50_s, p99_s;
};

/// What two looks tell together: rates are of the time between them.
struct top_figures {
    std::string version;
    std::vector<std::string> objections;
    std::vector<std::pair<std::string, double>> rates;    ///< per second, in the order of the corridor
    std::vector<std::pair<std::string, double>> backlog;  ///< what waits where
    std::optional<double> oldest_unreconciled_s;
    std::map<std::string, double, std::less<>> closed, reasons;  ///< since the instance started
    double quarantined = 0, paused = 0;
    std::vector<spent> times;
    std::vector<route_line> routes;
};
[[nodiscard]] top_figures compare(const instance_look& before, const instance_look& now);

/// For a terminal of so many columns; lines without their ends.
[[nodiscard]] std::vector<std::string> lines_of(const top_figures&, const std::string& where,
                                                std::chrono::system_clock::time_point at, std::size_t columns);
/// One JSON object; `overview` of the API stands in it as it came.
[[nodiscard]] std::string json_of(const top_figures&, const std::string& where,
                                  std::chrono::system_clock::time_point at, const std::string& overview);

}  // namespace ota::cli
