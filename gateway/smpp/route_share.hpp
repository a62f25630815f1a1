#pragma once

#include <chrono>

namespace ota::smpp {

/// What this instance may use of a route, whose binds and rate are those of the whole cluster, and until when (R5).
struct route_share {
    unsigned binds = 0;
    double rate_in_segments_per_s = 0;  ///< 0: no limit
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();

    [[nodiscard]] bool ours(std::chrono::steady_clock::time_point now) const noexcept {
        return binds > 0 && now < until;
    }
};

}  // namespace ota::smpp
