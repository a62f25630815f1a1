#include "gateway/cards/show.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/flow/keyring.hpp"
#include "gateway/flow/objects.hpp"
#include "gateway/store/card_filter.hpp"

#include <algorithm>
#include <cstdio>

namespace ota::cards {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

image_sheet image_of(const wire::octets& image, store::event_seq version, bool secret) {
    image_sheet sheet{image.size(), {}, version};
    if (!secret && !image.empty()) {
        const auto digest = secure_channel::sha256(image);
        sheet.digest = wire::to_hex(wire::octet_view(digest).first(8));
    }
    return sheet;
}

std::string name_of_counter(std::uint32_t key) {
    char text[32];
    if (key >> 24 != 0) {
        std::snprintf(text, sizeof text, "TAR %06x", static_cast<unsigned>(key & 0xFFFFFF));
    } else {
        std::snprintf(text, sizeof text, "key version %u", static_cast<unsigned>(key));
    }
    return text;
}

void read_keys(const desk& d, card_sheet& sheet) {
    const auto purpose = flow::keys_purpose(sheet.row.iccid);
    auto clear = d.kek.open(sheet.row.sealed_keys, wire::as_octets(purpose));
    if (!clear) return;
    auto keys = flow::parse_keys(clear.value().view());
    if (!keys) return;
    sheet.keys_readable = true;
    for (const auto& k : keys.value()) sheet.keys.emplace_back(k.version, k.mac_length);
}

wire::result<void> read_events(store::transaction& tx, card_sheet& sheet) {
    std::vector<store::event_seq> seqs;
    for (const auto& e : sheet.state.events) seqs.push_back(e.seq);
    OTA_TRY(auto rows, tx.events_by_seq(seqs));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& e = sheet.state.events[i];
        open_event_sheet s;
        if (rows[i]) s.row = std::move(*rows[i]);
        s.row.seq = e.seq;
        s.row.op = static_cast<std::uint8_t>(e.op);
        if (s.row.node.empty())
            s.row.node = sheet.state.nodes[e.node].uri;  // of an object: the row names the node within
        s.phase = phase_of(sheet.state, e);
        s.not_before = e.not_before;
        s.expires_at = e.expires_at;
        s.attempts = e.attempts;
        sheet.events.push_back(std::move(s));
    }
    return success();
}

/// Images and sealed octets have been told by size and digest: they go no further.
void forget_octets(card_sheet& sheet) {
    auto& t = sheet.state;
    for (auto& n : t.nodes) n.desired.clear(), n.reported.clear(), n.held.clear();
    for (auto& e : t.events) e.image.clear(), e.change.clear();
    t.audit.reset();
    for (auto* p : {&t.in_flight, &t.unknown, &t.reserved}) {
        if (*p) (*p)->sealed.clear();
    }
    sheet.in_flight = t.in_flight;
    sheet.unknown = t.unknown;
    sheet.reserved = t.reserved;
    sheet.row.sealed_keys.clear();
    sheet.row.twin.clear();
}

/// A row for the list.
store::card_row without_secrets(const store::card_row& card) {
    auto out = card;
    out.sealed_keys.clear();
    out.twin.clear();
    return out;
}

/// No number is at two cards: there is at most one.
wire::result<std::vector<store::card_row>> list_holder(const desk& d, const store::card_filter& filter) {
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(auto cards, tx->list_cards(filter));
    for (auto& card : cards) card = without_secrets(card);
    return cards;
}

}  // namespace

node_sheet sheet_of(const flow::node_state& n) {
    node_sheet s;
    s.uri = n.uri;
    s.secret = n.secret;
    s.wanted = n.wanted;
    s.confirmed = n.confirmed;
    s.in_step = n.confirmed && (!n.wanted || n.desired == n.reported);
    s.there = n.there;
    if (n.wanted) s.desired = image_of(n.desired, n.desired_version, n.secret);
    if (n.confirmed) s.reported = image_of(n.reported, n.reported_version, n.secret);
    s.revision = n.revision;
    s.blocked = n.blocked;
    s.device = n.device;
    return s;
}

