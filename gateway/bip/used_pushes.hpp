#pragma once

#include "gateway/data_bearer.hpp"

#include <chrono>
#include <deque>
#include <unordered_map>

namespace ota::bip {

struct push_hash {
    std::size_t operator()(const bearer::push_id& p) const noexcept {
        return std::hash<std::uint64_t>()(static_cast<std::uint64_t>(p.card) * 1'000'003 +
                                          static_cast<std::uint64_t>(p.packet));
    }
};

/// The PUSHes whose identification has opened a link: a SYN that somebody plays again opens none. For a time and in a
/// bounded number: what is forgotten here the corridor still knows, since R6 closed that PUSH when its link came. Only
/// identifications of ours get in, so nobody can crowd others out.
class used_pushes {
public:
    using time_point = std::chrono::steady_clock::time_point;

    used_pushes(std::chrono::milliseconds keep, std::size_t most) : keep_(keep), most_(most) {}

    void add(const bearer::push_id& push, time_point now) {
        forget(now);
        if (most_ == 0 || !known_.emplace(push, now + keep_).second) return;
        order_.push_back(push);
        if (order_.size() > most_) drop_oldest();
    }
    [[nodiscard]] bool has(const bearer::push_id& push, time_point now) {
        forget(now);
        return known_.contains(push);
    }
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
    void forget(time_point now) {
        while (!order_.empty() && known_.at(order_.front()) <= now) drop_oldest();
    }
    void drop_oldest() {
        known_.erase(order_.front());
        order_.pop_front();
    }

    std::chrono::milliseconds keep_;
    std::size_t most_;
    std::unordered_map<bearer::push_id, time_point, push_hash> known_;
    std::deque<bearer::push_id> order_;
};

}  // namespace ota::bip
