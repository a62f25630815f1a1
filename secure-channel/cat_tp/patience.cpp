#include "secure-channel/cat_tp/patience.hpp"

#include <algorithm>

namespace ota::cat_tp {

namespace {

constexpr unsigned most_doublings = 16;

std::uint64_t thrown(std::uint64_t& dice) noexcept {  // splitmix64
    auto z = dice += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

}  // namespace

patience::patience(milliseconds first, milliseconds least, milliseconds most, std::uint64_t dice) noexcept
    : least_(std::max(least, milliseconds(1))),
      most_(std::max<span>(most, least_)),
      time_out_(bounded(first)),
      dice_(dice) {}

patience::span patience::bounded(span time) const noexcept { return std::clamp(time, least_, most_); }

void patience::sample(span round_trip) noexcept {
    round_trip = std::clamp(round_trip, span(0), most_);
    level_ = 0;
    if (!sampled_) {  // [RFC 6298, 2.2]
        sampled_ = true;
        smoothed_ = round_trip;
        variation_ = round_trip / 2;
    } else {  // [RFC 6298, 2.3]
        variation_ += (std::chrono::abs(smoothed_ - round_trip) - variation_) / 4;
        smoothed_ += (round_trip - smoothed_) / 8;
    }
    time_out_ = bounded(smoothed_ + 4 * variation_);
}

void patience::back_off(unsigned tries) noexcept {
    level_ = static_cast<std::uint8_t>(std::max<unsigned>(level_, std::min(tries, most_doublings)));
}

patience::span patience::wait(unsigned tries) noexcept {
    const auto doublings = std::max<unsigned>(level_, std::min(tries, most_doublings));
    const auto whole = std::min(time_out_ * (std::int64_t{1} << doublings), most_);
    // Up to an eighth more: thousands of cards that lost the same cell shall not come back in step.
    return whole + span(static_cast<std::int64_t>(thrown(dice_) % static_cast<std::uint64_t>(whole.count() / 8 + 1)));
}

}  // namespace ota::cat_tp
