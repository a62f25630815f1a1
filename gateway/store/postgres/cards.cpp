#include "gateway/store/card_filter.hpp"
#include "gateway/store/digits.hpp"
#include "gateway/store/postgres/transaction.hpp"

#include <algorithm>
#include <unordered_map>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

/// Every column of a card, in the order that `card_in` reads.
#define OTA_CARD_COLUMNS                                                                                          \
    "c.id, c.version, c.standing, c.due, c.msisdn, c.msisdn_since, c.iccid, c.profile, c.labels, c.sealed_keys, " \
    "c.twin "

card_row card_in(const rows& r, std::size_t row) {
    card_row card;
    card.id = r.integer(row, 0);
    card.version = static_cast<std::uint64_t>(r.integer(row, 1));
    card.is = static_cast<standing>(r.integer(row, 2));
    if (!r.null(row, 3)) card.due = time_of(r.integer(row, 3));
    card.msisdn = unpack_number(r.integer(row, 4));
    card.msisdn_since = time_of(r.integer(row, 5));
    card.iccid = unpack_iccid(r.view(row, 6));
    card.profile = r.text(row, 7);
    card.labels = r.text(row, 8);
    card.sealed_keys = r.octets(row, 9);
    card.twin = r.octets(row, 10);
    return card;
}

std::vector<card_id> sorted(std::vector<card_id> ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

}  // namespace

wire::result<std::vector<card_row>> postgres_transaction::locked(rows&& r) {
    std::vector<card_row> found;
    found.reserve(r.size());
    for (std::size_t row = 0; row < r.size(); ++row) {
        found.push_back(card_in(r, row));
        known_[found.back().id] = {found.back().version, stamp(found.back().due)};
    }
    return found;
}

wire::result<std::vector<std::optional<card_row>>> postgres_transaction::cards_by_id(std::span<const card_id> ids) {
    OTA_TRY(usable());
    std::vector<std::optional<card_row>> found(ids.size());
    if (ids.empty()) return found;
    const auto wanted = sorted({ids.begin(), ids.end()});
    // The locks are taken in the order of the ids, so that two such calls never wait for each other. Only the ids are
    // sorted.
    OTA_TRY(auto r,
            db_.run("SELECT " OTA_CARD_COLUMNS "FROM (SELECT k FROM unnest($1::bigint[]) k ORDER BY k) k JOIN card c "
                    "ON c.id = k.k ORDER BY k.k FOR NO KEY UPDATE OF c",
                    parameters::of(array::of(wanted))));
    OTA_TRY(auto cards, locked(std::move(r)));
    std::unordered_map<card_id, std::size_t> at;
    for (std::size_t i = 0; i < cards.size(); ++i) at[cards[i].id] = i;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (const auto one = at.find(ids[i]); one != at.end()) found[i] = cards[one->second];
    return found;
}

wire::result<std::vector<std::optional<card_row>>> postgres_transaction::cards_by_iccid(
    std::span<const std::string> iccids) {
    OTA_TRY(usable());
    std::vector<std::optional<card_row>> found(iccids.size());
    std::unordered_map<std::string_view, std::vector<std::size_t>> asked;
    auto packed = array::of_octets();
    for (std::size_t i = 0; i < iccids.size(); ++i) {
        const auto one = pack_iccid(iccids[i]);
        if (!one) continue;
        auto& places = asked[iccids[i]];
        if (places.empty()) packed.add(*one);
        places.push_back(i);
    }
    if (asked.empty()) return found;
    OTA_TRY(auto r, db_.run("SELECT " OTA_CARD_COLUMNS "FROM unnest($1::bytea[]) k JOIN card c ON c.iccid = k "
                            "ORDER BY c.id FOR NO KEY UPDATE OF c",
                            parameters::of(std::move(packed))));
    OTA_TRY(auto cards, locked(std::move(r)));
    for (auto& card : cards) {
        const auto at = asked.find(card.iccid);
        if (at == asked.end()) continue;  // renamed while we waited for it
        for (const auto i : at->second) found[i] = card;
    }
    return found;
}

