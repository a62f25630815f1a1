#pragma once

#include "gateway/bearer.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <vector>

namespace ota::smpp {

struct queued {
    bearer::submission message;
    std::uint64_t order = 0;  ///< of arrival, over all routes
};

/// What waits for a route: higher priority first, then in order of arrival. What comes back takes its old place.
class route_queue {
public:
    void push(queued);
    /// After throttling: before everything of its priority that came later.
    void put_back(queued);

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] const queued& front() const { return lanes_.begin()->second.front(); }
    [[nodiscard]] queued pop();

    /// Takes out what has expired.
    [[nodiscard]] std::vector<queued> take_expired(bearer::wall_time now);
    /// Takes out everything, in order.
    [[nodiscard]] std::vector<queued> take_all();

private:
    void note(const queued&);

    std::map<std::int8_t, std::deque<queued>, std::greater<>> lanes_;  ///< no lane is empty
    std::size_t size_ = 0;
    bearer::wall_time earliest_ = bearer::wall_time::max();  ///< no message expires before
};

}  // namespace ota::smpp
