#include "gateway/smpp/pacing.hpp"

#include <algorithm>

namespace ota::smpp {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds first_pause = 1s;
constexpr milliseconds longest_pause = 60s;
constexpr milliseconds again_within = 10s;
constexpr milliseconds recovery_step = 10s;
constexpr double recovery_share = 0.05;
constexpr double shortest_burst = 0.05;  ///< seconds

double seconds_of(std::chrono::steady_clock::duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

double pacing::burst() const noexcept { return std::max(1.0, limit_ / 20); }

void pacing::refill(time_point now) {
    const auto passed = seconds_of(now - refilled_);
    refilled_ = now;
    tokens_ = std::min(burst(), tokens_ + passed * limit_);
}

void pacing::recover(time_point now) {
    if (ceiling_ == 0 || now < paused_until_) return;
    while (now - recovered_at_ >= recovery_step) {
        recovered_at_ += recovery_step;
        limit_ += ceiling_ * recovery_share;
        if (limit_ < ceiling_) continue;
        limit_ = configured_;
        ceiling_ = 0;
        return;
    }
}

void pacing::set_rate(double rate) {
    if (rate == configured_) return;
    if (ceiling_ == 0 || configured_ == 0 || rate == 0) {
        limit_ = rate;
        ceiling_ = 0;
    } else {
        limit_ *= rate / configured_;
        ceiling_ *= rate / configured_;
    }
    configured_ = rate;
    tokens_ = std::min(tokens_, burst());
}

bool pacing::may_send(time_point now) {
    if (now < paused_until_) return false;
    recover(now);
    if (limit_ == 0) return true;
    refill(now);
    return tokens_ >= 1;
}

void pacing::on_sent(time_point now) {
    if (limit_ != 0) tokens_ -= 1;
    if (now - second_began_ >= 1s) {
        last_second_ = now - second_began_ < 2s ? this_second_ : 0;
        this_second_ = 0;
        second_began_ = now;
    }
    ++this_second_;
}

double pacing::measured(time_point now) const noexcept {
    // What was sent since the second began went at this pace, however short the burst: its number alone says little.
    const auto age = now - second_began_;
    const double fresh =
        age < 2s ? static_cast<double>(this_second_) / std::clamp(seconds_of(age), shortest_burst, 1.0) : 0;
    return std::max({fresh, static_cast<double>(last_second_), 1.0});
}

void pacing::on_throttled(time_point now, time_point sent, double jitter) {
    if (pause_ != 0ms && (now < paused_until_ || sent <= throttled_at_)) return;  // the same burst as the last one
    const bool again = pause_ != 0ms && now - paused_until_ < again_within;
    pause_ = again ? std::min(pause_ * 2, longest_pause) : first_pause;
    throttled_at_ = now;
    paused_until_ = now + pause_ + std::chrono::duration_cast<milliseconds>(pause_ * (jitter / 4));
    recovered_at_ = paused_until_;
    const auto before = limit_ == 0 ? measured(now) : limit_;
    if (ceiling_ == 0) ceiling_ = before;
    limit_ = std::max(std::min(1.0, before), before / 2);
    tokens_ = 1;
    refilled_ = paused_until_;
}

pacing::time_point pacing::next(time_point now) const {
    if (now < paused_until_) return paused_until_;
    if (limit_ == 0 || tokens_ >= 1) return now;
    const auto wait = std::chrono::duration<double>((1 - tokens_) / limit_);
    return now + std::max<std::chrono::steady_clock::duration>(
                     2ms, std::chrono::duration_cast<std::chrono::steady_clock::duration>(wait));
}

}  // namespace ota::smpp
