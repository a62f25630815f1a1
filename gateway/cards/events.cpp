#include "gateway/cards/events.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/show.hpp"
#include "gateway/flow/intake.hpp"
#include "gateway/store/tools_instance.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace ota::cards {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

constexpr std::size_t most_history = 1000;

/// Walks a card's chain of events, newest first, until `visit` has seen enough.
wire::result<void> walk_chain(store::transaction& tx, store::event_seq newest,
                              const std::function<bool(store::event_row&)>& visit) {
    for (auto seq = newest; seq != 0;) {
        const store::event_seq seqs[] = {seq};
        OTA_TRY(auto rows, tx.events_by_seq(seqs));
        if (!rows.front()) return success();  // pruned
        const auto previous = rows.front()->previous;
        if (!visit(*rows.front()) || previous >= seq) return success();
        seq = previous;
    }
    return success();
}

/// The packet that a line of the timeline tells of (flow::note), or 0.
std::int64_t packet_of(std::string_view what) noexcept {
    constexpr std::string_view name = R"("packet":)";
    const auto at = what.find(name);
    std::int64_t id = 0;
    if (at != what.npos) std::from_chars(what.data() + at + name.size(), what.data() + what.size(), id);
    return id;
}

/// `rows`: newest first.
wire::result<std::vector<timeline_entry>> with_submissions(store::transaction& tx,
                                                           std::vector<store::history_row> rows) {
    std::vector<timeline_entry> out;
    std::map<std::int64_t, std::size_t> newest_of;  ///< entries by their packet
    for (auto& row : rows) {
        if (const auto packet = packet_of(row.what); packet != 0) newest_of.try_emplace(packet, out.size());
        out.push_back({std::move(row), {}});
    }
    std::vector<std::int64_t> packets;
    for (const auto& [packet, entry] : newest_of) packets.push_back(packet);
    OTA_TRY(auto sent, tx.submissions_of(packets));  // in one question: the card is locked meanwhile
    for (auto& s : sent) out[newest_of.at(s.packet)].submissions.push_back(std::move(s));
    return out;
}

/// No table leads from an id alone to its event: the cards do.
wire::result<std::vector<store::event_row>> search_all(const desk& d, const std::string& id) {
    std::vector<store::event_row> found;
    std::error_code failed;
    const auto guard = d.guard();
    OTA_TRY(for_each_card(d.state, [&](const store::card_row& card) {
        auto twin = flow::parse_twin(card.twin, guard);
        if (!twin || twin.value().last_event == 0) return true;
        auto tx = d.state.begin();
        auto walked = !tx ? wire::result<void>(tx.error())
                          : walk_chain(*tx.value(), twin.value().last_event, [&](store::event_row& row) {
                                if (row.id == id) found.push_back(std::move(row));
                                return true;
                            });
        if (!walked) failed = walked.error();
        return !failed;
    }));
    if (failed) return failed;
    return found;
}

}  // namespace

std::vector<std::string> known_sources(const gateway_settings& settings) {
    // What `otagw publish` gives without --source; what campaigns give (campaigns::event_source).
    std::vector<std::string> out{"otagw-publish", "otagw/campaigns"};
    for (const auto& token : settings.http.tokens) out.push_back("api/" + token.name);
    for (const auto& rule : settings.sources) {
        if (rule.name.find('*') == std::string::npos) out.push_back(rule.name);
    }
    std::ranges::sort(out);  // two tokens may have one name, and a rule may name any of these
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

wire::result<std::vector<store::event_row>> find_events_of(const desk& d, const std::string& id,
                                                           const std::vector<std::string>& sources) {
    std::vector<store::event_key> keys;
    for (const auto& source : sources) keys.push_back({source, id});
    std::vector<store::event_row> found;
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(auto rows, tx->find_events(keys));
    for (auto& row : rows) {
        if (row) found.push_back(std::move(*row));
    }
    return found;
}

wire::result<std::vector<store::event_row>> find_events(const desk& d, const std::string& id, const std::string& source,
                                                        const std::vector<std::string>& guesses) {
    if (!source.empty()) return find_events_of(d, id, {source});
    OTA_TRY(auto found, find_events_of(d, id, guesses));
    if (!found.empty()) return found;
    return search_all(d, id);
}

wire::result<event_sheet> look_up_event(const desk& d, const store::event_row& row) {
    event_sheet sheet{row, {}, {}, {}};
    if (row.card == 0) return sheet;
    OTA_TRY(auto tx, d.state.begin());
    const store::card_id ids[] = {row.card};
    OTA_TRY(const auto cards, tx->cards_by_id(ids));
    if (!cards.front()) return sheet;
    auto twin = flow::parse_twin(cards.front()->twin, d.guard());
    if (!twin) return errc::unreadable_card;
    if (const auto* open = twin.value().find_event(row.seq)) sheet.phase = phase_of(twin.value(), *open);
    const store::event_seq seqs[] = {row.seq};
    OTA_TRY(const auto later, tx->later_states(seqs));
    sheet.later = later.front();
    OTA_TRY(auto history, tx->history(twin.value().last_history, most_history));
    const bool closed = row.state != static_cast<std::uint8_t>(queue::event_state::open);
    std::erase_if(history, [&](const auto& h) { return h.at < row.accepted_at || (closed && h.at > row.closed_at); });
    OTA_TRY(sheet.history, with_submissions(*tx, std::move(history)));
    std::reverse(sheet.history.begin(), sheet.history.end());
    return sheet;
}

wire::result<std::vector<store::event_row>> events_of(const desk& d, const std::string& iccid, std::size_t limit,
                                                      store::event_seq from) {
    std::vector<store::event_row> found;
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(const auto card, take_card(*tx, d, iccid));
    OTA_TRY(walk_chain(*tx, from == 0 ? card.state.last_event : from, [&](store::event_row& row) {
        const bool of_this = row.card == card.row.id;  // `from` may be anything
        if (of_this && found.size() < limit) found.push_back(std::move(row));
        return of_this && found.size() < limit;
    }));
    return found;
}

wire::result<std::vector<timeline_entry>> timeline_of(const desk& d, const std::string& iccid, std::size_t limit,
                                                      std::int64_t from) {
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(const auto card, take_card(*tx, d, iccid));
    OTA_TRY(auto rows, tx->history(from == 0 ? card.state.last_history : from, limit));
    std::erase_if(rows, [&](const auto& row) { return row.card != card.row.id; });
    return with_submissions(*tx, std::move(rows));
}

wire::result<cancel_outcome> cancel_event(const desk& d, store::event_seq seq) {
    auto outcome = cancel_outcome::not_found;
    store::id_source ids(store::tools_instance);
    OTA_TRY(in_transaction(d, [&](store::transaction& tx) -> wire::result<void> {
        const store::event_seq seqs[] = {seq};
        OTA_TRY(const auto rows, tx.events_by_seq(seqs));
        outcome = cancel_outcome::not_found;
        if (!rows.front()) return success();
        outcome = cancel_outcome::final_already;
        if (rows.front()->state != static_cast<std::uint8_t>(queue::event_state::open)) return success();
        OTA_TRY(auto card, take_card(tx, d, rows.front()->subject));
        outcome = cancel_outcome::in_flight;  // also: counted as sent, its outcome to be decided by a read-back
        if (!flow::cancel(card.state, card.profile.get(), seq, card.fx)) return success();
        outcome = cancel_outcome::cancelled;
        card.fx.history.push_back(R"({"what":"event-cancelled","event":)" + std::to_string(seq) + "}");
        return put_card(tx, d, card, true, ids);
    }));
    return outcome;
}

}  // namespace ota::cards
