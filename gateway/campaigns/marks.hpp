#pragma once

#include "gateway/campaigns/calendar.hpp"
#include "secure-channel/wire/result.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// What became of each card of a campaign. A chunk of some hundred cards is one value of the store.
namespace ota::campaigns {

enum class outcome : std::uint8_t {
    waiting,  ///< no change was created yet
    open,     ///< it was; its event has no final state that is known here
    applied,
    superseded,
    rejected,
    failed,
    expired,
    skipped,  ///< no change is created for this card
};
inline constexpr std::size_t outcomes = 8;
[[nodiscard]] std::string_view name_of(outcome) noexcept;
[[nodiscard]] std::optional<outcome> outcome_of(std::string_view name) noexcept;

struct card_mark {
    std::string iccid;
    outcome is = outcome::waiting;
    wall_time at{};      ///< waiting: not before; open: decided on then; else since when
    std::string reason;  ///< reason code of the event; of a skipped card: why; of a waiting one: what it waits for
    bool operator==(const card_mark&) const = default;
};

inline constexpr std::size_t chunk_size = 500;
using chunk = std::vector<card_mark>;
/// A line for each card: ICCID, a letter, the time in milliseconds since 1970, the reason; with a space between.
[[nodiscard]] std::string serialize_chunk(const chunk&);
[[nodiscard]] wire::result<chunk> parse_chunk(std::string_view);

using tally = std::array<std::size_t, outcomes>;
[[nodiscard]] tally count(const chunk&) noexcept;

/// Whether the card with this number, of so many, is one of `canaries`: they are spread evenly.
[[nodiscard]] constexpr bool is_canary(std::size_t number, std::size_t of, std::size_t canaries) noexcept {
    if (of == 0 || canaries >= of) return true;
    return number * canaries / of != (number + 1) * canaries / of;
}

}  // namespace ota::campaigns
