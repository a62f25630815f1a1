#include "gateway/cards/import_batch.hpp"

#include "gateway/cards/desk.hpp"
#include "gateway/flow/secure.hpp"
#include "gateway/flow/tally.hpp"

#include <algorithm>

namespace ota::cards {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

flow::card_key copy_of(const flow::card_key& k) { return {k.version, k.mac_length, k.kic.clone(), k.kid.clone()}; }

bool same_keys(const std::vector<flow::card_key>& a, const std::vector<flow::card_key>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.version == y.version && x.mac_length == y.mac_length &&
               secure_channel::equal_in_constant_time(x.kic.view(), y.kic.view()) &&
               secure_channel::equal_in_constant_time(x.kid.view(), y.kid.view());
    });
}

}  // namespace

import_batch::import_batch(const import_parts& parts, store::transaction& tx, store::id_source& ids)
    : parts_(parts), tx_(tx), now_(parts.now()), guard_(guard_under(parts.kek, parts.random)), ids_(ids) {}

wire::result<void> import_batch::apply(std::span<const import_card> cards) {
    std::vector<std::string> iccids;
    iccids.reserve(cards.size());
    for (const auto& c : cards) iccids.push_back(c.iccid);
    OTA_TRY(auto rows, tx_.cards_by_iccid(iccids));
    for (std::size_t i = 0; i < cards.size(); ++i) {
        if (rows[i]) {
            OTA_TRY(update(cards[i], std::move(*rows[i])));
        } else {
            OTA_TRY(add(cards[i]));
        }
    }
    OTA_TRY(tx_.insert_cards(added_));
    OTA_TRY(tx_.update_cards(changed_));
    return tx_.append_history(history_);
}

wire::octets import_batch::wrap_keys(const std::vector<flow::card_key>& keys, std::string_view iccid) {
    const auto clear = flow::serialize_keys(keys);
    return wrap(parts_.kek, clear.view(), flow::keys_purpose(iccid), parts_.random);
}

wire::result<void> import_batch::add(const import_card& card) {
    store::card_row row;
    row.iccid = card.iccid;
    row.msisdn = card.msisdn;
    row.msisdn_since = now_;
    row.profile = card.profile->name;
    row.labels = serialize_labels(card.labels);
    row.sealed_keys = wrap_keys(card.keys, card.iccid);
    flow::twin fresh;
    OTA_TRY(const bool counted, merge_counters(card, fresh));
    if (counted) row.twin = flow::serialize_twin(fresh, guard_);
    added_.push_back(std::move(row));
    ++report_.added;
    return release_parked(card.iccid);
}

/// R23: events that waited for the card go to the corridor, which takes them in at its next look.
wire::result<void> import_batch::release_parked(std::string_view iccid) {
    const auto parked = "parked/" + std::string(iccid) + "/";
    OTA_TRY(const auto waiting, tx_.values(parked));
    for (const auto& [name, value] : waiting) {
        const auto ready = "ready/" + name.substr(sizeof "parked/" - 1);
        OTA_TRY(tx_.set_value(ready, value));
        OTA_TRY(tx_.set_value(name, std::nullopt));
        ++report_.released;
    }
    return flow::add_to_tally(tx_, flow::parked_events, -static_cast<std::int64_t>(waiting.size()));
}

void import_batch::reject(const import_card& card, std::string field, std::string what) {
    report_.rejected += card.rows;
    faults_.push_back({card.first_row, false, std::move(field), std::move(what)});
}

wire::result<void> import_batch::update(const import_card& card, store::card_row row) {
    if (store::is_gone(row.is)) {
        reject(card, "iccid", errc_of_gone(row.is).message());
        return success();
    }
    auto parsed = flow::parse_twin(row.twin, guard_);
    if (!parsed) {
        reject(card, "iccid", "the known card's stored state cannot be read");
        return success();
    }
    auto& twin = parsed.value();
    auto keys = merge_keys(card, row);
    if (!keys) {
        reject(card, "iccid", "the known card's keys cannot be unwrapped with this key-encryption key");
        return success();
    }
    std::string what;
    const auto note = [&](bool changed, std::string_view name) {
        if (changed) what += (what.empty() ? "" : ",") + std::string(name);
    };
    note(keys.value(), "keys");
    OTA_TRY(const bool counted, merge_counters(card, twin));
    note(counted, "counter");
    note(merge_labels(card, row), "labels");
    note(row.profile != card.profile->name, "profile");
    row.profile = card.profile->name;
    if (!card.msisdn.empty() && row.msisdn != card.msisdn) {  // R21: a number has a valid-from
        note(true, "number");
        row.msisdn = card.msisdn;
        row.msisdn_since = now_;
    }
    if (what.empty()) {
        ++report_.unchanged;
        return success();
    }
    const auto seq = ids_.next(now_);
    history_.push_back({seq, row.id, twin.last_history, now_, R"({"what":"imported","changed":")" + what + "\"}"});
    twin.last_history = seq;
    row.twin = flow::serialize_twin(twin, guard_);
    if (twin.has_work() || twin.unknown || twin.in_flight) row.due = now_;
    changed_.push_back(std::move(row));
    ++report_.changed;
    return success();
}

wire::result<bool> import_batch::merge_keys(const import_card& card, store::card_row& row) {
    std::vector<flow::card_key> known;
    if (!row.sealed_keys.empty()) {
        const auto purpose = flow::keys_purpose(row.iccid);
        OTA_TRY(const auto clear, parts_.kek.open(row.sealed_keys, wire::as_octets(purpose)));
        OTA_TRY(known, flow::parse_keys(clear.view()));
    }
    std::vector<flow::card_key> merged;
    for (const auto& k : card.keys) merged.push_back(copy_of(k));
    for (const auto& k : known) {  // an answer that is under way may still come under an older version
        const bool said =
            std::any_of(card.keys.begin(), card.keys.end(), [&](const auto& n) { return n.version == k.version; });
        if (!said) merged.push_back(copy_of(k));
    }
    if (same_keys(merged, known)) return false;
    row.sealed_keys = wrap_keys(merged, row.iccid);
    return true;
}

/// R3: importing a known card never lowers a counter.
wire::result<bool> import_batch::merge_counters(const import_card& card, flow::twin& twin) {
    bool raised = false;
    const auto raise = [&](std::uint32_t key, std::uint64_t to) {
        auto& counter = flow::counter_of(twin, key);
        raised = raised || to > counter.last;
        counter.last = std::max(counter.last, to);
    };
    for (const auto& [version, value] : card.counters) {
        if (value == 0) continue;
        if (card.profile->applications.empty()) raise(version, value);
        for (const auto& application : card.profile->applications) {
            raise(flow::counter_key_of(*card.profile, version, application.tar), value);
        }
    }
    return raised;
}

bool import_batch::merge_labels(const import_card& card, store::card_row& row) {
    auto labels = parse_labels(row.labels);
    auto merged = labels ? std::move(labels.value()) : label_map{};
    for (const auto& [key, value] : card.labels) merged[key] = value;
    auto text = serialize_labels(merged);
    if (text == row.labels) return false;
    row.labels = std::move(text);
    return true;
}

}  // namespace ota::cards
