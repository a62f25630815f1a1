#pragma once

#include "gateway/campaigns/campaign.hpp"
#include "gateway/campaigns/marks.hpp"
#include "gateway/store/store.hpp"

/// Whether a card gets its change now.
namespace ota::campaigns {

/// What the card has had, and what the change would take.
struct card_account {
    std::size_t sent = 0;    ///< short messages since its day began
    std::size_t needed = 0;  ///< for the change
};

struct admission {
    outcome is = outcome::open;  ///< open: it gets it; waiting: not before `at`; skipped
    wall_time at{};
    std::string_view reason;  ///< of a skipped card; "hours" or "sms-cap" of a waiting one
};

/// The zone of a card: what its label says, when that is one.
[[nodiscard]] std::string zone_of(const campaign&, std::string_view labels);

/// `card`: nothing when it is not imported. `account` is asked only when there is a cap, with the beginning of the
/// card's day.
[[nodiscard]] wire::result<admission> admit(const campaign&, const store::card_row* card,
                                            const std::function<wire::result<card_account>(wall_time since)>& account,
                                            wall_time now);

}  // namespace ota::campaigns
