#pragma once

#include "gateway/flow/twin.hpp"
#include "queue/card_state.hpp"

/// What the topic dm.card.state tells of a card, from which a DM server can rebuild its view.
namespace ota::flow {

/// What is told of a node changes only when this does.
struct node_sign {
    event_seq desired_version = 0, reported_version = 0;
    bool wanted = false, confirmed = false, in_sync = false, blocked = false;
    device_word device = device_word::nothing;
    wall_time device_at{};
    bool operator==(const node_sign&) const = default;
};
/// Of each node of the twin, in order.
[[nodiscard]] std::vector<node_sign> signs_of(const twin&);

/// The nodes whose signs differ from those before; nodes of the gateway's own (control file, directory) are left out.
[[nodiscard]] std::vector<queue::card_state> changed_states(const twin&, std::string_view iccid, const std::vector<node_sign>& before,
                                                            wall_time now);

}  // namespace ota::flow
