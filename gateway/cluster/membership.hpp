#pragma once

#include "gateway/cluster/identity.hpp"
#include "gateway/cluster/member.hpp"

#include <memory>

namespace ota::cluster {

struct membership_parts {
    store::lease_table& table;
    /// What is in use now, for member::on_use.
    std::function<std::vector<route_use>()> routes;
    std::function<outbox_use()> outbox;
    /// A new share, on the thread of the membership; the first one before `start` returns.
    std::function<void(const share&)> told;
    std::string began_with;  ///< store::tool_mark as it was before anything else was read of the store
};

/// Keeps an instance's leases, on a thread of its own. When the store does not answer, the share runs out by itself.
class membership {
public:
    /// `life` of a lease; it is renewed five times as often.
    membership(member_settings, identity, std::chrono::milliseconds life, membership_parts);
    ~membership();  ///< gives everything back, if the store answers

    /// Takes the number of the instance; false: `why` is a sentence, and later it may be free.
    [[nodiscard]] bool start(std::string& why);
    /// Other routes, between two shares: `then` is called before the next one is told, which has them in their new
    /// order.
    void set_routes(const std::vector<route_quota>&, const std::function<void()>& then);
    [[nodiscard]] share current() const;
    /// Why it has no lease now, beyond current().refused: a sentence; empty: unknown.
    [[nodiscard]] std::string last_fault() const;
    /// While the lease was over a tool changed what this process has read at its start: only a new start helps.
    [[nodiscard]] bool outdated() const noexcept;
    /// Gives back everything at once: nothing of this instance is under way any more. What has run out is left as it
    /// is.
    void leave();

private:
    struct keeper;
    std::unique_ptr<keeper> keeper_;
};

}  // namespace ota::cluster
