#include "gateway/campaigns/runner.hpp"

#include "gateway/campaigns/errc.hpp"

#include <condition_variable>

namespace ota::campaigns {

namespace {

constexpr std::chrono::milliseconds idle_pause{1'000}, short_pause{200}, fault_pause{2'000}, driver_life{15'000};

/// Another one came between: tried again in the next round.
bool is_passing(std::error_code error) {
    return error == errc::moved || error == store::errc::busy || error == store::errc::conflict ||
           error == store::errc::duplicate;
}

}  // namespace

runner::runner(drive_parts with, std::function<void(const std::string&)> told)
    : with_(std::move(with)), told_(std::move(told)) {}
runner::~runner() { stop(); }

void runner::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) {
        std::mutex alone;
        std::condition_variable_any until;
        std::unique_lock lock(alone);
        while (!stop.stop_requested()) {
            const auto pause = tick() ? std::chrono::milliseconds(1) : drives_.empty() ? idle_pause : short_pause;
            until.wait_for(lock, stop, pause, [] { return false; });
        }
    });
}

void runner::stop() { thread_ = {}; }

bool runner::is_driven_elsewhere(const progress& p, wall_time now) const {
    return with_.shared && !p.driver.empty() && p.driver != with_.driver && now < p.driven_at + driver_life;
}

void runner::tell(const std::string& fault) {
    {
        std::lock_guard lock(mutex_);
        if (figures_.fault == fault) return;
        figures_.fault = fault;
    }
    if (told_) told_(fault);
}

bool runner::tick() {
    const auto did = round();
    if (!did) tell(did.error().message());
    return did && did.value();
}

wire::result<bool> runner::drive_one(const record& r, wall_time now) {
    if (const auto rest = rests_.find(r.name); rest != rests_.end() && now < rest->second) return false;
    auto at = drives_.find(r.name);
    if (at != drives_.end() && at->second.progress().version != r.progress.version) {
        drives_.erase(at);
        at = drives_.end();
    }
    if (at == drives_.end()) {
        OTA_TRY(auto taken, drive::take_up(with_, r.name));
        at = drives_.emplace(r.name, std::move(taken)).first;
    }
    return at->second.go_on();
}

/// What came of a piece of work on this campaign, and how it stands now.
const progress& runner::settle(const record& r, const wire::result<bool>& did, wall_time now, bool& busy,
                               std::string& fault) {
    if (!did) {
        drives_.erase(r.name);  // what it holds may be behind the store
        const bool passing = is_passing(did.error());
        busy |= passing;
        if (!passing) {
            fault = "campaign " + r.name + ": " + did.error().message();
            rests_[r.name] = now + fault_pause;
        }
        return r.progress;
    }
    busy |= did.value();
    const auto at = drives_.find(r.name);
    if (at == drives_.end()) return r.progress;
    if (const auto& log = at->second.log_fault(); !log.empty()) fault = "changes cannot be put into the log: " + log;
    return at->second.progress();
}

wire::result<bool> runner::round() {
    const auto now = with_.desk.now();
    OTA_TRY(auto tx, with_.desk.state.begin());
    OTA_TRY(const auto records, list(*tx));
    tx.reset();
    runner_figures seen;
    std::string fault;
    bool busy = false;
    for (const auto& r : records) {
        const bool ours = !r.progress.over() && !is_driven_elsewhere(r.progress, now);
        if (!ours) drives_.erase(r.name);
        const auto& p = ours ? settle(r, drive_one(r, now), now, busy, fault) : r.progress;
        for (std::size_t i = 0; i < outcomes; ++i) seen.cards[i] += p.by_outcome[i];
        ++seen.by_state[state_name(p)];
    }
    std::erase_if(rests_, [now](const auto& each) { return each.second <= now; });
    if (fault.empty() && !rests_.empty()) fault = figures().fault;
    tell(fault);
    std::lock_guard lock(mutex_);
    seen.fault = figures_.fault;
    figures_ = std::move(seen);
    return busy;
}

runner_figures runner::figures() const {
    std::lock_guard lock(mutex_);
    return figures_;
}

}  // namespace ota::campaigns
