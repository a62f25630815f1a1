#pragma once

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace ota {

/// A thread that takes no signals: they are the main thread's. It has the mask of who makes it from its first
/// instruction on, so no signal finds it unprepared.
template <typename work>
[[nodiscard]] std::thread quiet_thread(work&& what) {
    struct mask {
        mask() {
            sigset_t all;
            ::sigfillset(&all);
            ::pthread_sigmask(SIG_SETMASK, &all, &before);
        }
        ~mask() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
        sigset_t before{};
    };
    const mask none;
    return std::thread(std::forward<work>(what));
}

}  // namespace ota
