#pragma once

#include "gateway/flow/card_state.hpp"
#include "gateway/flow/effects.hpp"
#include "gateway/profile/current_profiles.hpp"
#include "gateway/store/store.hpp"

#include <functional>
#include <span>

/// One card, changed by what its device said: read, changed and written in one transaction (R5).
namespace ota::sessions {

using store::wall_time;

/// What the room works with; everything outlives it.
struct surroundings {
    store::store& state;
    profile_source profiles;
    flow::guard guard;
    std::function<void(std::span<std::uint8_t>)> random;  ///< never the same twice
    std::function<wall_time()> now;
    bool card_states = false;  ///< told on dm.card.state
};

struct card_in_session {
    store::card_row row;
    flow::twin state;
    std::shared_ptr<const card_profile> profile;  ///< nothing when it is not configured
    flow::effects fx;
    std::vector<flow::node_sign> signs;         ///< as they stand in the store, when states are told
    std::vector<queue::status_event> statuses;  ///< later ones, that follow `applied`
    std::vector<queue::change_event> changes;   ///< what a session changed on the device: events for this card
};

/// Nothing: no such card, or it was replaced. Errors: the store's, or that the twin cannot be read.
[[nodiscard]] wire::result<std::optional<card_in_session>> take_card(store::transaction&, const surroundings&,
                                                                     store::card_id);
/// Writes the card, its history, closed events, statuses, states of nodes and change events (R1: through the outbox of
/// this transaction).
[[nodiscard]] wire::result<void> put_card(store::transaction&, const surroundings&, card_in_session&,
                                          store::id_source&);

/// Runs the work in a transaction and commits it when the work says that it wrote; again when another writer came
/// between.
[[nodiscard]] wire::result<void> in_transaction(store::store&,
                                                const std::function<wire::result<bool>(store::transaction&)>& work);

}  // namespace ota::sessions
