#include "gateway/cluster/membership.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace ota::cluster {

struct membership::keeper {
    keeper(member_settings s, identity i, std::chrono::milliseconds l, membership_parts p)
        : who(std::move(i)), number(s.instance), life(l), parts(std::move(p)), part(std::move(s)) {}

    wire::result<void> renew() {
        const std::lock_guard alone(renewing);
        const auto asked = std::chrono::steady_clock::now();
        part.on_use(parts.routes ? parts.routes() : std::vector<route_use>{},
                    parts.outbox ? parts.outbox() : outbox_use{}, asked);
        const auto names = parts.table.hold(who.name(), life, [&](const store::lease_scene& scene) {
            auto wanted = part.choose(scene, std::chrono::steady_clock::now());
            // No tool can begin while we look: either its lease is among the others', or its mark is here.
            if (scene.mark != parts.began_with) outdated = true;
            return outdated ? std::vector<std::string>{} : wanted;
        });
        if (!names) {
            std::lock_guard lock(mutex);
            fault = names.error().message();
            return names.error();
        }
        auto fresh = part.on_held(names.value(), asked, life);
        if (outdated)
            fresh.refused = "a tool had the store for itself while the lease of this instance was over: it starts anew";
        if (parts.told) parts.told(fresh);
        std::lock_guard lock(mutex);
        now = std::move(fresh);
        fault.clear();
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }

    void run(const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        while (!until.wait_for(lock, stop, life / 5, [] { return false; }) && !stop.stop_requested()) {
            lock.unlock();
            (void)renew();  // last_fault
            lock.lock();
        }
    }

    identity who;
    std::uint16_t number;
    std::chrono::milliseconds life;
    membership_parts parts;
    member part;
    std::mutex renewing;  ///< of `part`; taken before the other one
    mutable std::mutex mutex;
    std::condition_variable_any until;
    share now;
    std::string fault;
    std::atomic<bool> outdated{false};
    std::jthread thread;
};

membership::membership(member_settings settings, identity who, std::chrono::milliseconds life, membership_parts parts)
    : keeper_(std::make_unique<keeper>(std::move(settings), std::move(who), life, std::move(parts))) {}

membership::~membership() { leave(); }

bool membership::start(std::string& why) {
    auto& k = *keeper_;
    k.parts.table.require(instance_lease(k.number), k.who.name());  // R5: a commit needs it from now on
    if (const auto first = k.renew(); !first) {
        why = "the store does not answer: " + first.error().message();
        return false;
    }
    why = current().refused;
    if (!why.empty()) return false;
    k.thread = std::jthread([&k](const std::stop_token& stop) { k.run(stop); });
    return true;
}

void membership::set_routes(const std::vector<route_quota>& routes, const std::function<void()>& then) {
    const std::lock_guard alone(keeper_->renewing);
    keeper_->part.set_routes(routes, std::chrono::steady_clock::now());
    then();
}

share membership::current() const {
    std::lock_guard lock(keeper_->mutex);
    return keeper_->now;
}

std::string membership::last_fault() const {
    std::lock_guard lock(keeper_->mutex);
    return keeper_->fault;
}

bool membership::outdated() const noexcept { return keeper_->outdated; }

void membership::leave() {
    auto& k = *keeper_;
    if (!k.thread.joinable()) return;
    k.thread.request_stop();
    k.thread.join();
    if (std::chrono::steady_clock::now() >= k.now.until) return;
    (void)k.parts.table.hold(k.who.name(), k.life, [](auto) { return std::vector<std::string>{}; });
}

}  // namespace ota::cluster
