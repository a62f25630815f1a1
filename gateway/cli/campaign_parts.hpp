#pragma once

#include "gateway/api/book.hpp"
#include "gateway/ops/log.hpp"
#include "gateway/ops/metrics.hpp"
#include "gateway/profile/current_profiles.hpp"
#include "gateway/profile/gateway_settings.hpp"
#include "gateway/store/store.hpp"
#include "secure-channel/crypto.hpp"

#include <memory>

/// Campaigns in the gateway process: the runner, its way into the log or the topic, its figures.
namespace ota::cli {

class campaign_parts {
public:
    /// All of it outlives them; the metrics are not rendered after their end.
    struct surroundings {
        store::store& state;
        const gateway_settings& settings;  ///< of the start: what never changes
        const current_profiles& profiles;
        std::function<std::shared_ptr<const gateway_settings>()> in_force;
        const secure_channel::key_encryption_key& kek;
        ops::metrics& metrics;
        ops::log& log;
        std::uint16_t instance = 0;
        bool shared = false;  ///< others run on this store
    };
    explicit campaign_parts(const surroundings&);
    ~campaign_parts();

    void add_to(api::book&);
    void start();
    void stop();

private:
    struct works;
    std::unique_ptr<works> works_;
};

}  // namespace ota::cli
