#include "gateway/flow/batch.hpp"
#include "gateway/flow/card_account.hpp"
#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/tally.hpp"

#include <algorithm>

namespace ota::flow {

namespace {

constexpr auto success = [] { return BOOST_OUTCOME_V2_NAMESPACE::success(); };

}  // namespace

/// R14: when more than a set share of a profile's last cards fail alike, the profile pauses with an alert.
void batch::observe_ends(working_card& w) {
    for (auto end : w.fx.ends) {
        // On a copy: a batch that does not commit is run again.
        auto [known, fresh] = result_.rings.try_emplace(w.row.profile);
        if (fresh) known->second = c_.rings_[w.row.profile];
        auto& ring = known->second;
        const auto sample = std::max(1u, w.profile->pause_sample);
        if (ring.last.size() > sample) ring = {};  // the profile has another sample now
        if (ring.last.size() < sample) {
            ring.last.push_back(static_cast<std::uint8_t>(end));
        } else {
            ring.last[ring.at++ % sample] = static_cast<std::uint8_t>(end);
        }
        if (end == packet_end::answered || ring.last.size() < sample) continue;
        const auto alike = std::count(ring.last.begin(), ring.last.end(), static_cast<std::uint8_t>(end));
        if (static_cast<double>(alike) <= w.profile->pause_share * sample || result_.paused.count(w.row.profile) != 0)
            continue;
        static constexpr const char* kinds[] = {"answered", "refused", "security-error", "unanswered"};
        result_.paused[w.row.profile] = kinds[static_cast<std::size_t>(end)];
        set_values_.emplace_back("paused/" + w.row.profile, kinds[static_cast<std::size_t>(end)]);
        result_.report.alerts.push_back({"profile " + w.row.profile +
                                             " is paused: too many of its last cards ended alike (" +
                                             kinds[static_cast<std::size_t>(end)] +
                                             "); `otagw cards resume --profile " + w.row.profile + "` releases it",
                                         {},
                                         w.row.profile,
                                         std::string(reason::profile_paused)});
        ring = {};
    }
}

/// When to look again at what wanted to be looked at by now: soon, but not in a circle.
wall_time batch::look_again(const working_card& w) const {
    const bool paused = c_.paused_.count(w.row.profile) != 0 || result_.paused.count(w.row.profile) != 0;
    if (paused || w.row.msisdn.empty() || w.profile == nullptr || w.row.is != store::standing::active) {
        return now_ + std::chrono::seconds(30);
    }
    if (w.is_left == working_card::left::back_to_others) return scattered(now_, c_.others_turn_, w.row.id);
    if (w.is_left == working_card::left::to_others) return now_;
    if (w.state.in_flight && w.state.in_flight->retry != 0) return now_;  // to be sent as recorded (R10)
    return !w.state.in_flight && credit_ == 0 ? now_ : now_ + std::chrono::seconds(1);
}

/// At most one message for each node and commit.
void batch::tell_states(const working_card& w) {
    for (auto& state : changed_states(w.state, w.row.iccid, w.signs, now_)) {
        state.number = c_.ids_.next(now_);
        outbox(queue::topic_card_state, queue::key_of(state), queue::serialize_card_state(state));
    }
}

wire::result<void> batch::write(store::transaction& tx) {
    std::vector<working_card*> order;
    for (auto& [id, w] : cards_) {
        if (w.touched) order.push_back(&w);
    }
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->row.id < b->row.id; });

    std::vector<store::card_change> changes;
    std::vector<store::event_close> closes;
    std::vector<const closing*> how;
    std::vector<store::history_row> history;
    changes.reserve(order.size());
    std::int64_t quarantined = 0;
    for (auto* w : order) {
        if (w->unreadable) {  // kept as it lies there, and out of the way of those that are due
            changes.push_back({w->row.id, w->row.version, w->row.twin, now_ + std::chrono::minutes(10), w->row.is});
            continue;
        }
        auto& t = w->state;
        for (auto& what : w->fx.history) {
            const auto seq = c_.ids_.next(now_);
            history.push_back({seq, w->row.id, t.last_history, now_, std::move(what)});
            t.last_history = seq;
        }
        for (const auto& c : w->fx.closed) {
            closes.push_back({c.seq, static_cast<std::uint8_t>(c.state), std::string(c.reason), c.detail, now_});
            how.push_back(&c);
        }
        if (w->profile != nullptr) {
            observe_ends(*w);
            OTA_TRY(index_accounts(tx, w->row.id, t, w->row.twin, *w->profile, c_.guard_, c_.parts_.random));
        }
        if (w->fx.quarantine) {
            if (w->row.is != store::standing::quarantined) ++quarantined;
            w->row.is = store::standing::quarantined;
            ++result_.report.quarantined;
            result_.report.alerts.push_back(
                {"card " + w->row.iccid + " is in quarantine: " + t.hold, w->row.iccid, w->row.profile, t.hold});
        }
        if (c_.settings_.card_states) tell_states(*w);
        store::card_change change;
        change.id = w->row.id;
        change.expected_version = w->row.version;
        change.is = w->row.is;
        change.due = next_look(t, w->nothing_to_plan, now_);
        if (change.due && *change.due <= now_) change.due = look_again(*w);
        const bool handed_over = !w->fx.send.empty() || !w->fx.links.empty();
        if (handed_over && t.in_flight) t.in_flight->holder = c_.settings_.instance;
        change.twin = serialize_twin(t, c_.guard_);
        changes.push_back(std::move(change));
        for (auto& s : w->fx.send) result_.send.push_back(std::move(s));
        for (auto& each : w->fx.links) result_.links.push_back(std::move(each));
        const bool awaits = t.in_flight && t.in_flight->by == carriage::channel;
        if (t.channel && t.channel->instance == c_.settings_.instance && !awaits) {
            result_.links.push_back({link_order::kind::idle, {t.channel->link}, {}, {}});
        }
        result_.report.channels += w->fx.channels;
    }
    if (!new_events_.empty()) {
        OTA_TRY(tx.insert_events(new_events_));
    }
    if (!closes.empty()) {
        OTA_TRY(auto rows, tx.close_events(closes));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!rows[i] || rows[i]->closed_at != now_ || rows[i]->state != closes[i].state) continue;
            times().of(wait::final).add(now_ - rows[i]->accepted_at);
            tell_status(*rows[i], how[i]);
        }
    }
    if (!changes.empty()) {
        OTA_TRY(tx.save_cards(changes));
    }
    if (!history.empty()) {
        OTA_TRY(tx.append_history(history));
    }
    if (!outbox_.empty()) {
        OTA_TRY(tx.append_outbox(outbox_));
    }
    if (!in_.published.empty()) {
        OTA_TRY(tx.remove_outbox(in_.published));
    }
    if (in_.publish != 0) {
        OTA_TRY(result_.to_publish, tx.outbox_of(in_.publish, in_.not_topics, corridor::outbox_page));
    }
    OTA_TRY(add_to_tally(tx, quarantined_cards, quarantined));
    OTA_TRY(add_to_tally(tx, parked_events, static_cast<std::int64_t>(result_.report.parked) - given_up_));
    if (in_.final_before) {
        OTA_TRY(tx.set_value(oldest_open::mark_name, std::to_string(*in_.final_before)));
    }
    for (const auto& [name, value] : set_values_) {
        OTA_TRY(tx.set_value(name, value));
    }
    for (const auto& name : forget_values_) {
        OTA_TRY(tx.set_value(name, std::nullopt));
    }
    result_.report.segments = result_.send.size();
    return success();
}

}  // namespace ota::flow
