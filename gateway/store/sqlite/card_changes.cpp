#include "gateway/store/digits.hpp"
#include "gateway/store/sqlite/packed_rows.hpp"
#include "gateway/store/sqlite/transaction.hpp"

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

wire::result<sqlite_transaction::place*> sqlite_transaction::place_of(card_id id) {
    if (const auto known = places_.find(id); known != places_.end()) return &known->second;
    OTA_TRY(const auto card, card_at(id));
    return card ? &places_.at(id) : nullptr;
}

wire::result<std::int64_t> sqlite_transaction::append_row(card_id id, std::int64_t version, std::int64_t is,
                                                          std::optional<std::int64_t> due, wire::octet_view twin,
                                                          wire::octet_view fixed) {
    OTA_TRY(auto* const append,
            db_.prepared("INSERT INTO card(n, id, version, standing, due, twin, fixed) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    OTA_TRY(run(db_, append, ledger_.card_tail + 1, id, version, is, due, twin, fixed).all());
    return ++ledger_.card_tail;
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
    OTA_TRY(auto* const at, place_of(change.id));
    if (at == nullptr || at->version != change.expected_version) return errc::conflict;  // R5
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
        OTA_TRY(at->n, append_row(change.id, version, is, due, change.twin, at->fixed));
        core_.places.add(change.id, at->n);
        ++moved_;
    }
    OTA_TRY(change_due(change.id, at->due, due));
    ++at->version;
    at->due = due;
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
    OTA_TRY(auto fixed, pack(card));
    const auto due = stamp(card.due);
    OTA_TRY(const auto n, append_row(card.id, static_cast<std::int64_t>(card.version),
                                     static_cast<std::int64_t>(card.is), due, card.twin, fixed));
    if (former) {
        core_.places.add(card.id, n);
        ++moved_;
    }
    OTA_TRY(change_due(card.id, former ? former->due : std::nullopt, due));
    places_[card.id] = {n, card.version, due, std::move(fixed)};
    return outcome::success();
}

wire::result<void> sqlite_transaction::settle_places() {
    const auto moved = std::exchange(moved_, 0);
    // Rows that were left behind are swept from the front, twice as fast as new ones come, once they are the larger
    // part.
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
    for (const auto& [n, id] : front) {
        OTA_TRY(const auto now, core_.places.find_one(id));
        if (now == n) {
            OTA_TRY(append_again(id, n));
        }
    }
    OTA_TRY(auto* const remove, db_.prepared("DELETE FROM card WHERE n <= ?"));
    return front.empty() ? outcome::success() : run(db_, remove, front.back().first).all();
}

wire::result<void> sqlite_transaction::append_again(card_id id, std::int64_t n) {
    OTA_TRY(auto* const read, db_.prepared("SELECT version, standing, due, twin, fixed FROM card WHERE n = ?"));
    std::int64_t now = 0;
    {
        run r(db_, read, n);
        OTA_TRY(const bool row, r.next());
        if (!row) return db_.contradicts();
        const auto due = r.null(2) ? std::nullopt : std::optional(r.integer(2));
        OTA_TRY(now, append_row(id, r.integer(0), r.integer(1), due, r.octets(3), r.octets(4)));
    }
    core_.places.add(id, now);
    if (const auto known = places_.find(id); known != places_.end()) known->second.n = now;
    return outcome::success();
}

}  // namespace ota::store::sqlite
