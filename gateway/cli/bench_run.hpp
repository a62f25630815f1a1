#pragma once

#include "gateway/cli/bench_callers.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace ota::cli {

struct bench_options {
    std::string name = "end-to-end-aes";
    bool triple_des = false;
    std::size_t cards = 100'000;
    double seconds = 60;
    double rate = 0;        ///< events per second offered; 0: as many as are taken
    std::string directory;  ///< empty: a fresh one, removed at the end
    bool receipts = true;
    bool store_ceiling = false;  ///< afterwards, on as many cards, the store alone
    bool http = false;           ///< the gateway serves HTTP
    unsigned streams = 0;        ///< clients that follow the events,
    double calls_per_s = 0;      ///< and ask the API; both in a process of their own
};

struct bench_outcome {
    double events_per_s = 0;      ///< final, by a verified proof of receipt, committed
    double cpu_us_per_event = 0;  ///< of the gateway's process: user and system; without the threads that serve HTTP
    double http_cpu_us_per_event = 0;  ///< of those
    double peers_cpu_us_per_event = 0;
    double rss_mb = 0;
    double store_events_per_s = 0;  ///< the ceiling: the store alone
    double p50_ms = 0, p99_ms = 0;  ///< from the event's append to the submit_sm at the SMSC
    std::size_t events = 0, packets = 0, proofs = 0, not_applied = 0;
    callers_report callers;
};

/// Events in the embedded log -> packet -> SMSC and cards in a process of their own -> verified proof -> final state
/// committed.
[[nodiscard]] bool run_end_to_end(const bench_options&, bench_outcome&, std::string& why);

}  // namespace ota::cli
