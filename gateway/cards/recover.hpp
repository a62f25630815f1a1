#pragma once

#include "gateway/cards/desk.hpp"

namespace ota::cards {

/// How far counters leap after a restore. Packets that were sent after the copy was taken are not in it: per card and
/// day at most a handful, but resynchronisation may have added 16 + 256 + 4096 + 65536 a day on top (R12). 2^20 covers
/// 15 such days, and a counter of 40 bits bears a million recoveries.
inline constexpr std::uint64_t default_leap = 1u << 20;

/// Named value of the store: when it was recovered last, in ms since 1970. What a consumer group committed before that
/// may be ahead of the store.
inline constexpr std::string_view recovered_value = "recovered";

struct recover_report {
    std::size_t cards = 0;
    std::size_t counters = 0;  ///< that leapt
    std::size_t unknown = 0;   ///< packets in flight that are unknown now
    std::size_t out_of_step =
        0;  ///< cards whose counter must rise by exactly one: no leap helps, they are in quarantine
    std::size_t unconfigured = 0;         ///< cards of unknown profiles: only counters known by the copy leapt
    std::vector<std::string> unreadable;  ///< ICCIDs: their state or keys cannot be read; the gateway leaves them alone
};

/// R3: makes a restored copy fit to be used. Every counter leaps, also one that the copy has not begun; what is in
/// flight is unknown, and nothing counts as confirmed. One transaction: a store is recovered wholly or not at all,
/// because its first commit is what makes it acceptable to a gateway.
[[nodiscard]] wire::result<recover_report> recover(const desk&, std::uint64_t leap,
                                                   const std::function<void(const recover_report&)>& on_page);

}  // namespace ota::cards
