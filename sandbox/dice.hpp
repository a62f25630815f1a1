#pragma once

#include <cstdint>

namespace ota::sandbox {

/// A small seeded source of chance (splitmix64): the same seed throws the same numbers on every machine.
class dice {
public:
    explicit dice(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept {
        auto z = state_ += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
    /// True with this probability; a share of 0 throws nothing, so that faults that are off do not shift the others.
    bool strikes(double share) noexcept {
        if (share <= 0) return false;
        return static_cast<double>(next() >> 11) * 0x1p-53 < share;
    }
    /// low..high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
        if (high <= low) return low;
        return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
    }

private:
    std::uint64_t state_;
};

}  // namespace ota::sandbox
