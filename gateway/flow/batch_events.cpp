#include "gateway/flow/batch.hpp"
#include "gateway/flow/event_status.hpp"
#include "gateway/flow/intake.hpp"
#include "gateway/flow/reasons.hpp"
#include "queue/base64.hpp"
#include "queue/dead_letter.hpp"

namespace ota::flow {

using queue::event_state;

store::event_row batch::row_of(const queue::change_event& event, store::event_seq seq, store::card_id card) const {
    store::event_row row;
    row.seq = seq;
    row.source = event.source;
    row.id = event.id;
    row.card = card;
    row.op = static_cast<std::uint8_t>(event.op);
    row.node = event.node;
    row.subject = event.subject;
    row.traceparent = event.traceparent;
    row.revision = event.revision;
    row.content_hash = event.content_hash;
    row.accepted_at = now_;
    return row;
}

void batch::dead_letter(const incoming& in, std::string_view reason, std::string detail) {
    queue::dead_letter letter;
    letter.reason = reason;
    letter.detail = std::move(detail);
    if (const auto* e = std::get_if<queue::change_event>(&in.event)) {
        letter.source = e->source;
        letter.id = e->id;
        letter.subject = e->subject;
    } else {
        const auto& u = std::get<queue::unreadable>(in.event);
        letter.source = u.source;
        letter.id = u.id;
        letter.subject = u.subject;
    }
    result_.report.dead.push_back({letter.source, letter.id, letter.subject, {}, letter.reason, event_state::open});
    letter.origin = {queue::topic_changes, in.record.partition, in.record.offset};
    letter.at = now_;
    letter.sealed = c_.guard_.seal(wire::as_octets(in.record.payload), "dead-letter");  // R24
    if (!in.record.headers.empty())
        letter.sealed_headers =
            c_.guard_.seal(wire::as_octets(queue::serialize_headers(in.record.headers)), "dead-letter");
    ++result_.report.dead_letters;
    ++result_.report.reasons[letter.reason];
    outbox(queue::topic_dead_letters, in.record.key, queue::serialize_dead_letter(letter));
}

wire::result<void> batch::take_events(store::transaction& tx) {
    std::vector<store::event_key> keys;
    std::vector<std::size_t> at(in_.events.size(), 0);
    for (std::size_t i = 0; i < in_.events.size(); ++i) {
        at[i] = keys.size();
        if (const auto* e = std::get_if<queue::change_event>(&in_.events[i].event)) {
            keys.push_back({e->source, e->id});
        } else if (const auto& u = std::get<queue::unreadable>(in_.events[i].event); !u.dead_letter) {
            keys.push_back({u.source, u.id});
        }
    }
    std::vector<std::optional<store::event_row>> known;
    if (!keys.empty()) {
        OTA_TRY(known, tx.find_events(keys));
    }
    for (std::size_t i = 0; i < in_.events.size(); ++i) {
        const auto& in = in_.events[i];
        if (in.parked) forget_values_.push_back(in.parked_name);
        if (in.overdue) ++given_up_;
        if (in.record.damaged) {
            dead_letter(in, reason::damaged, "the record's octets fail their checksum");
            continue;
        }
        if (const auto* event = std::get_if<queue::change_event>(&in.event)) {
            OTA_TRY(take_event(tx, in, *event, known[at[i]]));
            continue;
        }
        const auto& bad = std::get<queue::unreadable>(in.event);
        if (bad.dead_letter) {  // R23
            dead_letter(in, bad.reason, bad.detail);
            continue;
        }
        if (known[at[i]] || !seen_.try_emplace({bad.source, bad.id}, 0).second) {
            ++result_.report.duplicates;
            continue;
        }
        queue::change_event named;
        named.source = bad.source;
        named.id = bad.id;
        named.subject = bad.subject;
        auto row = row_of(named, c_.ids_.next(now_), 0);
        row.state = static_cast<std::uint8_t>(event_state::rejected);
        row.reason = bad.reason;
        row.detail = bad.detail;
        row.closed_at = now_;
        tell_status(row, nullptr);
        new_events_.push_back(std::move(row));
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> batch::take_event(store::transaction&, const incoming& in, const queue::change_event& event,
                                     const std::optional<store::event_row>& known) {
    // R22: the same id again is a repeat; with other content it is a dead letter. An event that was parked may come
    // back.
    auto [seen, fresh] = seen_.try_emplace({event.source, event.id}, event.content_hash);
    if (known || !fresh) {
        const auto before = known ? known->content_hash : seen->second;
        if (before == event.content_hash) {
            ++result_.report.duplicates;
        } else {
            dead_letter(in, reason::duplicate_id,
                        "an event with this source and id but other content was taken in before");
        }
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    ++result_.report.events;
    if (notes_ == event_notes::all) {
        result_.report.taken.push_back({event.source, event.id, event.subject, event.node, {}, event_state::open});
    }
    const auto seq = c_.ids_.next(now_);
    auto by_iccid = by_iccid_.find(event.subject);
    auto* w = by_iccid == by_iccid_.end() ? nullptr : card(by_iccid->second);
    auto row = row_of(event, seq, w == nullptr ? 0 : w->row.id);

    verdict said;
    if (w == nullptr && by_iccid == by_iccid_.end() && c_.settings_.park_unknown_cards && !in.overdue) {
        char tail[24];
        std::snprintf(tail, sizeof tail, "/%016llx", static_cast<unsigned long long>(seq));
        set_values_.emplace_back("parked/" + event.subject + tail,
                                 wire::to_hex(c_.guard_.seal(wire::as_octets(in.record.payload), "parked")));
        ++result_.report.parked;
        seen_.erase({event.source, event.id});
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    if (w == nullptr) {
        said = {event_state::rejected, reason::unknown_card, "no card with this ICCID is known"};
    } else if (w->row.is == store::standing::replaced) {
        said = {event_state::rejected, reason::card_replaced, "the card was replaced"};
    } else if (w->row.is == store::standing::erased) {
        said = {event_state::rejected, reason::card_erased, "the card was erased"};
    } else if (w->profile == nullptr) {
        said = {event_state::rejected, reason::unknown_profile, "the card's profile is not configured"};
    } else if (c_.settings_.permitted && !c_.settings_.permitted(event.source, event.node)) {
        said = {event_state::rejected, reason::not_permitted, "this source may not change this node"};
    } else {
        w->touched = true;
        said = take_in(w->state, *w->profile, event, seq, c_.settings_.event_life, now_, w->fx);
    }
    if (w != nullptr) {
        row.previous = w->state.last_event;
        w->state.last_event = seq;
        w->touched = true;
    }
    row.state = static_cast<std::uint8_t>(said.state);
    row.reason = said.reason;
    row.detail = said.detail;
    if (said.state != event_state::open) {
        row.closed_at = now_;
        tell_status(row, nullptr);
    }
    new_events_.push_back(std::move(row));
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

void batch::tell_status(const store::event_row& row, const closing* how) {
    auto s = status_of(row, now_);
    if (how != nullptr && how->has_value) s.value = queue::to_base64(how->value);
    const auto state = static_cast<event_state>(row.state);
    if (notes_ >= event_notes::ends || state == event_state::rejected) {
        result_.report.ended.push_back({row.source, row.id, row.subject, row.node, row.reason, state});
    }
    ++result_.report.closed[row.state];
    if (!row.reason.empty()) ++result_.report.reasons[row.reason];
    outbox(queue::topic_status, row.subject, queue::serialize_status(s));
}

void batch::outbox(std::string topic, std::string key, std::string value) {
    const auto seq = c_.ids_.next(now_);
    outbox_.push_back({seq, topic, key, value});
    result_.outbox.emplace_back(seq, queue::message{std::move(topic), std::move(key), std::move(value), {}});
}

}  // namespace ota::flow
