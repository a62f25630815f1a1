#pragma once

#include "gateway/campaigns/admission.hpp"
#include "gateway/flow/twin.hpp"
#include "gateway/profile/card_profile.hpp"

/// What a campaign's change takes on a card, by the gateway's own plan (flow/rehearsal).
namespace ota::campaigns {

struct change_cost {
    queue::event_state state = queue::event_state::open;  ///< at intake: rejected or superseded ones need nothing
    std::string reason, detail;
    std::size_t messages = 0;  ///< short messages, without repeats
    bool reads_first = false;  ///< the card has to be asked first: the messages are the least
};

/// Assumes checksums of 8 octets. The errors of flow::parse_twin.
[[nodiscard]] wire::result<change_cost> cost_on(const campaign&, const store::card_row&, const card_profile&,
                                                const flow::guard&, wall_time now);

/// Short messages that went to the card since then: of every packet with a line in its history, and of those under way.
[[nodiscard]] wire::result<std::size_t> messages_since(store::transaction&, const flow::twin&, wall_time since);

/// For `admit`; a card whose profile is not configured is taken to need nothing: its event says why it cannot be.
[[nodiscard]] wire::result<card_account> account_of(store::transaction&, const campaign&, const store::card_row&,
                                                    const profile_set&, const flow::guard&, wall_time since,
                                                    wall_time now);

}  // namespace ota::campaigns
