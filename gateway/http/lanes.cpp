#include "gateway/http/lanes.hpp"

#include <pthread.h>

#include "gateway/quiet_thread.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace ota::http {

class lanes::crew {
public:
    explicit crew(lane what) : what_(std::move(what)) {
        for (unsigned i = 0; i < what_.threads; ++i) threads_.push_back(quiet_thread([this] { run(); }));
    }
    ~crew() { stop(); }

    [[nodiscard]] const std::string& prefix() const noexcept { return what_.prefix; }

    [[nodiscard]] verdict take(std::function<void()> job) {
        const std::lock_guard lock(mutex_);
        if (stopped_) return verdict::none;
        if (jobs_.size() >= what_.waiting + idle_) return verdict::full;
        jobs_.push_back(std::move(job));
        some_.notify_one();
        return verdict::taken;
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
            some_.notify_all();
        }
        for (auto& thread : threads_) thread.join();
        threads_.clear();
    }

private:
    void run() {
        ::pthread_setname_np(::pthread_self(), "http-lane");
        std::unique_lock lock(mutex_);
        for (;;) {
            ++idle_;
            some_.wait(lock, [this] { return stopped_ || !jobs_.empty(); });
            --idle_;
            if (jobs_.empty()) return;
            auto job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
            job = {};  // with what it captured, outside the lock
            lock.lock();
        }
    }

    const lane what_;
    std::mutex mutex_;
    std::condition_variable some_;
    std::deque<std::function<void()>> jobs_;
    std::size_t idle_ = 0;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

lanes::lanes(const std::vector<lane>& wanted) {
    for (const auto& each : wanted) crews_.push_back(std::make_unique<crew>(each));
}

lanes::~lanes() = default;

lanes::verdict lanes::take(std::string_view path, std::function<void()> what) {
    for (const auto& each : crews_) {
        if (path.starts_with(each->prefix())) return each->take(std::move(what));
    }
    return verdict::none;
}

void lanes::stop() {
    for (const auto& each : crews_) each->stop();
}

}  // namespace ota::http