std::string_view phase_of(const flow::twin& t, const flow::open_event& e) {
    using phase = flow::open_event::phase;
    if (flow::exec_of(t, e)) {
        return e.attempts == flow::exec_accepted ? "accepted-by-device"
               : e.attempts == flow::exec_sent   ? "told-to-device"
                                                 : "waits-for-session";
    }
    return e.is == phase::deferred ? "deferred" : e.is == phase::in_flight ? "in-flight" : "waiting";
}

std::string_view name_of(flow::device_word word) noexcept {
    switch (word) {
        case flow::device_word::incorporated: return "incorporated";
        case flow::device_word::declined: return "declined";
        case flow::device_word::purged: return "purged";
        case flow::device_word::nothing: break;
    }
    return "unconfirmed";
}

wire::result<card_sheet> look_up(const desk& d, const std::string& iccid) {
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(auto card, take_card(*tx, d, iccid));
    card_sheet sheet;
    sheet.row = std::move(card.row);
    sheet.state = std::move(card.state);
    sheet.configured = card.profile != nullptr;
    OTA_TRY(read_events(*tx, sheet));
    OTA_TRY(sheet.paused, tx->value("paused/" + sheet.row.profile));
    tx.reset();
    read_keys(d, sheet);
    for (const auto& c : sheet.state.counters) sheet.counters.emplace_back(name_of_counter(c.key), c.last);
    for (const auto& n : sheet.state.nodes) {
        const bool only_looked_at = !n.wanted && !n.confirmed && n.blocked.empty();
        if (!only_looked_at) sheet.nodes.push_back(sheet_of(n));
    }
    forget_octets(sheet);
    return sheet;
}

wire::result<std::string> holder_of(const desk& d, const std::string& msisdn) {
    store::card_filter filter;
    filter.msisdn = msisdn.starts_with('+') ? msisdn.substr(1) : msisdn;
    filter.limit = 1;
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(const auto cards, tx->list_cards(filter));
    if (cards.empty()) return errc::unknown_card;
    return cards.front().iccid;
}

wire::result<std::vector<store::card_row>> list(const desk& d, const store::card_filter& filter) {
    std::vector<store::card_row> found;
    if (filter.limit == 0) return found;
    if (!filter.msisdn.empty()) return list_holder(d, filter);
    // Page by page: a filter that fits few cards must not hold the store for the length of a scan.
    OTA_TRY(for_each_card(
        d.state,
        [&](const store::card_row& card) {
            if (store::passes(card, filter)) found.push_back(without_secrets(card));
            return found.size() < filter.limit;
        },
        filter.after_iccid, filter.iccid_prefix));
    return found;
}

wire::result<card_page> list_page(const desk& d, const store::card_filter& filter, std::size_t most_looked_at) {
    card_page out;
    if (!filter.msisdn.empty()) {
        OTA_TRY(out.cards, list_holder(d, filter));
        return out;
    }
    store::card_filter rows;
    rows.after_iccid = filter.after_iccid;
    rows.iccid_prefix = filter.iccid_prefix;
    rows.limit = filter.limit + 1;  // one more tells whether there is a next page
    for (std::size_t looked_at = 0;;) {
        OTA_TRY(auto tx, d.state.begin());
        OTA_TRY(const auto cards, tx->list_cards(rows));
        tx.reset();
        for (const auto& card : cards) {
            if (out.cards.size() == filter.limit || looked_at == most_looked_at) {
                out.next = rows.after_iccid;
                return out;
            }
            ++looked_at;
            rows.after_iccid = card.iccid;
            if (store::passes(card, filter)) out.cards.push_back(without_secrets(card));
        }
        if (cards.size() < rows.limit) return out;
        rows.limit = std::max(rows.limit, most_looked_at / 8);
    }
}

}  // namespace ota::cards
