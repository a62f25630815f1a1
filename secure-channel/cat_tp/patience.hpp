#pragma once

#include <chrono>
#include <cstdint>

namespace ota::cat_tp {

using time_point = std::chrono::steady_clock::time_point;  ///< given by the caller, never asked for
using milliseconds = std::chrono::milliseconds;

/// How long to wait for an acknowledgement: RFC 6298 with jitter. What was sent twice is no sample, and the back-off
/// stays until there is one (Karn): both are needed where the round trip is longer than the first guess.
class patience {
public:
    using span = std::chrono::duration<std::int64_t, std::micro>;

    patience(milliseconds first, milliseconds least, milliseconds most, std::uint64_t dice) noexcept;

    /// A round trip of something that was sent once.
    void sample(span round_trip) noexcept;
    /// Something stayed unanswered for the `tries`-th time.
    void back_off(unsigned tries) noexcept;
    /// For something that was repeated `tries` times before.
    [[nodiscard]] span wait(unsigned tries) noexcept;
    /// Without back-off and jitter.
    [[nodiscard]] span time_out() const noexcept { return time_out_; }

private:
    [[nodiscard]] span bounded(span) const noexcept;

    span least_, most_;
    span time_out_;
    span smoothed_{0};
    span variation_{0};
    bool sampled_ = false;
    std::uint8_t level_ = 0;
    std::uint64_t dice_;
};

}  // namespace ota::cat_tp
