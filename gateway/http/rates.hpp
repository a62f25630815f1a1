#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ota::http {

/// How often somebody may: a token bucket for each name. Any thread.
class rates {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// per_second 0: always. `burst`: what may come at once after a pause, at least 1. Beyond `names` names, the others
    /// share one bucket.
    rates(double per_second, double burst, std::size_t names = 10'000);

    [[nodiscard]] bool take(std::string_view name, time_point now);
    /// From now on so often; what a name has left stays, up to the new `burst`.
    void change(double per_second, double burst);

private:
    struct bucket {
        double level;
        time_point at;
    };
    [[nodiscard]] bucket& bucket_of(const std::string& name, time_point now);
    [[nodiscard]] double level(const bucket&, time_point now) const;

    const std::size_t names_;
    std::mutex mutex_;
    double per_second_, burst_;
    std::unordered_map<std::string, bucket> buckets_;
    bucket others_;
};

}  // namespace ota::http
