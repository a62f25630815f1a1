#pragma once

#include "gateway/flow/twin.hpp"
#include "gateway/store/store.hpp"
#include "queue/card_state.hpp"

/// What the topic dm.card.state tells of a card, from which a DM server can rebuild its view.
namespace ota::flow {

/// What is told of a node changes only when this does.
struct node_sign {
    event_seq desired_version = 0, reported_version = 0;
    bool wanted = false, confirmed = false, in_sync = false;
    std::string blocked;  ///< R14: the reason
    device_word device = device_word::nothing;
    wall_time device_at{};
    bool operator==(const node_sign&) const = default;
};
/// Of each node of the twin, in order.
[[nodiscard]] std::vector<node_sign> signs_of(const twin&);

/// The nodes whose signs differ from those before; nodes of the gateway's own (control file, directory) are left out.
[[nodiscard]] std::vector<queue::card_state> changed_states(const twin&, std::string_view iccid,
                                                            const std::vector<node_sign>& before, wall_time now);

/// The same as messages for the outbox of the transaction that writes the twin (R1); at most one of each node.
[[nodiscard]] std::vector<store::outbox_row> card_state_rows(const twin&, std::string_view iccid,
                                                             const std::vector<node_sign>& before, wall_time now,
                                                             store::id_source&);

}  // namespace ota::flow
