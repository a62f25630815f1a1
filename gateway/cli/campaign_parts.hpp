#pragma once

#include "gateway/ops/log.hpp"
#include "gateway/ops/metrics.hpp"
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
        const gateway_settings& settings;
        const secure_channel::key_encryption_key& kek;
        ops::metrics& metrics;
        ops::log& log;
        std::uint16_t instance = 0;
        bool shared = false;  ///< others run on this store
    };
    explicit campaign_parts(const surroundings&);
    ~campaign_parts();

    void start();
    void stop();

private:
    struct works;
    std::unique_ptr<works> works_;
};

}  // namespace ota::cli