wire::result<void> postgres_transaction::know(std::vector<card_id> ids) {
    ids = sorted(std::move(ids));
    std::erase_if(ids, [this](card_id id) { return known_.contains(id); });
    if (ids.empty()) return outcome::success();
    OTA_TRY(
        const auto r,
        db_.run("SELECT c.id, c.version, c.due FROM (SELECT k FROM unnest($1::bigint[]) k ORDER BY k) k JOIN card c "
                "ON c.id = k.k ORDER BY k.k FOR NO KEY UPDATE OF c",
                parameters::of(array::of(ids))));
    for (std::size_t row = 0; row < r.size(); ++row)
        known_[r.integer(row, 0)] = {static_cast<std::uint64_t>(r.integer(row, 1)),
                                     r.null(row, 2) ? std::nullopt : std::optional(r.integer(row, 2))};
    return outcome::success();
}

wire::result<std::vector<std::vector<card_id>>> postgres_transaction::holders_of(std::span<const std::string> msisdns) {
    OTA_TRY(usable());
    std::vector<std::vector<card_id>> found(msisdns.size());
    std::unordered_map<std::int64_t, std::vector<std::size_t>> asked;
    auto numbers = array::of_integers();
    for (std::size_t i = 0; i < msisdns.size(); ++i) {
        const auto number = pack_number(msisdns[i]).value_or(0);
        if (number == 0) continue;
        auto& places = asked[number];
        if (places.empty()) numbers.add(number);
        places.push_back(i);
    }
    if (asked.empty()) return found;
    OTA_TRY(const auto r, db_.run("SELECT n.msisdn, n.card FROM unnest($1::bigint[]) k JOIN number n ON n.msisdn = k "
                                  "ORDER BY n.since DESC, n.card DESC",
                                  parameters::of(std::move(numbers))));
    for (std::size_t row = 0; row < r.size(); ++row)
        for (const auto i : asked[r.integer(row, 0)]) {
            // A card that took the number back is listed once, where it stands now.
            const auto card = r.integer(row, 1);
            if (std::find(found[i].begin(), found[i].end(), card) == found[i].end()) found[i].push_back(card);
        }
    return found;
}

wire::result<std::vector<card_row>> postgres_transaction::due_cards(wall_time now, std::size_t limit) {
    OTA_TRY(usable());
    // What another instance works on is passed over. A card that was changed while we looked is due no more at that
    // time.
    OTA_TRY(auto r,
            db_.run("SELECT " OTA_CARD_COLUMNS "FROM card_due d JOIN card c ON c.id = d.card WHERE d.at <= $1::bigint "
                    "AND c.due = d.at ORDER BY d.at, d.card LIMIT $2::bigint FOR NO KEY UPDATE OF c SKIP LOCKED",
                    parameters::of(stamp(now), static_cast<std::int64_t>(limit))));
    return locked(std::move(r));
}

wire::result<std::vector<card_row>> postgres_transaction::list_cards(const card_filter& filter) {
    OTA_TRY(usable());
    std::vector<card_row> found;
    const auto range = range_of_prefix(filter.iccid_prefix);
    const auto after =
        filter.after_iccid.empty() ? std::optional<std::string>(std::string()) : pack_iccid(filter.after_iccid);
    const auto number = pack_number(filter.msisdn);
    if (!range || !after || !number) return found;
    const auto page = static_cast<std::int64_t>(std::min<std::size_t>(std::max<std::size_t>(filter.limit, 100), 1000));
    auto from = after->empty() ? range->first : std::max(range->first, *after + '\0');
    while (found.size() < filter.limit) {
        OTA_TRY(const auto r,
                *number != 0
                    ? db_.run("SELECT " OTA_CARD_COLUMNS
                              "FROM card c WHERE c.iccid >= $1 AND c.iccid <= $2 AND c.msisdn = $4::bigint "
                              "ORDER BY c.iccid LIMIT $3::bigint",
                              parameters::of(std::string_view(from), std::string_view(range->last), page, *number))
                    : db_.run("SELECT " OTA_CARD_COLUMNS
                              "FROM card c WHERE c.iccid >= $1 AND c.iccid <= $2 ORDER BY c.iccid "
                              "LIMIT $3::bigint",
                              parameters::of(std::string_view(from), std::string_view(range->last), page)));
        for (std::size_t row = 0; row < r.size() && found.size() < filter.limit; ++row) {
            auto card = card_in(r, row);
            if (passes(card, filter)) found.push_back(std::move(card));
        }
        if (r.size() < static_cast<std::size_t>(page)) break;
        from = r.text(r.size() - 1, 6) + '\0';
    }
    return found;
}

}  // namespace ota::store::postgres
