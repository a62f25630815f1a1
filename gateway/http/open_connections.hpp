#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>

namespace ota::http {

/// The connections that are open, so that a stop can ask each to end and wait for the last. Any thread.
class open_connections {
public:
    /// `connection` is only a name; `drain` asks it to close once it has answered what has arrived.
    void add(const void* connection, std::function<void()> drain) {
        const std::lock_guard lock(mutex_);
        open_.emplace(connection, std::move(drain));
    }
    void remove(const void* connection) {
        const std::lock_guard lock(mutex_);
        open_.erase(connection);
        if (open_.empty()) none_.notify_all();
    }
    [[nodiscard]] std::size_t size() {
        const std::lock_guard lock(mutex_);
        return open_.size();
    }
    void drain() {
        std::map<const void*, std::function<void()>> open;
        {
            const std::lock_guard lock(mutex_);
            draining_ = true;
            open = open_;
        }
        for (const auto& [connection, drain] : open) drain();  // unlocked: it may end the connection
    }
    [[nodiscard]] bool draining() const { return draining_; }
    void wait_until_none(std::chrono::milliseconds at_most) {
        std::unique_lock lock(mutex_);
        none_.wait_for(lock, at_most, [this] { return open_.empty(); });
    }

private:
    std::atomic<bool> draining_{false};
    std::mutex mutex_;
    std::condition_variable none_;
    std::map<const void*, std::function<void()>> open_;
};

}  // namespace ota::http
