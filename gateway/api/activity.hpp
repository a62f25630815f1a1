#pragma once

#include "gateway/flow/corridor.hpp"
#include "gateway/http/event_feed.hpp"

#include <map>
#include <mutex>
#include <string>

namespace ota::api {

/// Since the start of the process.
struct activity_totals {
    std::uint64_t taken = 0, packets = 0, segments = 0, proofs = 0, receipts = 0, unmatched = 0, dead_letters = 0,
                  quarantined = 0;
    std::array<std::uint64_t, 6> closed{};  ///< by queue::event_state
    std::map<std::string, std::uint64_t, std::less<>> reasons;
};

/// Per second, over the last one.
struct activity_rates {
    double taken = 0, closed = 0, packets = 0, segments = 0, receipts = 0, proofs = 0;
};
[[nodiscard]] std::string serialize_rates(const activity_rates&);  ///< one JSON object

/// What the corridor did: totals and rates for the overview, and the feed of events for who listens. It adds once a
/// commit; rates are differences of the totals.
class activity {
public:
    explicit activity(http::event_feed& to) : feed_(to) {}

    /// The corridor's thread.
    void on_commit(const flow::commit_report&);
    /// Once a second.
    void tick(std::chrono::steady_clock::time_point now);

    struct figures {
        activity_totals totals;
        activity_rates rates;
    };
    [[nodiscard]] figures now() const;

private:
    void tell(const flow::commit_report&);

    http::event_feed& feed_;
    mutable std::mutex mutex_;
    activity_totals totals_, before_;
    activity_rates rates_;
    std::optional<std::chrono::steady_clock::time_point> last_;
};

}  // namespace ota::api
