#include "queue/embedded/log_watch.hpp"

#include "queue/embedded/log_end.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>

namespace ota::queue::embedded {

log_watch::log_watch(const std::filesystem::path& directory) : events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (events_.is_open() && ::inotify_add_watch(events_.descriptor(), (directory / end_file).c_str(), IN_MODIFY) < 0)
        events_ = file();
}

void log_watch::wait(std::chrono::milliseconds at_most) {
    const auto milliseconds = static_cast<int>(std::clamp<std::int64_t>(at_most.count(), 0, 60'000));
    if (!events_.is_open()) {
        ::usleep(static_cast<useconds_t>(std::min(milliseconds, 10)) * 1000);
        return;
    }
    pollfd waiting{events_.descriptor(), POLLIN, 0};
    if (::poll(&waiting, 1, milliseconds) <= 0) return;
    char drained[4096];
    while (::read(events_.descriptor(), drained, sizeof drained) > 0) {
    }
}

}  // namespace ota::queue::embedded
