#include "gateway/flow/batch.hpp"

#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/intake.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"

#include <algorithm>
#include <bit>

namespace ota::flow {

using secure_channel::verification;

batch::batch(corridor& c, const batch_input& in, wall_time now)
    : c_(c),
      in_(in),
      now_(now),
      credit_(in.credit),
      notes_(c.parts_.heard && c.parts_.heard() ? event_notes::all : c.settings_.notes),
      profiles_(c.parts_.profiles.all()) {}

working_card* batch::card(store::card_id id) noexcept {
    auto at = cards_.find(id);
    return at == cards_.end() || at->second.unreadable ? nullptr : &at->second;
}

working_card& batch::adopt(store::card_row row) {
    auto [at, fresh] = cards_.try_emplace(row.id);
    auto& w = at->second;
    if (!fresh) return w;
    by_iccid_[row.iccid] = row.id;
    w.row = std::move(row);
    auto parsed = parse_twin(w.row.twin, c_.guard_);
    if (parsed) {
        w.state = std::move(parsed.value());
        if (c_.settings_.card_states) w.signs = signs_of(w.state);
    } else {
        w.unreadable = true;
        result_.report.alerts.push_back(
            {"card " + w.row.iccid + ": its stored state cannot be read: " + parsed.error().message(),
             w.row.iccid,
             {},
             {}});
    }
    if (const auto profile = profiles_->find(w.row.profile); profile != profiles_->end()) {
        w.profile = profile->second.get();
    }
    return w;
}

card_keys* batch::keys_of(working_card& w) {
    auto keys = c_.keys_.keys_of(w.row.id, w.row.iccid, w.row.sealed_keys);
    return keys ? keys.value() : nullptr;
}

wire::result<void> batch::run(store::transaction& tx) {
    // First, so that a fenced partition costs nothing else: its events belong to another reader now (R1).
    for (const auto& [partition, next] : in_.offsets) {
        auto known = c_.offsets_.find(partition);
        const auto from = known == c_.offsets_.end() ? std::optional<std::int64_t>{} : std::optional(known->second);
        auto moved = tx.move_offset(c_.parts_.source.name(), partition, from, next);
        if (!moved) {
            if (moved.error() == store::errc::conflict) result_.fenced = partition;
            return moved.error();
        }
    }
    OTA_TRY(load(tx));
    times().of(wait::answer) = in_.answered;
    // Proofs first: they free their card for what comes with this batch.
    if (!in_.proofs.empty() || !in_.links.empty()) {
        const lap timed(times().of(stage::proof));
        take_proofs();
        take_links();
    }
    OTA_TRY(take_submitted(tx));
    if (!in_.receipts.empty()) {
        const lap timed(times().of(stage::receipt));
        OTA_TRY(take_receipts(tx));
    }
    OTA_TRY(look_at_due(tx));
    if (!in_.events.empty()) {
        const lap timed(times().of(stage::take_in));
        OTA_TRY(take_events(tx));
    }
    plan_cards();
    const lap timed(times().of(stage::write));
    return write(tx);
}

/// Reads every card that the inputs name, in one question each way (R5: locked by this transaction).
wire::result<void> batch::load(store::transaction& tx) {
    std::vector<store::card_id> ids;
    if (!in_.proofs.empty()) {
        std::vector<std::string> numbers;
        for (const auto& p : in_.proofs) numbers.push_back(p.source);
        OTA_TRY(holders_, tx.holders_of(numbers));
        for (const auto& holders : holders_) ids.insert(ids.end(), holders.begin(), holders.end());
    }
    for (const auto& s : in_.submitted) {
        if (s.outcome != bearer::submit_outcome::accepted) ids.push_back(s.id.card);
    }
    for (const auto& each : in_.links) ids.push_back(each.card);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (!ids.empty()) {
        OTA_TRY(auto rows, tx.cards_by_id(ids));
        for (auto& row : rows) {
            if (row) adopt(std::move(*row));
        }
    }
    std::vector<std::string> iccids;
    for (const auto& e : in_.events) {
        if (const auto* event = std::get_if<queue::change_event>(&e.event)) iccids.push_back(event->subject);
    }
    std::sort(iccids.begin(), iccids.end());
    iccids.erase(std::unique(iccids.begin(), iccids.end()), iccids.end());
    std::erase_if(iccids, [&](const std::string& iccid) { return by_iccid_.count(iccid) != 0; });
    if (!iccids.empty()) {
        OTA_TRY(auto rows, tx.cards_by_iccid(iccids));
        for (auto& row : rows) {
            if (row) adopt(std::move(*row));
        }
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> batch::take_submitted(store::transaction& tx) {
    std::vector<store::submission_row> accepted;
    for (const auto& s : in_.submitted) {
        if (s.outcome == bearer::submit_outcome::accepted) {
            store::submission_row row;
            row.packet = s.id.packet;
            row.segment = s.id.segment;
            row.attempt = s.id.attempt;
            row.card = s.id.card;
            row.route = s.route;
            row.message_id = s.message_id;
            row.at = now_;
            accepted.push_back(std::move(row));
            ++result_.report.submitted;
            continue;
        }
        ++result_.report.submit_failures;
        auto* w = card(s.id.card);
        if (w == nullptr || w->profile == nullptr) continue;
        // Another instance has sent it since: what becomes of that sending is what counts.
        if (const auto& p = w->state.in_flight; p && p->id == s.id.packet && holder_of(*p) != c_.settings_.instance)
            continue;
        on_submit_failure(w->state, *w->profile, s, now_, w->fx);
        w->touched = true;
    }
    if (accepted.empty()) return BOOST_OUTCOME_V2_NAMESPACE::success();
    return tx.insert_submissions(accepted);
}

wire::result<void> batch::take_receipts(store::transaction& tx) {
    std::vector<store::receipt_mark> marks;
    for (const auto& [route, receipt] : in_.receipts) {
        if (receipt.message_id.empty()) continue;
        marks.push_back(
            {route, receipt.message_id, static_cast<std::uint8_t>(static_cast<int>(receipt.state) + 1), now_});
    }
    OTA_TRY(auto rows, tx.mark_receipts(marks));
    result_.report.receipts += marks.size();
    std::vector<store::submission_row> undelivered;
    std::vector<store::card_id> ids;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i]) continue;
        times().of(wait::receipt).add(now_ - rows[i]->at);
        const auto state = static_cast<bearer::receipt_state>(marks[i].receipt - 1);
        using bearer::receipt_state;
        const bool lost = state == receipt_state::expired || state == receipt_state::deleted ||
                          state == receipt_state::undeliverable || state == receipt_state::rejected;
        if (!lost) continue;
        rows[i]->receipt = marks[i].receipt;
        undelivered.push_back(*rows[i]);
        if (cards_.count(rows[i]->card) == 0) ids.push_back(rows[i]->card);
    }
    if (!ids.empty()) {
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        OTA_TRY(auto cards, tx.cards_by_id(ids));
        for (auto& row : cards) {
            if (row) adopt(std::move(*row));
        }
    }
    for (const auto& row : undelivered) {
        auto* w = card(row.card);
        if (w == nullptr || w->profile == nullptr) continue;
        on_undelivered(w->state, *w->profile, row, now_, w->fx);
        w->touched = true;
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// R21: a proof matches the number that the packet was sent to, then the keys.
void batch::take_proofs() {
    for (std::size_t i = 0; i < in_.proofs.size(); ++i) {
        const auto& proof = in_.proofs[i];
        const auto tar = secure_channel::peek_response_tar(proof.packet.packet);
        working_card* hinted = nullptr;
        std::optional<secure_channel::opened_response> hint;
        bool settled = false;
        for (auto id : holders_[i]) {
            auto* w = card(id);
            if (w == nullptr || w->profile == nullptr || !tar || settled) continue;
            auto* keys = keys_of(*w);
            if (keys == nullptr) continue;
            const auto& t = w->state;
            for (const auto* p : {t.in_flight ? &*t.in_flight : nullptr, t.unknown ? &*t.unknown : nullptr,
                                  t.reserved ? &*t.reserved : nullptr}) {
                if (p == nullptr || p->tar != tar.value() || p->destination != proof.source) continue;
                const auto* set = keys->find(p->kic.key_version());
                if (set == nullptr) continue;
                auto opened = secure_channel::open_response(proof.packet.packet, proof.packet.first_segment,
                                                            {p->spi, p->kic, p->kid, true}, *set);
                if (!opened) continue;
                if (sabotaged(sabotage::hint_completes) || opened.value().integrity == verification::verified ||
                    opened.value().integrity == verification::not_asked) {
                    times().of(wait::proof).add(now_ - p->sent_at);
                    on_response(w->state, *w->profile, opened.value(), now_, w->fx);
                    w->touched = true;
                    ++result_.report.proofs;
                    settled = true;
                    break;
                }
                if (hinted == nullptr) {
                    hinted = w;
                    hint = std::move(opened.value());
                }
            }
            if (!settled && hinted == nullptr) settled = take_late_proof(*w, *keys, proof);
        }
        if (settled) continue;
        if (hinted == nullptr) {
            ++result_.report.unmatched;
            continue;
        }
        ++result_.report.hints;
        on_hint(hinted->state, *hinted->profile, hint->value, now_, hinted->fx);
        hinted->touched = true;
    }
}

wire::result<void> batch::look_at_due(store::transaction& tx) {
    if (!in_.look_for_due) return BOOST_OUTCOME_V2_NAMESPACE::success();
    const auto most = std::min(c_.settings_.batch, std::max<std::size_t>(credit_, 1));
    OTA_TRY(auto rows, tx.due_cards(now_, most));
    result_.more_due = rows.size() >= most;
    for (auto& row : rows) {
        const auto id = row.id;
        adopt(std::move(row));
        cards_.at(id).touched = true;
        auto* w = card(id);
        const bool usable = w != nullptr && w->profile != nullptr;
        if (usable) forget_dead_channel(*w);
        if (usable && is_of_others(*w)) {
            w->is_left = working_card::left::back_to_others;
            ++result_.due_of_others;
            continue;
        }
        ++result_.due_found;
        if (!usable) {
            if (w != nullptr) expire_events(w->state, nullptr, now_, w->fx);
            continue;
        }
        sending_state sending;
        if (const auto& p = w->state.in_flight; p && p->by == carriage::channel) {
            sending.link_gone = !has_link(p->link, w->row.id, holder_of(*p), p->sent_at);
        } else if (p && p->check_at != wall_time{} && p->check_at <= now_) {
            sending.outstanding = c_.outstanding_packets_.count(p->id) != 0;
            if (!sending.outstanding) {
                OTA_TRY(auto sent, tx.submissions_of(p->id));
                for (const auto& s : sent) {
                    if (s.segment < 32) sending.accepted |= 1u << s.segment;
                }
                // Another instance may still hold what no SMSC has taken, as long as it lives.
                const bool taken = static_cast<std::size_t>(std::popcount(sending.accepted)) >= p->segments;
                sending.outstanding = !taken && held_by_another(*p);
            }
        }
        on_look(w->state, *w->profile, {w->row.id, w->row.iccid, w->row.msisdn}, sending, now_, w->fx);
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// Another instance has its data channel, or the route that its number belongs to.
bool batch::is_of_others(const working_card& w) const {
    if (const auto& c = w.state.channel) return c->instance != c_.settings_.instance;
    const auto& to = w.state.in_flight ? w.state.in_flight->destination : w.row.msisdn;
    return !to.empty() && !c_.parts_.sender.serves(to);
}

bool batch::held_by_another(const packet& p) const {
    const auto holder = holder_of(p);
    return holder != c_.settings_.instance && lives(holder, p.sent_at);
}

/// Another instance lives that had something at that time. What its process had before it was started again, nobody has
/// any more. Both times are of its own clock.
bool batch::lives(std::uint16_t instance, wall_time since) const {
    if (!in_.neighbours) return false;
    const auto at = in_.neighbours->alive.find(instance);
    return at != in_.neighbours->alive.end() ? since >= at->second : !in_.neighbours->settled;
}

void batch::plan_cards() {
    // Cards sorted (R5), so that two instances never wait for each other crosswise.
    std::vector<working_card*> order;
    for (auto& [id, w] : cards_) {
        if (w.touched && !w.unreadable && w.profile != nullptr) order.push_back(&w);
    }
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->row.id < b->row.id; });
    for (auto* w : order) {
        forget_dead_channel(*w);
        if (w->row.is != store::standing::active || w->fx.quarantine || credit_ == 0) continue;
        if (c_.paused_.count(w->row.profile) != 0) continue;
        const card_identity who{w->row.id, w->row.iccid, w->row.msisdn};
        if (who.msisdn.empty() || w->is_left != working_card::left::to_none) continue;
        if (is_of_others(*w)) {  // it stays due: an instance that has a bind of its route plans it
            w->is_left = working_card::left::to_others;
            continue;
        }
        wake_idle(w->state, *w->profile, who, now_, w->fx);
        if (w->state.in_flight && !sabotaged(sabotage::two_in_flight)) continue;
        run_calendar(w->state, *w->profile, now_, w->fx);
        if (!w->state.unknown && !w->state.has_work()) continue;
        auto* keys = keys_of(*w);
        if (keys == nullptr || keys->sets.empty()) {
            w->state.hold = keys == nullptr ? reason::keys_unreadable : reason::no_keys;
            w->fx.quarantine = true;
            continue;
        }
        const auto packet_id = c_.ids_.next(now_);
        std::optional<planned_packet> next;
        {
            const lap timed(times().of(stage::plan));
            next = plan_next(*w, keys->sets.front().keys.mac_length(), packet_id);
        }
        if (!next) {
            w->nothing_to_plan = w->state.not_before <= now_;
            continue;
        }
        const lap timed(times().of(stage::secure));
        if (secure(w->state, *w->profile, *keys, who, std::move(*next), packet_id, now_, w->fx)) {
            ++result_.report.packets;
            note_first_submits(*w);
            if (w->state.in_flight->by != carriage::channel)
                credit_ -= std::min<std::size_t>(credit_, w->state.in_flight->segments);
        }
    }
}

/// How long the events waited that a packet carries for the first time; an event's seq tells when it was accepted.
void batch::note_first_submits(const working_card& w) {
    for (const auto& c : w.state.in_flight->carries) {
        for (const auto& e : w.state.events) {
            if (e.seq != c.version || e.attempts > 0) continue;
            const auto& node = w.state.nodes[e.node];
            const bool begun = (node.progress_version == e.seq && node.progress > 0) ||
                               (c.is == carried::kind::get && !e.image.empty());
            if (!begun)
                times().of(wait::first_submit).add(now_ - std::max(store::id_source::time_of(e.seq), e.not_before));
        }
    }
}

}  // namespace ota::flow
