#pragma once

#include "gateway/cluster/identity.hpp"
#include "gateway/cluster/member.hpp"

#include <memory>

namespace ota::cluster {

struct membership_parts {
    store::lease_table& table;
    /// What is in use now, for member::on_use.
    std::function<std::vector<route_use>()> routes;
    std::function<store::shard_set()> outbox;
    /// A new share, on the thread of the membership; the first one before `start` returns.
    std::function<void(const share&)> told;
};

/// Keeps an instance's leases, on a thread of its own. When the store does not answer, the share runs out by itself.
class membership {
public:
    /// `life` of a lease; it is renewed five times as often.
    membership(member_settings, identity, std::chrono::milliseconds life, membership_parts);
    ~membership();  ///< gives everything back, if the store answers

    /// Takes the number of the instance; false: `why` is a sentence, and later it may be free.
    [[nodiscard]] bool start(std::string& why);
    [[nodiscard]] share current() const;
    /// Gives back everything at once: nothing of this instance is under way any more.
    void leave();

private:
    struct keeper;
    std::unique_ptr<keeper> keeper_;
};

}  // namespace ota::cluster
