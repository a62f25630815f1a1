#pragma once

#include "gateway/smpp/tables.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace ota::smpp {

/// How long to wait before the next attempt to connect: doubled each time up to a maximum, with full jitter.
class back_off {
public:
    using milliseconds = std::chrono::milliseconds;

    back_off(milliseconds minimum, milliseconds maximum) : minimum_(minimum), maximum_(maximum) {}

    /// After a failure. `jitter`: uniform in [0, 1). `bind_status`: of a refused bind, else 0: an account that is
    /// refused waits at least a minute, one whose old session still stands at least half of it.
    [[nodiscard]] milliseconds next(double jitter, std::uint32_t bind_status) {
        const milliseconds ceiling = std::min(maximum_, milliseconds(minimum_ * (1LL << std::min(attempts_, 20U))));
        ++attempts_;
        const auto wait = std::chrono::duration_cast<milliseconds>(ceiling * jitter);
        return std::max(wait, floor_of(bind_status));
    }

    /// A bind stood long enough to count as good.
    void on_success() noexcept { attempts_ = 0; }

private:
    [[nodiscard]] milliseconds floor_of(std::uint32_t bind_status) const {
        switch (bind_status) {
            case status::bind_failed:
            case status::invalid_password:
            case status::invalid_system_id: return std::min(maximum_, milliseconds(60'000));
            case status::already_bound: return std::min(maximum_, milliseconds(30'000));
            default: return milliseconds(0);
        }
    }

    milliseconds minimum_;
    milliseconds maximum_;
    unsigned attempts_ = 0;
};

}  // namespace ota::smpp
