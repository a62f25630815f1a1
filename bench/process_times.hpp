#pragma once

#include <sys/types.h>

/// What processes that run beside this one have used of the machine, from /proc.
namespace ota::bench {

/// Seconds of user and system time.
struct process_times {
    double whole = 0;    ///< of the process, and of its children: those that run, and those that have ended
    double busiest = 0;  ///< of the thread, or of the child, that used most

    process_times operator-(const process_times& before) const {
        return {whole - before.whole, busiest - before.busiest};
    }
};

/// 0 everywhere for a process that is gone.
[[nodiscard]] process_times times_of(pid_t);
/// MiB in memory, of this process alone.
[[nodiscard]] double resident_mebibytes(pid_t);

}  // namespace ota::bench
