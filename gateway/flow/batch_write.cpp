#include "gateway/flow/batch.hpp"
#include "gateway/flow/reasons.hpp"

#include <algorithm>

namespace ota::flow {

namespace {

constexpr auto success = [] { return BOOST_OUTCOME_V2_NAMESPACE::success(); };

}  // namespace

/// R14: when more than a set share of a profile's last cards fail alike, the profile pauses with an alert.
void batch::observe_ends(working_card& w) {
    for (auto end : w.fx.ends) {
        auto& ring = c_.rings_[w.row.profile];
        const auto sample = std::max(1u, w.profile->pause_sample);
        if (ring.last.size() < sample) {
            ring.last.push_back(static_cast<std::uint8_t>(end));
        } else {
            ring.last[ring.at++ % sample] = static_cast<std::uint8_t>(end);
        }
        if (end == packet_end::answered || ring.last.size() < sample) continue;
        const auto alike = std::count(ring.last.begin(), ring.last.end(), static_cast<std::uint8_t>(end));
        if (static_cast<double>(alike) <= w.profile->pause_share * sample || result_.paused.count(w.row.profile) != 0) continue;
        static constexpr const char* kinds[] = {"answered", "refused", "security-error", "unanswered"};
        result_.paused[w.row.profile] = kinds[static_cast<std::size_t>(end)];
        set_values_.emplace_back("paused/" + w.row.profile, kinds[static_cast<std::size_t>(end)]);
        result_.report.alerts.push_back("profile " + w.row.profile + " is paused: too many of its last cards ended alike (" +
                                        kinds[static_cast<std::size_t>(end)] + "); `otagw cards resume --profile " + w.row.profile +
                                        "` releases it");
        ring = {};
    }
}

wire::result<void> batch::write(store::transaction& tx) {
    std::vector<working_card*> order;
    for (auto& [id, w] : cards_) {
        if (w.touched && !w.unreadable) order.push_back(&w);
    }
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->row.id < b->row.id; });

    std::vector<store::card_change> changes;
    std::vector<store::event_close> closes;
    std::vector<const closing*> how;
    std::vector<store::history_row> history;
    changes.reserve(order.size());
    for (auto* w : order) {
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
        if (w->profile != nullptr) observe_ends(*w);
        if (w->fx.quarantine) {
            w->row.is = store::standing::quarantined;
            ++result_.report.quarantined;
            result_.report.alerts.push_back("card " + w->row.iccid + " is in quarantine: " + t.hold);
        }
        store::card_change change;
        change.id = w->row.id;
        change.expected_version = w->row.version;
        change.is = w->row.is;
        change.due = next_look(t, now_);
        const bool waits = change.due && *change.due <= now_ && !t.in_flight;
        const bool paused = c_.paused_.count(w->row.profile) != 0 || result_.paused.count(w->row.profile) != 0;
        // What cannot go now (paused, no number, unknown profile) is looked at again, but not in a circle.
        if (waits && (paused || w->row.msisdn.empty() || w->profile == nullptr || w->row.is != store::standing::active)) {
            change.due = now_ + std::chrono::seconds(30);
        } else if (waits && credit_ > 0) {
            change.due = now_ + std::chrono::seconds(1);
        }
        change.twin = serialize_twin(t, c_.guard_);
        changes.push_back(std::move(change));
        for (auto& s : w->fx.send) result_.send.push_back(std::move(s));
    }
    if (!new_events_.empty()) {
        OTA_TRY(tx.insert_events(new_events_));
    }
    if (!closes.empty()) {
        OTA_TRY(auto rows, tx.close_events(closes));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i] && rows[i]->closed_at == now_ && rows[i]->state == closes[i].state) status_of(*rows[i], how[i]);
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
