#pragma once

#include "gateway/http/event_feed.hpp"
#include "gateway/http/server.hpp"
#include "gateway/ops/metrics.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ota::cli {

/// Metrics of the HTTP server. Any thread.
class http_figures {
public:
    explicit http_figures(ops::metrics&);

    void on_served(const http::served&);
    void on_denied(std::string_view why);
    void on_recorded(bool kept) { (kept ? recorded_ : unrecorded_).add(); }
    void show(const http::event_feed&);
    void show(std::function<std::optional<std::chrono::system_clock::time_point>()> certificate_ends);

private:
    struct of_route {
        ops::histogram seconds;
        std::map<unsigned, ops::counter> calls;  ///< by status
    };
    [[nodiscard]] of_route& series_of(const std::string& route);
    [[nodiscard]] ops::counter& count(std::string_view why);

    ops::metrics& metrics_;
    ops::counter recorded_, unrecorded_;
    std::mutex mutex_;
    std::map<std::string, of_route, std::less<>> routes_;
    std::map<std::string, ops::counter, std::less<>> refused_;
};

}  // namespace ota::cli
