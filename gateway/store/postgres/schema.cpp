#include "gateway/store/postgres/schema.hpp"

#include "gateway/store/postgres/partitions.hpp"

#include <array>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

// Times are milliseconds since 1970. What a user wrote is bytea: a text of PostgreSQL holds no zero character, an id of
// an event may. Rows of finished work are appended and never changed; a card is changed in its place, within its page
// (fillfactor), and none of its indexed columns with it. README.md has the measurements.
constexpr const char* schema_1 = R"sql(
CREATE TABLE program_schema(only_row smallint PRIMARY KEY CHECK (only_row = 1), version bigint NOT NULL, oldest_program bigint NOT NULL);
INSERT INTO program_schema VALUES (1, 1, 1);
CREATE TABLE identity(only_row smallint PRIMARY KEY CHECK (only_row = 1), id uuid NOT NULL, hash_key uuid NOT NULL);
INSERT INTO identity VALUES (1, gen_random_uuid(), gen_random_uuid());

-- Sums over all slots count; a connection writes to one slot that hardly any other shares, so commits do not queue for a row.
CREATE TABLE tally(slot bigint PRIMARY KEY, commits bigint NOT NULL, cards bigint NOT NULL, open_events bigint NOT NULL,
    outbox bigint NOT NULL) WITH (fillfactor = 20);
-- One row per commit until the connection's next one: who finds it knows that the commit took place. Who writes `stopped` before
-- the commit does keeps it from taking place.
CREATE TABLE commit_marker(token bigint PRIMARY KEY, stopped boolean NOT NULL, at timestamptz NOT NULL DEFAULT now());

CREATE SEQUENCE card_id_seq;
-- iccid: two digits per octet. msisdn: a 1 and the digits; none: null. At most one card has a number.
CREATE TABLE card(id bigint PRIMARY KEY, version bigint NOT NULL, standing smallint NOT NULL, due bigint, msisdn bigint,
    msisdn_since bigint NOT NULL, iccid bytea NOT NULL, profile bytea NOT NULL, labels bytea NOT NULL, sealed_keys bytea NOT NULL,
    twin bytea NOT NULL) WITH (fillfactor = 70);
CREATE UNIQUE INDEX card_iccid ON card(iccid);
CREATE UNIQUE INDEX card_msisdn ON card(msisdn) WHERE msisdn IS NOT NULL;
CREATE TABLE card_due(at bigint NOT NULL, card bigint NOT NULL, PRIMARY KEY (at, card));
CREATE TABLE number(msisdn bigint NOT NULL, since bigint NOT NULL, card bigint NOT NULL, PRIMARY KEY (msisdn, since, card));

-- key: a keyed digest of source and id, so that no producer can choose ids that collide.
CREATE TABLE event(seq bigint PRIMARY KEY, key uuid NOT NULL, card bigint NOT NULL, previous bigint NOT NULL, op smallint NOT NULL,
    accepted_at bigint NOT NULL, revision bigint, content_hash bigint NOT NULL, source bytea NOT NULL, id bytea NOT NULL,
    node bytea NOT NULL, subject bytea NOT NULL, traceparent bytea NOT NULL);
CREATE UNIQUE INDEX event_key ON event(key);
-- What is finished lies in partitions by week (partitions.hpp); the rest catches what no week takes. Events do not: their key is
-- unique over all weeks.
CREATE TABLE event_end(seq bigint PRIMARY KEY, state smallint NOT NULL, closed_at bigint NOT NULL, reason bytea NOT NULL,
    detail bytea NOT NULL) PARTITION BY RANGE (seq);
CREATE TABLE event_end_rest PARTITION OF event_end DEFAULT;
CREATE TABLE later_state(seq bigint PRIMARY KEY, state smallint NOT NULL, sequence bigint NOT NULL, at bigint NOT NULL)
    PARTITION BY RANGE (seq);
CREATE TABLE later_state_rest PARTITION OF later_state DEFAULT;

CREATE TABLE submission(packet bigint NOT NULL, segment smallint NOT NULL, attempt smallint NOT NULL, card bigint NOT NULL,
    at bigint NOT NULL, receipt smallint NOT NULL, receipt_at bigint NOT NULL, route bytea NOT NULL, message_id bytea NOT NULL,
    PRIMARY KEY (packet, segment, attempt)) PARTITION BY RANGE (packet);
CREATE TABLE submission_rest PARTITION OF submission DEFAULT WITH (fillfactor = 50);
CREATE INDEX submission_message ON submission(message_id) WHERE message_id <> '';
CREATE TABLE orphan_receipt(message_id bytea NOT NULL, route bytea NOT NULL, receipt smallint NOT NULL, at bigint NOT NULL,
    PRIMARY KEY (message_id, route));
CREATE INDEX orphan_receipt_at ON orphan_receipt(at);

CREATE TABLE history(seq bigint PRIMARY KEY, card bigint NOT NULL, previous bigint NOT NULL, at bigint NOT NULL, what bytea NOT NULL)
    PARTITION BY RANGE (seq);
