#pragma once

#include "sandbox/smsc_settings.hpp"

#include <algorithm>
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
    }
    /// By second since the first submit.
    [[nodiscard]] const std::deque<std::uint32_t>& buckets() const noexcept { return buckets_; }
    [[nodiscard]] std::uint32_t peak() const noexcept {
        return buckets_.empty() ? 0 : *std::max_element(buckets_.begin(), buckets_.end());
    }

private:
    std::int64_t first_ = 0;
    std::deque<std::uint32_t> buckets_;
};

}  // namespace ota::sandbox
