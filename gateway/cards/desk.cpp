#include "gateway/cards/desk.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/flow/event_status.hpp"
#include "gateway/flow/tally.hpp"
#include "queue/event_sink.hpp"

#include <thread>

namespace ota::cards {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

constexpr int most_tries = 10;
constexpr std::chrono::milliseconds retry_pause{2};  ///< ids grow with the clock
/// Short enough to hold the store for some 20 ms only, long enough that walking a million cards is not mostly finding
/// the page.
constexpr std::size_t page = 5000;

/// Gives the events that ended their final state; their statuses go to the outbox in the same transaction (R1).
wire::result<void> close_events(store::transaction& tx, const flow::effects& fx, store::wall_time now,
                                store::id_source& ids) {
    std::vector<store::event_close> closes;
    for (const auto& c : fx.closed) {
        closes.push_back({c.seq, static_cast<std::uint8_t>(c.state), std::string(c.reason), c.detail, now});
    }
    if (closes.empty()) return success();
    OTA_TRY(const auto rows, tx.close_events(closes));
    std::vector<store::outbox_row> statuses;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i] || rows[i]->closed_at != now || rows[i]->state != closes[i].state) continue;  // final before
        statuses.push_back({ids.next(now), queue::topic_status, rows[i]->subject,
                            queue::serialize_status(flow::status_of(*rows[i], now))});
    }
    return tx.append_outbox(statuses);
}

}  // namespace

wire::result<card_in_hand> take_card(store::transaction& tx, const desk& d, const std::string& iccid) {
    const std::string iccids[] = {iccid};
    OTA_TRY(auto rows, tx.cards_by_iccid(iccids));
    if (!rows.front()) return errc::unknown_card;
    card_in_hand card;
    card.row = std::move(*rows.front());
    card.was = card.row.is;
    auto twin = flow::parse_twin(card.row.twin, d.guard());
    if (!twin) return errc::unreadable_card;
    card.state = std::move(twin.value());
    if (d.card_states) card.signs = flow::signs_of(card.state);
    card.profile = d.profiles.find(card.row.profile);
    return card;
}

std::error_code errc_of_gone(store::standing is) noexcept {
    return is == store::standing::erased ? errc::card_is_erased : errc::card_is_replaced;
}

wire::result<void> put_card(store::transaction& tx, const desk& d, card_in_hand& card, bool look,
                            store::id_source& ids) {
    const auto now = d.now();
    std::vector<store::history_row> history;
    for (auto& what : card.fx.history) {
        const auto seq = ids.next(now);
        history.push_back({seq, card.row.id, card.state.last_history, now, std::move(what)});
        card.state.last_history = seq;
    }
    card.fx.history.clear();
    OTA_TRY(tx.append_history(history));
    OTA_TRY(close_events(tx, card.fx, now, ids));
    card.fx.closed.clear();
    if (d.card_states) {
        OTA_TRY(tx.append_outbox(flow::card_state_rows(card.state, card.row.iccid, card.signs, now, ids)));
        card.signs = flow::signs_of(card.state);
    }
    if (look) card.row.due = now;
    card.row.twin = flow::serialize_twin(card.state, d.guard());
    const store::card_row rows[] = {card.row};
    OTA_TRY(tx.update_cards(rows));
    const auto quarantined = [](store::standing is) { return is == store::standing::quarantined ? 1 : 0; };
    OTA_TRY(flow::add_to_tally(tx, flow::quarantined_cards, quarantined(card.row.is) - quarantined(card.was)));
    card.was = card.row.is;
    ++card.row.version;
    return success();
}

wire::result<void> in_transaction(const desk& d, const std::function<wire::result<void>(store::transaction&)>& work) {
    for (int tries = 1;; ++tries) {
        const auto done = [&]() -> wire::result<void> {
            OTA_TRY(auto tx, d.state.begin());
            OTA_TRY(work(*tx));
            return tx->commit();
        }();
        if (done || tries == most_tries) return done;
        const bool passing = done.error() == store::errc::busy || done.error() == store::errc::conflict ||
                             done.error() == store::errc::duplicate;
        if (!passing) return done;
        std::this_thread::sleep_for(retry_pause);
    }
}

wire::result<void> for_each_card(store::store& state, const std::function<bool(const store::card_row&)>& visit,
                                 std::string after_iccid, const std::string& iccid_prefix) {
    while (true) {
        store::card_filter filter;
        filter.after_iccid = after_iccid;
        filter.iccid_prefix = iccid_prefix;
        filter.limit = page;
        OTA_TRY(auto tx, state.begin());
        OTA_TRY(const auto cards, tx->list_cards(filter));
        tx.reset();
        for (const auto& card : cards) {
            if (!visit(card)) return success();
        }
        if (cards.size() < page) return success();
        after_iccid = cards.back().iccid;
    }
}

}  // namespace ota::cards
