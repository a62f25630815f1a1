#pragma once

#include "gateway/campaigns/drive.hpp"

#include <mutex>
#include <thread>

/// Drives every campaign of the store, one piece of work after the other. One in each gateway process; of several on a
/// store only one drives a campaign at a time, and whoever comes second finds the record moved on (compare-and-set) and
/// leaves it.
namespace ota::campaigns {

struct runner_figures {
    std::map<std::string_view, std::size_t, std::less<>> by_state;  ///< campaigns
    tally cards{};                                                  ///< of all campaigns
    std::string fault;                                              ///< why it does not get on; empty: it does
};

class runner {
public:
    /// `told`: a fault that is new, and once when it is over (then it is empty); on the runner's thread.
    runner(drive_parts, std::function<void(const std::string& fault)> told);
    ~runner();

    void start();
    void stop();
    /// One round over all campaigns. true: there is more to do at once. For tests; otherwise the thread calls it.
    bool tick();
    [[nodiscard]] runner_figures figures() const;

private:
    [[nodiscard]] wire::result<bool> round();
    /// A piece of work on a campaign; nothing while it rests.
    [[nodiscard]] wire::result<bool> drive_one(const record&, wall_time now);
    const progress& settle(const record&, const wire::result<bool>& did, wall_time now, bool& busy, std::string& fault);
    [[nodiscard]] bool is_driven_elsewhere(const progress&, wall_time now) const;
    void tell(const std::string& fault);

    drive_parts with_;
    std::function<void(const std::string&)> told_;
    std::map<std::string, drive> drives_;
    std::map<std::string, wall_time> rests_;  ///< after a fault, until then
    mutable std::mutex mutex_;                ///< of figures_
    runner_figures figures_;
    std::jthread thread_;
};

}  // namespace ota::campaigns
