#include "gateway/flow/flow.hpp"

#include <condition_variable>
#include <thread>

namespace ota::flow {

namespace {

wall_time wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

}  // namespace

struct flow::thread {
    thread(corridor& c, queue::event_source& s, std::chrono::milliseconds w) : work(c), source(s), window(w) {}

    void wake() {
        {
            std::lock_guard lock(mutex);
            woken = true;
        }
        arrived.notify_one();
    }

    /// Steps while there is work; then waits for the bearer, the source or the next look at the clock.
    void run() {
        auto last = std::chrono::steady_clock::now();
        while (!stopping) {
            const bool did = work.step(wall_now());
            const auto now = std::chrono::steady_clock::now();
            if (did && now - last < window) {
                // A short pause lets one transaction take what would have been several small ones.
                std::unique_lock lock(mutex);
                arrived.wait_for(lock, std::chrono::milliseconds(1), [&] { return stopping.load(); });
            } else if (!did) {
                std::unique_lock lock(mutex);
                arrived.wait_for(lock, std::chrono::milliseconds(20), [&] { return woken || stopping; });
            }
            {
                std::lock_guard lock(mutex);
                woken = false;
            }
            last = now;
        }
    }

    /// The source has its own way of waiting; this thread turns it into a wake-up.
    void watch() {
        while (!stopping) {
            if (source.wait(50)) {
                wake();
                std::unique_lock lock(mutex);
                arrived.wait_for(lock, std::chrono::milliseconds(2), [&] { return stopping.load(); });
            }
        }
    }

    corridor& work;
    queue::event_source& source;
    std::chrono::milliseconds window;
    std::mutex mutex;
    std::condition_variable arrived;
    bool woken = false;
    std::atomic<bool> stopping{false};
    std::thread runner, watcher;
};

flow::flow(corridor& work, queue::event_source& source, std::chrono::milliseconds commit_window)
    : thread_(std::make_shared<thread>(work, source, commit_window)) {
    work.on_arrival([t = thread_] { t->wake(); });
}

flow::~flow() { stop(); }

wire::result<void> flow::start() {
    OTA_TRY(thread_->work.open(wall_now()));
    thread_->runner = std::thread([this] { thread_->run(); });
    thread_->watcher = std::thread([this] { thread_->watch(); });
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

bool flow::drain(std::chrono::milliseconds deadline) {
    thread_->work.stop_intake();
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (std::chrono::steady_clock::now() < until) {
        if (thread_->work.settled()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return thread_->work.settled();
}

void flow::stop() {
    thread_->stopping = true;
    thread_->arrived.notify_all();
    if (thread_->runner.joinable()) thread_->runner.join();
    if (thread_->watcher.joinable()) thread_->watcher.join();
}

}  // namespace ota::flow
