#include "gateway/store/digits.hpp"
#include "gateway/store/sqlite/packed_rows.hpp"
#include "gateway/store/sqlite/transaction.hpp"

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

wire::result<std::optional<sqlite_transaction::place>> sqlite_transaction::place_of(card_id id) {
    if (const auto known = places_.find(id); known != places_.end()) return std::optional(known->second);
    OTA_TRY(core_.places.follow(ledger_.place_generation));
    OTA_TRY(const auto n, core_.places.find_one(id));
    if (!n) return std::optional<place>();
    OTA_TRY(auto* const statement, db_.prepared("SELECT version, due FROM card WHERE n = ?"));
    run r(db_, statement, *n);
    OTA_TRY(const bool row, r.next());
    if (!row) return db_.contradicts();
    const auto due = r.null(1) ? std::nullopt : std::optional(r.integer(1));
    return std::optional(places_[id] = {*n, static_cast<std::uint64_t>(r.integer(0)), due});
}

wire::result<void> sqlite_transaction::save_cards(std::span<const card_change> changes) {
    return writing([&]() -> wire::result<void> {
        for (const auto& change : changes) {
            OTA_TRY(save_card(change));
        }
        return settle_places();
    });
}

wire::result<void> sqlite_transaction::save_card(const card_change& change) {
    OTA_TRY(auto at, place_of(change.id));
    if (!at || at->version != change.expected_version) return errc::conflict;  // R5
    const auto due = stamp(change.due);
    const auto version = static_cast<std::int64_t>(at->version + 1);
    const auto is = static_cast<std::int64_t>(change.is);
    // A card in flight is changed where it lies: it was appended beside those that went out with it. Further back its
    // neighbours are at rest again, and a new place at the end costs less than a page for itself.
    if (at->due && at->n > ledger_.card_tail - core_.options.tuning.in_place_cards) {
        OTA_TRY(auto* const here,
                db_.prepared("UPDATE card SET version = ?, standing = ?, due = ?, twin = ? WHERE n = ?"));
        OTA_TRY(run(db_, here, version, is, due, change.twin, at->n).all());
    } else {
        OTA_TRY(auto* const append, db_.prepared("INSERT INTO card(n, id, version, standing, due, twin, fixed) "
                                                 "SELECT ?, id, ?, ?, ?, ?, fixed FROM card WHERE n = ?"));
        OTA_TRY(run(db_, append, ledger_.card_tail + 1, version, is, due, change.twin, at->n).all());
        at->n = ++ledger_.card_tail;
        core_.places.add(change.id, at->n);
        ++moved_;
    }
    OTA_TRY(change_due(change.id, at->due, due));
    places_[change.id] = {at->n, at->version + 1, due};
    return outcome::success();
}

wire::result<void> sqlite_transaction::change_due(card_id card, std::optional<std::int64_t> from,
                                                  std::optional<std::int64_t> to) {
    if (from == to) return outcome::success();
    if (from) {
        OTA_TRY(auto* const remove, db_.prepared("DELETE FROM card_due WHERE at = ? AND card = ?"));
        OTA_TRY(run(db_, remove, *from, card).all());
    }
    if (to) {
        OTA_TRY(auto* const insert, db_.prepared("INSERT INTO card_due(at, card) VALUES (?, ?)"));
        OTA_TRY(run(db_, insert, *to, card).all());
    }
    return outcome::success();
}

wire::result<void> sqlite_transaction::append_card(const card_row& card, const std::optional<place>& former) {
    OTA_TRY(const auto fixed, pack(card));
    OTA_TRY(auto* const append,
            db_.prepared("INSERT INTO card(n, id, version, standing, due, twin, fixed) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    const auto due = stamp(card.due);
    OTA_TRY(run(db_, append, ledger_.card_tail + 1, card.id, static_cast<std::int64_t>(card.version),
                static_cast<std::int64_t>(card.is), due, card.twin, fixed)
                .all());
    const auto n = ++ledger_.card_tail;
    if (former) {
        core_.places.add(card.id, n);
        ++moved_;
    }
    OTA_TRY(change_due(card.id, former ? former->due : std::nullopt, due));
    places_[card.id] = {n, card.version, due};
    return outcome::success();
}

wire::result<void> sqlite_transaction::settle_places() {
    const auto moved = std::exchange(moved_, 0);
    // Rows that were left behind are swept from the front, twice as fast as new ones come, once they are the larger part.
    OTA_TRY(const auto front, db_.number("SELECT min(n) FROM card"));
    const auto rows = ledger_.card_tail - front.value_or(0);
    if (moved != 0 && rows > 2 * ledger_.cards + core_.options.tuning.left_behind_cards) {
        OTA_TRY(sweep_places(2 * moved));
    }
    return core_.places.flush(ledger_.place_generation, 0);
}

wire::result<void> sqlite_transaction::sweep_places(std::size_t rows) {
    OTA_TRY(core_.places.follow(ledger_.place_generation));
    std::vector<std::pair<std::int64_t, card_id>> front;
    {
        OTA_TRY(auto* const walk, db_.prepared("SELECT n, id FROM card ORDER BY n LIMIT ?"));
        run r(db_, walk, static_cast<std::int64_t>(rows));
        for (;;) {
            OTA_TRY(const bool row, r.next());
            if (!row) break;
            front.emplace_back(r.integer(0), r.integer(1));
        }
    }
    OTA_TRY(auto* const again, db_.prepared("INSERT INTO card(n, id, version, standing, due, twin, fixed) "
                                            "SELECT ?, id, version, standing, due, twin, fixed FROM card WHERE n = ?"));
    for (const auto& [n, id] : front) {
        OTA_TRY(const auto now, core_.places.find_one(id));
        if (now != n) continue;
        OTA_TRY(run(db_, again, ledger_.card_tail + 1, n).all());
        core_.places.add(id, ++ledger_.card_tail);
        if (const auto known = places_.find(id); known != places_.end()) known->second.n = ledger_.card_tail;
    }
    OTA_TRY(auto* const remove, db_.prepared("DELETE FROM card WHERE n <= ?"));
    return front.empty() ? outcome::success() : run(db_, remove, front.back().first).all();
}

}  // namespace ota::store::sqlite
