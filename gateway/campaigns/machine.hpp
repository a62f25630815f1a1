#pragma once

#include "gateway/campaigns/progress.hpp"

/// What a campaign does next. Pure: the runner performs it, and decides nothing.
namespace ota::campaigns {

/// Cards for which one step decides at most: one transaction, and one batch for the log.
inline constexpr std::size_t most_per_step = 500;
/// Changes that were put into the log and were not taken in yet: more are not created until the gateway has caught up.
inline constexpr std::size_t most_untaken = 5'000;
/// Cards that must have ended before a failure rate is judged behind the canary.
inline constexpr std::size_t least_sample = 20;

/// What the runner knows besides the record.
struct scene {
    std::size_t untaken = 0;        ///< changes that the gateway has not taken in
    bool canaries_waiting = false;  ///< a canary has no change yet
    std::optional<wall_time>
        next_due;  ///< earliest time of a waiting card (of the canaries in their phase); nothing: none waits
};

struct step {
    enum class kind : std::uint8_t {
        rest,     ///< until `wake`, at the latest
        collect,  ///< write down the next part of the selection
        issue,    ///< create changes for up to `cards` cards
    };
    kind is = kind::rest;
    std::size_t cards = 0;
    std::optional<wall_time> wake;  ///< nothing: when something happens
};

/// Moves the phases on: the canary is judged, the end is reached, all have ended. true: the record changed.
[[nodiscard]] bool advance(const campaign&, progress&, const scene&, wall_time now);
/// What to do now.
[[nodiscard]] step next_step(const campaign&, const progress&, const scene&, wall_time now);

/// Cards that the pace allows at this moment; it saves up at most a second's worth, or two cards.
[[nodiscard]] double credit_at(const campaign&, const progress&, wall_time now) noexcept;
/// So many changes are created now.
void spend(const campaign&, progress&, std::size_t cards, wall_time now) noexcept;
/// Canaries of a selection of this size.
[[nodiscard]] std::size_t canaries_of(const campaign&, std::size_t cards) noexcept;

/// An operator's word. `errc::over`, `errc::halted_already`, `errc::not_halted`.
[[nodiscard]] wire::result<void> pause(progress&);
[[nodiscard]] wire::result<void> resume(progress&);  ///< failures so far do not count any more
[[nodiscard]] wire::result<void> cancel(progress&);

}  // namespace ota::campaigns
