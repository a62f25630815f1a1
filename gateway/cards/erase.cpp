#include "gateway/cards/errc.hpp"
#include "gateway/cards/operate.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/sessions/notify_order.hpp"
#include "gateway/store/tools_instance.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace ota::cards {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

constexpr std::size_t most_history = 100'000;  ///< of one card; older rows go when they are pruned

/// What the card's timeline and twin lead to.
wire::result<store::remains> remains_of(store::transaction& tx, const card_in_hand& card) {
    store::remains out;
    out.card = card.row.id;
    for (const auto* p : {&card.state.in_flight, &card.state.unknown, &card.state.reserved}) {
        if (*p) out.packets.push_back((*p)->id);
    }
    OTA_TRY(const auto rows, tx.history(card.state.last_history, most_history));
    for (const auto& row : rows) {
        out.history.push_back(row.seq);
        boost::system::error_code fault;
        const auto what = boost::json::parse(row.what, fault);
        const auto* entry = fault ? nullptr : what.if_object();
        const auto* packet = entry == nullptr ? nullptr : entry->if_contains("packet");
        if (packet != nullptr && packet->is_int64()) out.packets.push_back(packet->get_int64());
    }
    return out;
}

std::size_t end_events(card_in_hand& card) {
    for (const auto& e : card.state.events) {
        const bool sent = e.is == flow::open_event::phase::in_flight;
        card.fx.close(e.seq, queue::event_state::rejected, flow::reason::card_erased,
                      sent ? "the card was erased; it may have been applied on it" : "the card was erased");
    }
    return card.state.events.size();
}

/// What stays: that it was, and the chain of its events, which keeps repeats from coming in as new ones.
void forget(card_in_hand& card) {
    flow::twin fresh;
    fresh.last_event = card.state.last_event;
    fresh.hold = flow::reason::card_erased;
    card.state = std::move(fresh);
    card.row.is = store::standing::erased;
    card.row.msisdn.clear();
    card.row.msisdn_since = {};
    card.row.labels.clear();
    card.row.sealed_keys.clear();
    card.row.due.reset();
    card.signs.clear();  // its states are not told any more
}

}  // namespace

wire::result<std::size_t> erase(const desk& d, const std::string& iccid) {
    std::size_t ended = 0;
    store::id_source ids(store::tools_instance);
    OTA_TRY(in_transaction(d, [&](store::transaction& tx) -> wire::result<void> {
        ended = 0;
        OTA_TRY(auto card, take_card(tx, d, iccid));
        if (card.row.is == store::standing::erased) return success();
        OTA_TRY(const auto remains, remains_of(tx, card));
        ended = end_events(card);
        forget(card);
        card.fx.history.push_back(R"({"what":"erased"})");
        OTA_TRY(put_card(tx, d, card, false, ids));
        OTA_TRY(sessions::forget_notify_order(tx, iccid));
        return tx.erase(remains);
    }));
    return ended;
}

}  // namespace ota::cards
