#pragma once

#include "gateway/flow/corridor.hpp"
#include "gateway/http/health.hpp"
#include "gateway/ops/log.hpp"
#include "gateway/ops/metrics.hpp"
#include "gateway/smpp/route_status.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace ota::cli {

/// Turns what the corridor and the routes report into metrics and log lines.
class figures {
public:
    figures(ops::metrics&, ops::log&);

    void on_commit(const flow::commit_report&);
    /// Brings gauges and route counters up to date at each scrape.
    void refresh_from(std::function<flow::corridor_status()>, std::function<std::vector<smpp::route_status>()>);

private:
    ops::counter counter(const char* name, const char* help, const ops::labels& with = {}) {
        return metrics_.make_counter(name, help, with);
    }
    void observe(const flow::timings&);
    void refresh_route(const smpp::route_status&);
    void tell_events(const flow::commit_report&);
    void tell(const flow::alert&);

    ops::metrics& metrics_;
    ops::log& log_;
    ops::counter events_, duplicates_, dead_letters_, packets_, segments_, proofs_, hints_, unmatched_, receipts_;
    ops::counter pushes_, channels_, channels_failed_, channel_packets_, saved_;
    std::vector<ops::counter> closed_;
    ops::histogram commit_seconds_;
    std::vector<ops::histogram> stages_, waits_;  ///< by flow::stage, by flow::wait
    std::mutex showing_;
    std::map<std::string, smpp::route_status> shown_;  ///< routes, as last rendered
};

/// Whether the instance is ready, by condition, and which program it is; `health` outlives the last scrape.
void show_instance(ops::metrics&, const http::health&, const std::string& version);

}  // namespace ota::cli
