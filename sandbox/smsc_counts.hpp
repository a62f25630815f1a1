#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace ota::sandbox {

/// What the SMSC did, and how often each fault struck.
struct smsc_counts {
    std::uint64_t submits = 0;       ///< submit_sm received
    std::uint64_t taken = 0;         ///< answered with 0, or taken and left unanswered
    std::uint64_t delivered = 0;     ///< reached the card and were acknowledged
    std::uint64_t not_download = 0;  ///< no UDHI, or a PID or DCS that does not reach the card's toolkit
    std::uint64_t to_terminals = 0;  ///< 8-bit data for a port of the terminal, handed on
    std::uint64_t refused_by_card = 0;
    std::uint64_t card_gone = 0;
    std::uint64_t retried = 0;
    std::uint64_t expired = 0;     ///< validity period over
    std::uint64_t reports = 0;     ///< user data of deliver reports passed on
    std::uint64_t originated = 0;  ///< messages that cards sent
    std::uint64_t receipts = 0;
    std::uint64_t redelivered = 0;  ///< deliver_sm that was refused or lost, sent again
    std::uint64_t given_up = 0;     ///< deliver_sm that was never accepted
    std::uint64_t binds = 0;
    std::uint64_t binds_refused = 0;

    std::uint64_t rate_limited = 0;  ///< faults from here on
    std::uint64_t throttled = 0;
    std::uint64_t queue_full = 0;
    std::uint64_t system_errors = 0;
    std::uint64_t lost = 0;
    std::uint64_t answers_lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t responses_lost = 0;
    std::uint64_t connections_dropped = 0;
    std::uint64_t stalls = 0;
    std::uint64_t reports_dropped = 0;
    std::uint64_t receipts_early = 0;
    std::uint64_t receipts_twice = 0;
    std::uint64_t receipts_missing = 0;
    std::uint64_t receipts_late = 0;

    using entry = std::pair<std::string_view, std::uint64_t smsc_counts::*>;
    static const std::array<entry, 32> names;  ///< in the order above
};

inline constexpr std::array<smsc_counts::entry, 32> smsc_counts::names{{
    {"submits", &smsc_counts::submits},
    {"taken", &smsc_counts::taken},
    {"delivered", &smsc_counts::delivered},
    {"not_download", &smsc_counts::not_download},
    {"to_terminals", &smsc_counts::to_terminals},
    {"refused_by_card", &smsc_counts::refused_by_card},
    {"card_gone", &smsc_counts::card_gone},
    {"retried", &smsc_counts::retried},
    {"expired", &smsc_counts::expired},
    {"reports", &smsc_counts::reports},
    {"originated", &smsc_counts::originated},
    {"receipts", &smsc_counts::receipts},
    {"redelivered", &smsc_counts::redelivered},
    {"given_up", &smsc_counts::given_up},
    {"binds", &smsc_counts::binds},
    {"binds_refused", &smsc_counts::binds_refused},
    {"rate_limited", &smsc_counts::rate_limited},
    {"throttled", &smsc_counts::throttled},
    {"queue_full", &smsc_counts::queue_full},
    {"system_errors", &smsc_counts::system_errors},
    {"lost", &smsc_counts::lost},
    {"answers_lost", &smsc_counts::answers_lost},
    {"duplicated", &smsc_counts::duplicated},
    {"reordered", &smsc_counts::reordered},
    {"responses_lost", &smsc_counts::responses_lost},
    {"connections_dropped", &smsc_counts::connections_dropped},
    {"stalls", &smsc_counts::stalls},
    {"reports_dropped", &smsc_counts::reports_dropped},
    {"receipts_early", &smsc_counts::receipts_early},
    {"receipts_twice", &smsc_counts::receipts_twice},
    {"receipts_missing", &smsc_counts::receipts_missing},
    {"receipts_late", &smsc_counts::receipts_late},
}};

}  // namespace ota::sandbox
