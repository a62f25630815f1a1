#pragma once

#include "gateway/bip/endpoint.hpp"
#include "secure-channel/wire/sip_hash.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace ota::bip {

using time_point = std::chrono::steady_clock::time_point;

/// How often who shows no identification is given anything: so many a second in all and for one source. A fixed piece
/// of memory, whoever pretends to be how many: sources share buckets, chosen under a key that nobody outside knows.
class answer_limit {
public:
    answer_limit(unsigned in_all_per_s, unsigned per_source_per_s, wire::sip_key);

    /// True: answer, and it counts.
    [[nodiscard]] bool take(const ip_address& source, time_point now);

private:
    struct bucket {
        double left = 0;
        time_point at{};
        bool begun = false;
    };
    static void fill(bucket&, double per_s, time_point now) noexcept;

    double in_all_, per_source_;
    wire::sip_key key_;
    bucket all_;
    std::vector<bucket> sources_;
};

}  // namespace ota::bip
