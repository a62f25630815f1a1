#include "gateway/store/sqlite/transaction.hpp"

#include <algorithm>

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

wire::result<std::unique_ptr<transaction>> sqlite_transaction::begin(core& shared) {
    auto fresh = std::make_unique<sqlite_transaction>(shared);  // leaves the gate whatever happens below
    if (shared.db.broken()) return *shared.db.broken();
    OTA_TRY(shared.db.perform("BEGIN IMMEDIATE"));
    OTA_TRY(fresh->read_ledger());
    return std::unique_ptr<transaction>(std::move(fresh));
}

sqlite_transaction::~sqlite_transaction() {
    if (db_.in_transaction()) (void)db_.perform("ROLLBACK");
    if (!committed_) forget();
    core_.door.leave();
}

wire::result<void> sqlite_transaction::usable() const {
    if (spoilt_) return spoilt_;
    if (over_) return errc::misuse;
    return outcome::success();
}

/// What the indices hold in memory was never committed.
void sqlite_transaction::forget() {
    if (db_.total_changes() == changes_at_begin_) return;
    core_.places.forget();
    core_.keys.forget();
    places_.clear();
    missed_.clear();
}

void sqlite_transaction::after_failure(std::error_code why, std::int64_t changes_before) {
    // A full disk or a failing one may make the library roll back by itself; what would follow must not commit alone.
    if (!db_.in_transaction()) over_ = true;
    if (over_ || db_.total_changes() != changes_before) spoilt_ = why;
}

wire::result<void> sqlite_transaction::read_ledger() {
    OTA_TRY(auto* const statement,
            db_.prepared("SELECT commits, cards, open_events, outbox, card_tail, place_generation, key_generation "
                         "FROM ledger WHERE only = 1"));
    run r(db_, statement);
    OTA_TRY(const bool row, r.next());
    if (!row) return errc::corrupt;
    ledger_ = {static_cast<std::uint64_t>(r.integer(0)),
               r.integer(1),
               r.integer(2),
               r.integer(3),
               r.integer(4),
               static_cast<std::uint64_t>(r.integer(5)),
               static_cast<std::uint64_t>(r.integer(6))};
    return outcome::success();
}

wire::result<void> sqlite_transaction::write_ledger() {
    OTA_TRY(auto* const statement,
            db_.prepared("UPDATE ledger SET commits = ?, cards = ?, open_events = ?, outbox = ?, card_tail = ?, "
                         "place_generation = ?, key_generation = ? WHERE only = 1"));
    return run(db_, statement, static_cast<std::int64_t>(ledger_.commits), ledger_.cards, ledger_.open_events,
               ledger_.outbox, ledger_.card_tail, static_cast<std::int64_t>(ledger_.place_generation),
               static_cast<std::int64_t>(ledger_.key_generation))
        .all();
}

wire::result<void> sqlite_transaction::savepoint() {
    OTA_TRY(usable());
    if (has_savepoint_) {
        OTA_TRY(db_.perform("RELEASE point"));
    }
    has_savepoint_ = false;
    OTA_TRY(db_.perform("SAVEPOINT point"));
    has_savepoint_ = true;
    ledger_at_savepoint_ = ledger_;
    return outcome::success();
}

wire::result<void> sqlite_transaction::back_to_savepoint() {
    if (over_) return spoilt_ ? wire::result<void>(spoilt_) : wire::result<void>(errc::misuse);
    if (!has_savepoint_) return errc::misuse;
    OTA_TRY(db_.perform("ROLLBACK TO point"));
    ledger_ = ledger_at_savepoint_;
    forget();
    spoilt_ = {};
    return outcome::success();
}

wire::result<void> sqlite_transaction::commit() {
    OTA_TRY(usable());
    const bool wrote = db_.total_changes() != changes_at_begin_;
    if (wrote) {
        ++ledger_.commits;
        OTA_TRY(write_ledger());
        if (core_.recovering) {
            OTA_TRY(db_.perform("UPDATE ledger SET uuid = randomblob(16)"));
        }
    }
    auto done = db_.perform("COMMIT");
    over_ = true;
    if (!done) {
        if (db_.in_transaction()) (void)db_.perform("ROLLBACK");
        return done;
    }
    committed_ = true;
    if (!wrote) return outcome::success();
    core_.commits = ledger_.commits;
    core_.bear_witness(core_.recovering);
    core_.checkpoint_if_due();
    return outcome::success();
}

wire::result<counts> sqlite_transaction::count() {
    OTA_TRY(usable());
    OTA_TRY(const auto due, db_.number("SELECT count(*) FROM card_due"));
    return counts{ledger_.cards, ledger_.open_events, ledger_.outbox, due.value_or(0)};
}

wire::result<std::int64_t> sqlite_transaction::newest_id() {
    OTA_TRY(usable());
    std::int64_t newest = 0;
    for (const char* highest : {"SELECT max(seq) FROM event", "SELECT max(seq) FROM history",
                                "SELECT max(seq) FROM outbox", "SELECT max(packet) FROM submission"}) {
        OTA_TRY(const auto id, db_.number(highest));
        newest = std::max(newest, id.value_or(0));
    }
    return newest;
}

}  // namespace ota::store::sqlite
