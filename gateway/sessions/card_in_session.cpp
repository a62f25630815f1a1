#include "gateway/sessions/card_in_session.hpp"

#include "gateway/flow/event_status.hpp"
#include "queue/event_sink.hpp"

#include <algorithm>
#include <iterator>
#include <thread>

namespace ota::sessions {

namespace {

constexpr auto success = [] { return BOOST_OUTCOME_V2_NAMESPACE::success(); };
constexpr int most_tries = 10;
constexpr std::chrono::seconds longest_try{3};       // a device waits, and every other with it
constexpr std::chrono::milliseconds retry_pause{2};  // ids grow with the clock

wire::result<void> close_events(store::transaction& tx, const flow::effects& fx, wall_time now,
                                std::vector<queue::status_event>& told) {
    std::vector<store::event_close> closes;
    for (const auto& c : fx.closed)
        closes.push_back({c.seq, static_cast<std::uint8_t>(c.state), std::string(c.reason), c.detail, now});
    if (closes.empty()) return success();
    OTA_TRY(const auto rows, tx.close_events(closes));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool ours = rows[i] && rows[i]->closed_at == now && rows[i]->state == closes[i].state;
        if (ours) told.push_back(flow::status_of(*rows[i], now));  // else it was final before
    }
    return success();
}

}  // namespace

wire::result<std::optional<card_in_session>> take_card(store::transaction& tx, const surroundings& with,
                                                       store::card_id id) {
    const store::card_id ids[] = {id};
    OTA_TRY(auto rows, tx.cards_by_id(ids));
    std::optional<card_in_session> found;
    if (!rows.front() || store::is_gone(rows.front()->is)) return found;
    found.emplace();
    found->row = std::move(*rows.front());
    OTA_TRY(found->state, flow::parse_twin(found->row.twin, with.guard));
    if (with.card_states) found->signs = flow::signs_of(found->state);
    found->profile = with.profiles.find(found->row.profile);
    return found;
}

wire::result<void> put_card(store::transaction& tx, const surroundings& with, card_in_session& card,
                            store::id_source& ids) {
    const auto now = with.now();
    std::vector<store::history_row> history;
    for (auto& what : card.fx.history) {
        const auto seq = ids.next(now);
        history.push_back({seq, card.row.id, card.state.last_history, now, std::move(what)});
        card.state.last_history = seq;
    }
    OTA_TRY(tx.append_history(history));
    auto statuses = std::move(card.statuses);
    OTA_TRY(close_events(tx, card.fx, now, statuses));
    std::vector<store::outbox_row> out;
    for (const auto& s : statuses)
        out.push_back({ids.next(now), queue::topic_status, s.subject, queue::serialize_status(s)});
    for (auto& e : card.changes) {
        const auto seq = ids.next(now);
        e.id = std::to_string(seq);
        out.push_back({seq, queue::topic_changes, e.subject, queue::serialize_event(e)});
    }
    if (with.card_states)
        std::ranges::move(flow::card_state_rows(card.state, card.row.iccid, card.signs, now, ids),
                          std::back_inserter(out));
    OTA_TRY(tx.append_outbox(out));
    const store::card_change change[] = {
        {card.row.id, card.row.version, flow::serialize_twin(card.state, with.guard), card.row.due, card.row.is}};
    return tx.save_cards(change);
}

wire::result<void> in_transaction(store::store& state,
                                  const std::function<wire::result<bool>(store::transaction&)>& work) {
    const auto end = std::chrono::steady_clock::now() + longest_try;
    for (int tries = 1;; ++tries) {
        const auto done = [&]() -> wire::result<void> {
            OTA_TRY(auto tx, state.begin());
            OTA_TRY(const bool wrote, work(*tx));
            if (!wrote) return success();
            return tx->commit();
        }();
        if (done || tries == most_tries) return done;
        const bool passing = done.error() == store::errc::busy || done.error() == store::errc::conflict ||
                             done.error() == store::errc::duplicate;
        if (!passing || std::chrono::steady_clock::now() >= end) return done;
        std::this_thread::sleep_for(retry_pause);
    }
}

}  // namespace ota::sessions
