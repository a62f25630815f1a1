#pragma once

#include "gateway/store/store.hpp"

/// Numbers that would cost a scan of all cards: named values of the store, moved in the transaction that changes what
/// they count. Whoever quarantines or releases a card, or parks or releases an event, moves them.
namespace ota::flow {

inline constexpr const char* quarantined_cards = "tally/quarantined";
inline constexpr const char* parked_events = "tally/parked";

[[nodiscard]] wire::result<std::int64_t> read_tally(store::transaction&, const char* name);
/// Nothing is written when `more` is 0.
[[nodiscard]] wire::result<void> add_to_tally(store::transaction&, const char* name, std::int64_t more);

}  // namespace ota::flow
