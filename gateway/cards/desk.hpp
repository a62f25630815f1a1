#pragma once

#include "gateway/cards/vault.hpp"
#include "gateway/flow/card_state.hpp"
#include "gateway/flow/effects.hpp"
#include "gateway/profile/current_profiles.hpp"
#include "gateway/store/store.hpp"

#include <functional>

/// Work on single cards beside a running gateway: it reads every row anew in each transaction, so a change here is seen
/// at its next look (`due` is now).
namespace ota::cards {

/// What the operator's commands work with; everything outlives them.
struct desk {
    store::store& state;
    profile_source profiles;
    const secure_channel::key_encryption_key& kek;
    random_octets random;
    std::function<store::wall_time()> now;
    bool card_states = false;  ///< told on dm.card.state

    [[nodiscard]] flow::guard guard() const { return guard_under(kek, random); }
};

/// A card that is being changed in this transaction (R5: locked by it).
struct card_in_hand {
    store::card_row row;
    flow::twin state;
    flow::effects fx;
    std::shared_ptr<const card_profile> profile;    ///< nothing when it is not configured
    store::standing was = store::standing::active;  ///< as it stands in the store
    std::vector<flow::node_sign> signs;             ///< as they stand in the store, when states are told
};

/// `errc::unknown_card`, `errc::unreadable_card`, or the store's error.
[[nodiscard]] wire::result<card_in_hand> take_card(store::transaction&, const desk&, const std::string& iccid);

/// Of a card that is_gone.
[[nodiscard]] std::error_code errc_of_gone(store::standing) noexcept;

/// Writes everything that changed on the card: row, twin, history, closed events, their statuses and states of nodes
/// (outbox), in this transaction (R1). `look`: the gateway is to look at the card at once.
[[nodiscard]] wire::result<void> put_card(store::transaction&, const desk&, card_in_hand&, bool look,
                                          store::id_source&);

/// Runs the work in a transaction and commits it; again when another writer came between.
[[nodiscard]] wire::result<void> in_transaction(const desk&,
                                                const std::function<wire::result<void>(store::transaction&)>& work);

/// Calls `visit` with every card in the order of ICCIDs, some thousand per transaction so that a running gateway gets
/// its turn. Stops when it answers false.
[[nodiscard]] wire::result<void> for_each_card(store::store&, const std::function<bool(const store::card_row&)>& visit,
                                               std::string after_iccid = {}, const std::string& iccid_prefix = {});

}  // namespace ota::cards
