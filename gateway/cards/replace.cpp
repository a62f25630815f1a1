#include "gateway/cards/errc.hpp"
#include "gateway/cards/operate.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/profile/object_files.hpp"
#include "gateway/store/tools_instance.hpp"

#include <algorithm>

namespace ota::cards {

namespace {

using flow::open_event;
using queue::event_state;
using queue::operation;
using store::standing;

bool is_state_change(operation op) noexcept { return op != operation::get && op != operation::exec; }

bool takes(const card_profile* profile, const flow::node_state& node) {
    const auto* object = profile == nullptr ? nullptr : profile->object(node.uri);
    if (object != nullptr) return !object->mirror && object->file.size == node.desired.size();
    const auto* binding = profile == nullptr ? nullptr : profile->find(node.uri);
    return binding != nullptr && binding->is == node_binding::kind::file && binding->writable &&
           binding->size == node.desired.size();
}

/// R21: what the old card should hold, the new one should hold now; nothing of it is confirmed there. What the new card
/// was told itself is newer and stays.
void carry(const flow::twin& from, card_in_hand& to, replacement& did) {
    for (const auto& n : from.nodes) {
        if (!n.wanted) continue;
        if (!takes(to.profile.get(), n)) {
            did.left.push_back(n.uri);
            continue;
        }
        const auto* object = to.profile->object(n.uri);
        const bool secret = object != nullptr ? holds_secrets(*object) : !to.profile->find(n.uri)->readable;
        auto& target = to.state.nodes[to.state.node_index(n.uri, secret)];
        if (target.wanted) continue;
        if (object != nullptr) target.reported = n.desired;  // what later changes of its nodes are applied to
        target.wanted = true;
        target.confirmed = false;
        target.there = n.there;
        target.desired = n.desired;
        target.desired_version = n.desired_version;
        target.progress = 0;
        if (n.revision) target.revision = std::max(target.revision.value_or(*n.revision), *n.revision);
        did.carried.push_back(n.uri);
    }
}

bool carried_over(const card_in_hand& old, const open_event& e, const replacement& did) {
    if (!is_state_change(e.op) || e.is == open_event::phase::deferred) return false;
    const auto& uri = old.state.nodes[e.node].uri;
    return std::find(did.carried.begin(), did.carried.end(), uri) != did.carried.end();
}

/// Every open event of the old card ends here; one in flight may have run on it.
void end_events(card_in_hand& old, const std::string& new_iccid, replacement& did) {
    for (const auto& e : old.state.events) {
        const bool carried = carried_over(old, e, did);
        std::string detail = carried ? "its value goes to card " + new_iccid : "the card was replaced by " + new_iccid;
        if (e.is == open_event::phase::in_flight) detail += "; it may have been applied on the old card";
        old.fx.close(e.seq, carried ? event_state::superseded : event_state::failed, flow::reason::card_replaced,
                     std::move(detail));
    }
    did.ended = old.state.events.size();
    old.state.events.clear();
    old.state.in_flight.reset();
    old.state.unknown.reset();
    old.state.reserved.reset();
    old.state.read_back_due = false;
    for (auto& n : old.state.nodes) n.wanted = false;
}

void move_number(card_in_hand& old, card_in_hand& fresh, store::wall_time now, replacement& did) {
    if (fresh.row.msisdn.empty() && !old.row.msisdn.empty()) {
        fresh.row.msisdn = did.number = old.row.msisdn;
        fresh.row.msisdn_since = now;
    }
    old.row.msisdn.clear();
}

}  // namespace

wire::result<replacement> replace(const desk& d, const std::string& old_iccid, const std::string& new_iccid,
                                  bool carry_over) {
    if (old_iccid == new_iccid) return errc::same_card;
    replacement did;
    store::id_source ids(store::tools_instance);
    OTA_TRY(in_transaction(d, [&](store::transaction& tx) -> wire::result<void> {
        did = {};
        OTA_TRY(auto old, take_card(tx, d, old_iccid));
        OTA_TRY(auto fresh, take_card(tx, d, new_iccid));
        for (const auto is : {old.row.is, fresh.row.is}) {
            if (store::is_gone(is)) return errc_of_gone(is);
        }
        if (carry_over) carry(old.state, fresh, did);
        end_events(old, new_iccid, did);
        move_number(old, fresh, d.now(), did);
        old.row.is = standing::replaced;
        old.row.due.reset();
        old.state.hold = flow::reason::card_replaced;
        old.fx.history.push_back(R"({"what":"replaced","by":")" + new_iccid + "\"}");
        fresh.fx.history.push_back(R"({"what":"replaces","card":")" + old_iccid + "\"}");
        OTA_TRY(put_card(tx, d, old, false, ids));
        return put_card(tx, d, fresh, true, ids);
    }));
    return did;
}

}  // namespace ota::cards
