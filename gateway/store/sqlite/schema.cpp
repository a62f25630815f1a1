#include "gateway/store/sqlite/schema.hpp"

#include <array>

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

// What an event writes is appended, or was appended lately: rows are keyed by ids that grow with time, a card that is
// changed moves to the end of its table, and the two indices in random order are written late and sorted
// (deferred_index). README.md has the measurements behind each shape.
constexpr const char* schema_1 = R"sql(
CREATE TABLE schema(only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER NOT NULL, oldest_program INTEGER NOT NULL);
INSERT INTO schema VALUES (1, 1, 1);

-- One row, written by every commit.
CREATE TABLE ledger(only INTEGER PRIMARY KEY CHECK (only = 1), uuid BLOB NOT NULL, hash_key BLOB NOT NULL,
    commits INTEGER NOT NULL, cards INTEGER NOT NULL, open_events INTEGER NOT NULL, outbox INTEGER NOT NULL,
    card_tail INTEGER NOT NULL, place_generation INTEGER NOT NULL, key_generation INTEGER NOT NULL);
INSERT INTO ledger VALUES (1, randomblob(16), randomblob(16), 0, 0, 0, 0, 0, 0, 0);

-- Cards at their places n; the row that counts is the one that card_place (or its log) names. fixed: packed_rows.hpp.
CREATE TABLE card(n INTEGER PRIMARY KEY, id INTEGER NOT NULL, version INTEGER NOT NULL, standing INTEGER NOT NULL,
    due INTEGER, twin BLOB NOT NULL, fixed BLOB NOT NULL);
CREATE TABLE card_place(id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE card_place_log(n INTEGER PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE card_due(at INTEGER NOT NULL, card INTEGER NOT NULL, PRIMARY KEY (at, card)) WITHOUT ROWID;
-- iccid: two digits per octet. msisdn: a 1 and the digits.
CREATE TABLE card_iccid(iccid BLOB PRIMARY KEY, card INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE number(msisdn INTEGER NOT NULL, since INTEGER NOT NULL, card INTEGER NOT NULL,
    PRIMARY KEY (msisdn, since, card)) WITHOUT ROWID;

-- body: packed_rows.hpp. closed_at is accepted_at while the event is open: closing it does not lengthen the row.
CREATE TABLE event(seq INTEGER PRIMARY KEY, accepted_at INTEGER NOT NULL, state INTEGER NOT NULL, closed_at INTEGER NOT NULL,
    reason TEXT NOT NULL, detail TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE event_key(hash INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (hash, seq)) WITHOUT ROWID;
CREATE TABLE event_key_log(n INTEGER PRIMARY KEY, entries BLOB NOT NULL);

-- receipt_at is at while there is no receipt.
CREATE TABLE submission(packet INTEGER NOT NULL, segment INTEGER NOT NULL, attempt INTEGER NOT NULL, card INTEGER NOT NULL,
    route TEXT NOT NULL, message_id TEXT NOT NULL, at INTEGER NOT NULL, receipt INTEGER NOT NULL, receipt_at INTEGER NOT NULL,
    PRIMARY KEY (packet, segment, attempt)) WITHOUT ROWID;
CREATE INDEX submission_message ON submission(message_id) WHERE message_id <> '';
CREATE TABLE orphan_receipt(n INTEGER PRIMARY KEY, route TEXT NOT NULL, message_id TEXT NOT NULL, receipt INTEGER NOT NULL,
    at INTEGER NOT NULL, UNIQUE (message_id, route));

CREATE TABLE history(seq INTEGER PRIMARY KEY, card INTEGER NOT NULL, previous INTEGER NOT NULL, at INTEGER NOT NULL,
    what TEXT NOT NULL);
CREATE TABLE outbox(seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE source_offset(source TEXT NOT NULL, part INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (source, part)) WITHOUT ROWID;
CREATE TABLE named_value(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)sql";

// Devices that call: found by the client name of their account, or by their address. Twins tell of devices since then,
// which older programs cannot read.
constexpr const char* schema_2 = R"sql(
CREATE TABLE device_account(card INTEGER NOT NULL, object TEXT NOT NULL, client_name TEXT NOT NULL, device TEXT NOT NULL,
    client_nonce BLOB NOT NULL, server_nonce BLOB NOT NULL, PRIMARY KEY (card, object)) WITHOUT ROWID;
CREATE INDEX device_account_client ON device_account(client_name);
CREATE INDEX device_account_device ON device_account(device) WHERE device <> '';
UPDATE schema SET oldest_program = 2;
CREATE TABLE later_state(seq INTEGER PRIMARY KEY, state INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL);
)sql";

// Older programs move an offset without its mark, so they cannot follow.
constexpr const char* schema_3 = R"sql(
ALTER TABLE source_offset ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
UPDATE schema SET oldest_program = 3;
)sql";

/// Entry n brings a store of schema n to n + 1, and sets `oldest_program` where older programs could no longer follow.
constexpr std::array<const char*, newest_schema> migrations{schema_1, schema_2, schema_3};

wire::result<std::int64_t> version_of(database& db) {
    OTA_TRY(const auto tables, db.number("SELECT count(*) FROM sqlite_schema"));
    if (tables == 0) return 0;
    OTA_TRY(const auto ours, db.number("SELECT count(*) FROM sqlite_schema WHERE name IN ('schema', 'ledger')"));
    if (ours != 2) return errc::corrupt;
    OTA_TRY(const auto version, db.number("SELECT version FROM schema"));
    OTA_TRY(const auto oldest, db.number("SELECT oldest_program FROM schema"));
    if (!version || !oldest) return errc::corrupt;
    if (*oldest > newest_schema) return errc::too_new;
    return *version;
}

wire::result<void> apply_missing(database& db) {
    OTA_TRY(const auto version, version_of(db));  // again, now under the lock: another process may have been first
    for (auto step = version; step < newest_schema; ++step) {
        OTA_TRY(db.execute(migrations[static_cast<std::size_t>(step)]));
        OTA_TRY(auto* const statement, db.prepared("UPDATE schema SET version = ?"));
        OTA_TRY(run(db, statement, step + 1).all());
    }
    return outcome::success();
}

}  // namespace

wire::result<void> migrate(database& db) {
    OTA_TRY(const auto version, version_of(db));
    if (version >= newest_schema) return outcome::success();
    OTA_TRY(db.execute("BEGIN IMMEDIATE"));
    auto applied = apply_missing(db);
    if (applied) applied = db.execute("COMMIT");
    if (!applied && db.in_transaction()) (void)db.execute("ROLLBACK");
    return applied;
}

}  // namespace ota::store::sqlite
