#pragma once

#include <cstddef>
#include <string>

namespace ota::cli {

enum class bench_way { channel, short_messages, lossy_short_messages };

/// One change of a file per card, all cards at once, at a round trip of 100 ms: what the network between them and the
/// gateway costs.
struct channel_bench_options {
    std::size_t cards = 20;
    std::size_t octets = 4096;  ///< of the file
    bench_way way = bench_way::channel;
};

struct channel_bench_outcome {
    double kb_per_s_card = 0;  ///< of the median card, from the event to its final state; kB of 1000 octets
    double kb_per_s_all = 0;
    double p50_ms = 0, p99_ms = 0;
    double sms_per_card = 0;
    std::size_t not_applied = 0, files_wrong = 0;
};

/// Event -> packets over a real UDP socket, or in concatenated short messages -> the cards' proofs -> final state. 1 %
/// of the datagrams are lost; of the short messages 1 % each way in the lossy case, else none.
[[nodiscard]] bool run_channel_bench(const channel_bench_options&, channel_bench_outcome&, std::string& why);

}  // namespace ota::cli
