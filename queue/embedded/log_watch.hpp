#pragma once

#include "queue/embedded/disk.hpp"

#include <chrono>

namespace ota::queue::embedded {

/// Wakes when a writer moves the end of a log. Where the system has no watches left, it sleeps in short steps instead.
class log_watch {
public:
    explicit log_watch(const std::filesystem::path& directory);
    /// Returns when the file "end" has been written since the last call, or after the time; spurious returns happen.
    void wait(std::chrono::milliseconds at_most);

private:
    file events_;
};

}  // namespace ota::queue::embedded
