#pragma once

#include <cstdint>
#include <ctime>

namespace ota::bench {

/// Seconds that this thread has had a core to itself: what others do on the machine does not count.
inline double core_seconds() {
    ::timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Calls `once(n)` with rising n until the time is up; calls per second of one core.
template <class Once>
double core_rate(double seconds, Once once) {
    const auto start = core_seconds();
    std::uint64_t n = 0;
    while (core_seconds() - start < seconds)
        for (int burst = 0; burst < 256; ++burst) once(n++);
    return static_cast<double>(n) / (core_seconds() - start);
}

}  // namespace ota::bench
