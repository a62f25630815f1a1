#include "gateway/sessions/device_word.hpp"

#include "gateway/flow/event_status.hpp"
#include "gateway/profile/object_files.hpp"
#include "secure-channel/wire/crc.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace ota::sessions {

using flow::device_word;

namespace {

constexpr std::size_t longest_walk = 500;  // events of one card that are looked at for one object

/// The state events of the object that are applied, newest first.
wire::result<std::vector<store::event_row>> applied_events(store::transaction& tx, const card_in_session& card,
                                                           const management_object_binding& object) {
    std::vector<store::event_row> found;
    auto seq = card.state.last_event;
    for (std::size_t steps = 0; seq != 0 && steps < longest_walk; ++steps) {
        const store::event_seq seqs[] = {seq};
        OTA_TRY(auto rows, tx.events_by_seq(seqs));
        if (!rows.front()) break;  // pruned
        auto& row = *rows.front();
        const auto previous = row.previous;
        const auto op = static_cast<queue::operation>(row.op);
        const bool changes = op != queue::operation::get && op != queue::operation::exec;
        const bool applied = row.state == static_cast<std::uint8_t>(queue::event_state::applied);
        if (changes && applied && card.profile->find_object(row.node) == &object) found.push_back(std::move(row));
        if (previous >= seq) break;
        seq = previous;
    }
    return found;
}

/// Is the word news to an event of which this was the last one?
bool is_news(device_word word, device_word before) {
    if (word == device_word::declined) return before == device_word::nothing;
    if (word == device_word::purged) return before == device_word::incorporated;
    return before != word;
}

flow::node_state& node_of(card_in_session& card, const management_object_binding& object) {
    return card.state.nodes[card.state.node_index(object.uri, holds_secrets(object))];
}

std::string entry_of(std::string_view what, const std::string& node, const std::string& device) {
    boost::json::object entry{{"what", what}, {"node", node}};
    if (!device.empty()) entry["device"] = device;
    return boost::json::serialize(entry);
}

}  // namespace

std::string_view name_of(device_word word) noexcept {
    switch (word) {
        case device_word::incorporated: return "incorporated";
        case device_word::declined: return "declined";
        case device_word::purged: return "purged";
        case device_word::nothing: break;
    }
    return "unconfirmed";
}

wire::result<void> put_down(store::transaction& tx, card_in_session& card, const management_object_binding& object,
                            device_word word, wall_time now) {
    auto& view = node_of(card, object).device;
    view.said = word;
    view.image_crc = crc_of(node_of(card, object));
    view.at = now;
    OTA_TRY(auto rows, applied_events(tx, card, object));
    std::vector<store::event_seq> seqs;
    for (const auto& row : rows) seqs.push_back(row.seq);
    OTA_TRY(const auto before, tx.later_states(seqs));
    std::vector<store::later_state> later;
    for (std::size_t i = rows.size(); i-- > 0;) {  // oldest first
        const auto last = before[i] ? static_cast<device_word>(before[i]->state) : device_word::nothing;
        if (!is_news(word, last)) continue;
        auto status = flow::status_of(rows[i], now);
        status.state = name_of(word);
        status.final = false;
        status.reason.clear();
        status.detail.clear();
        status.sequence = before[i] ? before[i]->sequence + 1 : 0;
        later.push_back({rows[i].seq, static_cast<std::uint8_t>(word), status.sequence, now});
        card.statuses.push_back(std::move(status));
    }
    OTA_TRY(tx.save_later_states(later));
    if (!later.empty()) card.fx.history.push_back(entry_of("device-" + std::string(name_of(word)), object.uri, {}));
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

void put_down_drift(card_in_session& card, const management_object_binding& object, const std::string& node,
                    const std::string& device) {
    ++node_of(card, object).device.drifts;
    card.fx.history.push_back(entry_of("device-drift", node, device));
}

std::uint32_t crc_of(const flow::node_state& n) { return wire::crc32(n.reported); }

bool is_moving(const flow::twin& t, const flow::node_state& n) noexcept {
    if (!n.wanted || n.desired.empty() || (n.confirmed && n.desired == n.reported)) return false;
    const auto carries = [&](const std::optional<flow::packet>& p) {
        return p && std::ranges::any_of(p->carries, [&](const flow::carried& c) { return &t.nodes[c.node] == &n; });
    };
    return carries(t.in_flight) || carries(t.unknown);
}

bool is_unconfirmed(const flow::node_state& n, bool other_device) {
    if (!n.confirmed || n.reported.empty()) return false;
    return other_device || n.device.said != device_word::incorporated || n.device.image_crc != crc_of(n);
}

}  // namespace ota::sessions
