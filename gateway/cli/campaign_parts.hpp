#pragma once

#include "gateway/campaigns/runner.hpp"
#include "gateway/ops/log.hpp"
#include "gateway/ops/metrics.hpp"
#include "gateway/profile/gateway_settings.hpp"
#include "queue/tools/change_writer.hpp"

#include <memory>

/// Campaigns in the gateway process: the runner, its way into the log or the topic, its figures.
namespace ota::cli {

class campaign_parts {
public:
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

    void start() { runner_.start(); }
    void stop() { runner_.stop(); }

private:
    [[nodiscard]] wire::result<void> publish(const std::vector<queue::message>&);
    void show(ops::metrics&);

    const gateway_settings& settings_;
    cards::desk desk_;
    std::unique_ptr<queue::tools::change_writer> writer_;  ///< opened when it is first needed
    campaigns::runner runner_;
};

}  // namespace ota::cli
