#pragma once

#include "gateway/campaigns/campaign.hpp"
#include "gateway/campaigns/marks.hpp"

#include <map>

/// How far a campaign came: its record in the store, small and read whole.
namespace ota::campaigns {

enum class phase : std::uint8_t {
    collecting,  ///< the selection is being written down
    canary,
    running,
    ending,  ///< no change is created any more; those under way are waited for
    completed,
    cancelled,
};
enum class halt : std::uint8_t {
    none,
    paused,   ///< by an operator
    stopped,  ///< by itself: too many failures
};

struct progress {
    std::uint64_t version = 0;  ///< grows with each change; compared before the next one
    phase is = phase::collecting;
    halt halted = halt::none;
    bool cancelling = false;  ///< ends as cancelled; what waits at the gateway is cancelled too
    std::string why;          ///< a sentence: why it is stopped, or why it ended early
    std::string created_by;
    wall_time created_at{}, started_at{}, issued_at{}, ended_at{};  ///< zero: not yet
    // What was collected.
    std::string after_iccid;  ///< while collecting
    std::size_t chunks = 0, cards = 0;
    // What became of it.
    tally by_outcome{};
    std::map<std::string, std::size_t, std::less<>> reasons;  ///< "failed/sw-6a82": cards
    // Pace.
    double credit = 0;  ///< cards, as of credit_at
    wall_time credit_at{};
    // The failure rate is judged over what ended since then.
    std::size_t judged_ended = 0, judged_failures = 0;
    // Who drives it.
    std::string driver;
    wall_time driven_at{};

    [[nodiscard]] std::size_t of(outcome o) const noexcept { return by_outcome[static_cast<std::size_t>(o)]; }
    [[nodiscard]] bool over() const noexcept { return is == phase::completed || is == phase::cancelled; }
    [[nodiscard]] std::size_t ended() const noexcept;  ///< events with a final state
    [[nodiscard]] std::size_t failures()
        const noexcept;  ///< rejected, failed and expired, but for those that an operator cancelled
    bool operator==(const progress&) const = default;
};

/// Another word for a card: out of one sum, into another. Counts the reason of rejected, failed, expired and skipped.
void remark(progress&, card_mark&, outcome, std::string_view reason, wall_time at);

/// JSON. The form of a newer program is `errc::unreadable`.
[[nodiscard]] std::string serialize_progress(const progress&);
[[nodiscard]] wire::result<progress> parse_progress(std::string_view);

/// Every answer of the next one.
inline constexpr std::array<std::string_view, 8> running_state_names{"collecting", "canary", "running",   "paused",
                                                                     "stopped",    "ending", "completed", "cancelled"};
/// "collecting", "canary", "running", "paused", "stopped", "ending", "completed", "cancelled"
[[nodiscard]] std::string_view state_name(const progress&) noexcept;
/// The same, or "scheduled" before its start.
[[nodiscard]] std::string_view state_name(const campaign&, const progress&, wall_time now) noexcept;

}  // namespace ota::campaigns
