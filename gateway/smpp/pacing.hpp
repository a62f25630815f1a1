#pragma once

#include <chrono>
#include <cstdint>

namespace ota::smpp {

/// How fast a route may submit: a token bucket counted in segments, and what throttling does to it. The account is
/// slowed, never the single message.
///
/// Throttled: the route pauses 1 s, doubled to 60 s when it happens again within 10 s of the pause's end, plus up to a
/// quarter of jitter; the rate is halved, and comes back by 5 % of its ceiling each 10 s.
class pacing {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// 0: no limit until throttled; then the rate measured last is the ceiling.
    explicit pacing(double rate_in_segments_per_s) : configured_(rate_in_segments_per_s), limit_(configured_) {}

    /// Another part of the route's rate; a rate that throttling has lowered stays lowered alike.
    void set_rate(double rate_in_segments_per_s);
    [[nodiscard]] bool may_send(time_point now);
    void on_sent(time_point now);
    /// `sent`: when the throttled message was written; those written before the last pause began tell nothing new.
    /// `jitter`: uniform in [0, 1).
    void on_throttled(time_point now, time_point sent, double jitter);

    /// When to ask again after `may_send` said no.
    [[nodiscard]] time_point next(time_point now) const;
    [[nodiscard]] double rate() const noexcept { return limit_; }
    [[nodiscard]] time_point paused_until() const noexcept { return paused_until_; }

private:
    [[nodiscard]] double burst() const noexcept;
    void refill(time_point now);
    void recover(time_point now);
    [[nodiscard]] double measured(time_point now) const noexcept;

    double configured_;
    double limit_;
    double ceiling_ = 0;
    double tokens_ = 1;
    time_point refilled_{};
    time_point second_began_{};
    std::uint64_t this_second_ = 0;
    std::uint64_t last_second_ = 0;
    time_point throttled_at_{};
    time_point paused_until_{};
    time_point recovered_at_{};
    std::chrono::milliseconds pause_{0};
};

}  // namespace ota::smpp
