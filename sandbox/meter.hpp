#pragma once

#include "sandbox/smsc_settings.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>

namespace ota::sandbox {

/// Submits per second, second by second: proof that a contract's rate was kept.
class meter {
public:
    static constexpr std::size_t longest = 86'400;  ///< seconds kept

    void count(instant now) {
        const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        if (buckets_.empty()) first_ = second;
        const auto at = static_cast<std::size_t>(std::max<std::int64_t>(second - first_, 0));
        if (at >= buckets_.size()) buckets_.resize(std::min(at + 1, longest));
        ++buckets_[std::min(at, buckets_.size() - 1)];
        count_sliding(now);
    }
    /// By second since the first submit.
    [[nodiscard]] const std::deque<std::uint32_t>& buckets() const noexcept { return buckets_; }
    [[nodiscard]] std::uint32_t peak() const noexcept {
        return buckets_.empty() ? 0 : *std::max_element(buckets_.begin(), buckets_.end());
    }
    /// The most within any second, wherever it begins; to a hundredth of a second.
    [[nodiscard]] std::uint32_t peak_of_any_second() const noexcept { return most_; }

private:
    void count_sliding(instant now) {
        const auto at = now.time_since_epoch() / slice;
        for (auto gone = std::max(at_ + 1, at - static_cast<std::int64_t>(slices_.size()) + 1); gone <= at; ++gone) {
            auto& left = slices_[static_cast<std::size_t>(gone) % slices_.size()];
            last_second_ -= left;
            left = 0;
        }
        at_ = std::max(at_, at);
        ++slices_[static_cast<std::size_t>(at_) % slices_.size()];
        most_ = std::max(most_, ++last_second_);
    }

    static constexpr std::chrono::microseconds slice{10'000};
    std::int64_t first_ = 0;
    std::deque<std::uint32_t> buckets_;
    std::array<std::uint32_t, 100> slices_{};  ///< of the last second
    std::int64_t at_ = 0;
    std::uint32_t last_second_ = 0, most_ = 0;
};

}  // namespace ota::sandbox