CREATE TABLE history_rest PARTITION OF history DEFAULT;
CREATE TABLE outbox(position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seq bigint NOT NULL, shard smallint NOT NULL, topic bytea NOT NULL,
    key bytea NOT NULL, value bytea NOT NULL);
CREATE UNIQUE INDEX outbox_seq ON outbox(seq);

-- What each process holds for a while. The second index makes a change of the holder one of a key: it waits for commits that have
-- looked at the row; a renewal does not.
CREATE TABLE lease(name bytea PRIMARY KEY, holder bytea NOT NULL, until timestamptz NOT NULL) WITH (fillfactor = 20);
CREATE UNIQUE INDEX lease_holder ON lease(name, holder);

CREATE TABLE source_offset(source bytea NOT NULL, part bigint NOT NULL, next_offset bigint NOT NULL, mark bigint NOT NULL,
    PRIMARY KEY (source, part)) WITH (fillfactor = 20);
CREATE TABLE named_value(name bytea PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE device_account(card bigint NOT NULL, object bytea NOT NULL, client_name bytea NOT NULL, device bytea NOT NULL,
    client_nonce bytea NOT NULL, server_nonce bytea NOT NULL, PRIMARY KEY (card, object));
CREATE INDEX device_account_client ON device_account(client_name);
CREATE INDEX device_account_device ON device_account(device) WHERE device <> '';

-- For people: the same with readable texts and times.
CREATE VIEW readable_event AS SELECT e.seq, to_timestamp(e.accepted_at / 1000.0) AS accepted_at, encode(e.source, 'escape') AS source,
    encode(e.id, 'escape') AS id, encode(e.subject, 'escape') AS iccid, encode(e.node, 'escape') AS node, x.state,
    to_timestamp(x.closed_at / 1000.0) AS closed_at, encode(x.reason, 'escape') AS reason, encode(x.detail, 'escape') AS detail
    FROM event e LEFT JOIN event_end x ON x.seq = e.seq;
CREATE VIEW readable_card AS SELECT id, rtrim(encode(iccid, 'hex'), 'f') AS iccid, substr(msisdn::text, 2) AS msisdn,
    encode(profile, 'escape') AS profile, encode(labels, 'escape') AS labels, standing, version,
    to_timestamp(due / 1000.0) AS due FROM card;
)sql";

/// Entry n brings schema n to n + 1, and sets `oldest_program` where older programs could no longer follow. Expand
/// first, contract when no older program runs any more: then a rolling upgrade works in both directions.
constexpr std::array<const char*, newest_schema> migrations{schema_1};

wire::result<void> apply_missing(connection& db, const std::string& schema) {
    OTA_TRY(db.command("SELECT pg_advisory_xact_lock(7061746831)"));  // any number that only this program uses
    OTA_TRY(const auto state, schema_of(db, schema));  // now under the lock: another process may have been first
    OTA_TRY(const auto named, db.run("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = convert_from($1, 'UTF8')",
                                     parameters::of(std::string_view(schema))));
    if (named.size() ==
        0) {  // even IF NOT EXISTS wants CREATE on the database, which an operator may have kept for himself
        std::string name = "CREATE SCHEMA \"";
        for (const char c : schema) name += c == '"' ? std::string("\"\"") : std::string(1, c);
        OTA_TRY(db.command((name + '"').c_str()));
    }
    for (auto step = state.version; step < newest_schema; ++step) {
        OTA_TRY(db.command(migrations[static_cast<std::size_t>(step)]));
        OTA_TRY(db.command(("UPDATE program_schema SET version = " + std::to_string(step + 1)).c_str()));
    }
    return outcome::success();
}

}  // namespace

wire::result<schema_state> schema_of(connection& db, const std::string& schema) {
    // Asked of the catalogue first: a failing statement would spoil the transaction.
    OTA_TRY(const auto there, db.run("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = convert_from($1, 'UTF8') "
                                     "AND tablename = 'program_schema'",
                                     parameters::of(std::string_view(schema))));
    if (there.size() == 0) return schema_state{};
    const auto said = db.run("SELECT version, oldest_program FROM program_schema", {});
    if (!said && said.error() == errc::outdated) return errc::refused;  // it is there, but not for this user
    if (!said) return said.error();
    if (said.value().size() != 1) return errc::corrupt;
    return schema_state{said.value().integer(0, 0), said.value().integer(0, 1)};
}

wire::result<void> fits(const schema_state& state) {
    if (state.oldest_program > newest_schema) return errc::too_new;
    if (state.version < newest_schema) return errc::outdated;
    return outcome::success();
}

wire::result<void> migrate(connection& db, const std::string& schema) {
    OTA_TRY(const auto state, schema_of(db, schema));
    if (state.oldest_program > newest_schema) return errc::too_new;
    if (state.version >= newest_schema) return keep_ahead(db);
    OTA_TRY(db.command("BEGIN"));
    auto applied = apply_missing(db, schema);
    if (applied) {
        OTA_TRY(db.command("COMMIT"));
    } else if (db.alive()) {
        const std::string why = db.trouble();
        (void)db.command("ROLLBACK");
    }
    if (applied) return keep_ahead(db);
    return applied;
}

}  // namespace ota::store::postgres
