#pragma once

#include "gateway/bearer.hpp"

#include <cstdint>
#include <string>

namespace ota::smpp {

/// Counts since the start of the program.
struct route_counters {
    std::uint64_t submits = 0;  ///< submit_sm written, repeats after throttling included
    std::uint64_t accepted = 0;
    std::uint64_t temporary = 0;
    std::uint64_t permanent = 0;
    std::uint64_t unknown = 0;
    std::uint64_t not_sent = 0;
    std::uint64_t handed_over = 0;  ///< back unsent, because other instances have the binds
    std::uint64_t throttled = 0;    ///< responses that asked to slow down
    std::uint64_t receipts = 0;
    std::uint64_t inbound = 0;          ///< messages with a user data header of ours
    std::uint64_t ignored = 0;          ///< deliver_sm that were neither
    std::uint64_t contradictions = 0;   ///< receipts whose TLV and text disagree
    std::uint64_t unanswered = 0;       ///< deliver_sm that got 0x64 because the answer came too late
    std::uint64_t malformed = 0;        ///< PDUs or TLVs that could not be read
    std::uint64_t stray_responses = 0;  ///< to no request of ours, or after its time-out
    std::uint64_t connects = 0;
    std::uint64_t disconnects = 0;
    double response_seconds = 0;  ///< sum over answered submits

    route_counters& operator+=(const route_counters&) noexcept;
};

/// One route as an operator sees it.
struct route_status {
    std::string name;
    unsigned binds_configured = 0;  ///< over the whole cluster
    unsigned binds_here = 0;        ///< of these, this instance may have
    unsigned binds_open = 0;        ///< connections of this instance, bound or not, to SMSCs that may count them
    unsigned binds_up = 0;          ///< that can submit
    std::size_t window = 0;         ///< over the binds that are up
    std::size_t window_used = 0;
    std::size_t queued = 0;
    double rate_in_segments_per_s = 0;    ///< in force now; 0: no limit
    bearer::wall_time throttled_until{};  ///< in the past: not throttled
    std::string last_fault;               ///< a sentence, without secrets; empty: none yet
    route_counters counters;
};

}  // namespace ota::smpp
