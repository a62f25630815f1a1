#pragma once

#include "gateway/cards/desk.hpp"

namespace ota::cards {

struct inspection {
    std::size_t cards = 0;
    std::size_t open_events = 0;  ///< in the cards' twins
    std::size_t problems = 0;
    store::counts counted;
};

/// Looks at every card: its state and keys can be read, its profile is configured, its open events stand open in the
/// event table, no number is at two cards. `alone`: no gateway runs, so that sums must agree too. Each problem is a
/// sentence without secrets.
[[nodiscard]] wire::result<inspection> inspect(const desk&, bool alone,
                                               const std::function<void(const std::string&)>& on_problem);

/// R22: deletes what is finished and older than the retention; how many rows went.
[[nodiscard]] wire::result<std::size_t> prune(store::store&, store::wall_time older_than);

}  // namespace ota::cards
