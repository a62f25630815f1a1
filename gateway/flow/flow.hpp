#pragma once

#include "gateway/flow/corridor.hpp"

#include <chrono>
#include <memory>

namespace ota::flow {

/// The shell of the corridor: one thread that steps it whenever there is something to do. It decides nothing.
class flow {
public:
    /// commit_window: how long a transaction may wait to fill while the bearer is busy (R1: up to 5 ms).
    flow(corridor&, queue::event_source&, std::chrono::milliseconds commit_window);
    ~flow();

    [[nodiscard]] wire::result<void> start();

    /// Stops taking in and waits until what was handed to the bearer is answered and committed, at most until the
    /// deadline. True when all was settled.
    bool drain(std::chrono::milliseconds deadline);
    void stop();

private:
    struct thread;
    std::shared_ptr<thread> thread_;  ///< shared with the wake-up that the corridor keeps
};

}  // namespace ota::flow
