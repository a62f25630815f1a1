#include "gateway/store/card_filter.hpp"
#include "gateway/store/digits.hpp"
#include "gateway/store/sqlite/packed_rows.hpp"
#include "gateway/store/sqlite/transaction.hpp"

#include <algorithm>
#include <numeric>

namespace ota::store::sqlite {

namespace {
/// Bounds what a transaction remembers while it reads its way through every card.
constexpr std::size_t known_places = 1 << 14;
}  // namespace

wire::result<std::optional<card_row>> sqlite_transaction::card_at(card_id id) {
    OTA_TRY(core_.places.follow(ledger_.place_generation));
    OTA_TRY(const auto n, core_.places.find_one(id));
    if (!n) return std::optional<card_row>();
    OTA_TRY(auto* const statement, db_.prepared("SELECT version, standing, due, twin, fixed FROM card WHERE n = ?"));
    run r(db_, statement, *n);
    OTA_TRY(const bool row, r.next());
    if (!row) return db_.contradicts();
    std::optional<card_row> found(std::in_place);
    auto& card = *found;
    card.version = static_cast<std::uint64_t>(r.integer(0));
    card.is = static_cast<standing>(r.integer(1));
    if (!r.null(2)) card.due = time_of(r.integer(2));
    card.twin = r.octets(3);
    if (!unpack(wire::as_octets(r.view(4)), card) || card.id != id) return db_.contradicts();
    if (places_.size() >= known_places) places_.clear();
    places_[id] = {*n, card.version, stamp(card.due), r.octets(4)};
    return found;
}

namespace {

/// The positions of the keys in the order of the keys: neighbours then find their pages where the one before left them.
template <class Key>
std::vector<std::size_t> in_order(const std::vector<Key>& keys) {
    std::vector<std::size_t> positions(keys.size());
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    std::sort(positions.begin(), positions.end(), [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
    return positions;
}

}  // namespace

wire::result<std::vector<std::optional<card_row>>> sqlite_transaction::cards_by_iccid(
    std::span<const std::string> iccids) {
    OTA_TRY(usable());
    std::vector<std::optional<std::string>> packed(iccids.size());
    for (std::size_t i = 0; i < iccids.size(); ++i) packed[i] = pack_iccid(iccids[i]);
    std::vector<card_id> ids(iccids.size(), 0);  // 0: no such card
    OTA_TRY(auto* const statement, db_.prepared("SELECT card FROM card_iccid WHERE iccid = ?"));
    for (const auto i : in_order(packed)) {
        if (!packed[i]) continue;
        run r(db_, statement, wire::as_octets(*packed[i]));
        OTA_TRY(const bool row, r.next());
        if (row) ids[i] = r.integer(0);
    }
    return cards_by_id(ids);
}

wire::result<std::vector<std::optional<card_row>>> sqlite_transaction::cards_by_id(std::span<const card_id> ids) {
    OTA_TRY(usable());
    OTA_TRY(core_.places.follow(ledger_.place_generation));
    std::vector<std::optional<card_row>> found(ids.size());
    for (const auto i : in_order(std::vector(ids.begin(), ids.end()))) {
        if (ids[i] == 0) continue;
        OTA_TRY(found[i], card_at(ids[i]));
    }
    return found;
}

wire::result<std::vector<std::vector<card_id>>> sqlite_transaction::holders_of(std::span<const std::string> msisdns) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement,
            db_.prepared("SELECT card FROM number WHERE msisdn = ? ORDER BY msisdn DESC, since DESC, card DESC"));
    std::vector<std::int64_t> numbers(msisdns.size(), 0);
    for (std::size_t i = 0; i < msisdns.size(); ++i) numbers[i] = pack_number(msisdns[i]).value_or(0);
    std::vector<std::vector<card_id>> found(msisdns.size());
    for (const auto i : in_order(numbers)) {
        if (numbers[i] == 0) continue;
        run r(db_, statement, numbers[i]);
        for (;;) {
            OTA_TRY(const bool row, r.next());
            if (!row) break;
            // A card that took the number back is listed once, where it stands now.
            const auto card = r.integer(0);
            if (std::find(found[i].begin(), found[i].end(), card) == found[i].end()) found[i].push_back(card);
        }
    }
    return found;
}

wire::result<std::vector<card_row>> sqlite_transaction::due_cards(wall_time now, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement, db_.prepared("SELECT card FROM card_due WHERE at <= ? ORDER BY at, card LIMIT ?"));
    std::vector<card_row> found;
    run r(db_, statement, stamp(now), static_cast<std::int64_t>(limit));
    for (;;) {
        OTA_TRY(const bool row, r.next());
        if (!row) return found;
        OTA_TRY(auto card, card_at(r.integer(0)));
        if (!card) return db_.contradicts();
        found.push_back(std::move(*card));
    }
}

wire::result<std::vector<card_row>> sqlite_transaction::list_cards(const card_filter& filter) {
    OTA_TRY(usable());
    if (!filter.msisdn.empty()) return list_holder(filter);
    std::vector<card_row> found;
    const auto range = range_of_prefix(filter.iccid_prefix);
    const auto after =
        filter.after_iccid.empty() ? std::optional<std::string>(std::string()) : pack_iccid(filter.after_iccid);
    if (!range || !after) return found;
    // One lower bound: of two SQLite seeks only one, and each page would read over all cards before it. What comes next
    // behind `after` is itself with a zero octet at its end.
    const auto from = after->empty() ? range->first : std::max(range->first, *after + '\0');
    OTA_TRY(auto* const statement,
            db_.prepared("SELECT card FROM card_iccid WHERE iccid >= ? AND iccid <= ? ORDER BY iccid"));
    run r(db_, statement, wire::as_octets(from), wire::as_octets(range->last));
    while (found.size() < filter.limit) {
        OTA_TRY(const bool row, r.next());
        if (!row) break;
        OTA_TRY(auto card, card_at(r.integer(0)));
        if (!card) return db_.contradicts();
        if (passes(*card, filter)) found.push_back(std::move(*card));
    }
    return found;
}

wire::result<std::vector<card_row>> sqlite_transaction::list_holder(const card_filter& filter) {
    const std::string numbers[] = {filter.msisdn};
    OTA_TRY(const auto holders, holders_of(numbers));
    OTA_TRY(auto cards, cards_by_id(holders.front()));
    std::vector<card_row> found;
    for (auto& card : cards)
        if (card && card->iccid > filter.after_iccid && passes(*card, filter) && found.size() < filter.limit)
            found.push_back(std::move(*card));
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.iccid < b.iccid; });
    return found;
}

}  // namespace ota::store::sqlite
