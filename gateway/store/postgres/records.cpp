#include "gateway/store/postgres/transaction.hpp"

#include <algorithm>

/// History, outbox, consumed offsets and named values.
namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

std::vector<outbox_row> outbox_in(const rows& r) {
    std::vector<outbox_row> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back({r.integer(row, 0), r.text(row, 1), r.text(row, 2), r.text(row, 3)});
    return found;
}

}  // namespace

wire::result<void> postgres_transaction::append_history(std::span<const history_row> given) {
    return writing([&]() -> wire::result<void> {
        copied_rows out(5);
        for (const auto& row : given) {
            out.begin_row();
            out.add(row.seq);
            out.add(row.card);
            out.add(row.previous);
            out.add(stamp(row.at));
            out.add(std::string_view(row.what));
        }
        OTA_TRY(copy("COPY history(seq, card, previous, at, what) FROM STDIN (FORMAT binary)", std::move(out)));
        return outcome::success();
    });
}

wire::result<std::vector<history_row>> postgres_transaction::history(std::int64_t newest, std::size_t limit) {
    OTA_TRY(usable());
    // A chain only leads backwards, and ends where it was pruned.
    OTA_TRY(const auto r,
            db_.run("WITH RECURSIVE chain AS (SELECT h.seq, h.card, h.previous, h.at, h.what, 1 AS n FROM history h "
                    "WHERE h.seq = $1::bigint UNION ALL SELECT h.seq, h.card, h.previous, h.at, h.what, c.n + 1 FROM "
                    "chain c JOIN history h ON h.seq = c.previous WHERE c.previous < c.seq AND c.n < $2::bigint) "
                    "SELECT seq, card, previous, at, what FROM chain WHERE n <= $2 ORDER BY seq DESC",
                    parameters::of(newest, static_cast<std::int64_t>(limit))));
    std::vector<history_row> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back(
            {r.integer(row, 0), r.integer(row, 1), r.integer(row, 2), time_of(r.integer(row, 3)), r.text(row, 4)});
    return found;
}

wire::result<void> postgres_transaction::append_outbox(std::span<const outbox_row> given) {
    return writing([&]() -> wire::result<void> {
        copied_rows out(5);
        for (const auto& row : given) {
            out.begin_row();
            out.add(row.seq);
            out.small(static_cast<std::uint8_t>(shard_of(row.key)));
            out.add(std::string_view(row.topic));
            out.add(std::string_view(row.key));
            out.add(std::string_view(row.value));
        }
        OTA_TRY(const auto n,
                copy("COPY outbox(seq, shard, topic, key, value) FROM STDIN (FORMAT binary)", std::move(out)));
        tally_.outbox += n;
        return outcome::success();
    });
}

/// The position is given when a row is inserted. Who writes of a card has locked it, so of one card positions follow
/// commits, whatever the clocks of the instances say.
wire::result<std::vector<outbox_row>> postgres_transaction::outbox(std::int64_t after_seq, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(
        const auto r,
        db_.run("SELECT seq, topic, key, value FROM outbox WHERE position > "
                "coalesce((SELECT position FROM outbox WHERE seq = $1::bigint), 0) ORDER BY position LIMIT $2::bigint",
                parameters::of(after_seq, static_cast<std::int64_t>(limit))));
    return outbox_in(r);
}

wire::result<std::vector<outbox_row>> postgres_transaction::outbox_of(shard_set shards,
                                                                      std::span<const std::string> without_topics,
                                                                      std::size_t limit) {
    OTA_TRY(usable());
    auto not_these = array::of_octets();
    for (const auto& topic : without_topics) not_these.add(std::string_view(topic));
    OTA_TRY(const auto r,
            db_.run("SELECT seq, topic, key, value FROM outbox WHERE (1::bigint << shard) & $1::bigint <> 0 AND "
                    "topic <> ALL($2::bytea[]) ORDER BY position LIMIT $3::bigint",
                    parameters::of(static_cast<std::int64_t>(shards), std::move(not_these),
                                   static_cast<std::int64_t>(limit))));
    return outbox_in(r);
}

wire::result<void> postgres_transaction::remove_outbox(std::span<const std::int64_t> seqs) {
    return writing([&]() -> wire::result<void> {
        if (seqs.empty()) return outcome::success();
        std::vector<std::int64_t> sorted(seqs.begin(), seqs.end());
        std::sort(sorted.begin(), sorted.end());
        // Not as a join: a vacuum of a moment when nothing waited has the planner think that nothing ever does, and it
        // would hold every row against every seq.
        OTA_TRY(const auto n,
                change("DELETE FROM outbox WHERE seq = ANY($1::bigint[])", parameters::of(array::of(sorted))));
        tally_.outbox -= n;
        return outcome::success();
    });
}

wire::result<std::optional<source_position>> postgres_transaction::source_offset(std::string_view source,
                                                                                 std::int32_t partition) {
    OTA_TRY(usable());
    OTA_TRY(const auto r, db_.run("SELECT next_offset, mark FROM source_offset WHERE source = $1 AND part = $2::bigint",
                                  parameters::of(source, std::int64_t{partition})));
    if (r.size() == 0) return std::optional<source_position>();
    return std::optional(source_position{r.integer(0, 0), static_cast<std::uint64_t>(r.integer(0, 1))});
}

wire::result<void> postgres_transaction::move_offset(std::string_view source, std::int32_t partition,
                                                     std::optional<std::int64_t> from, const source_position& to) {
    return writing([&]() -> wire::result<void> {
        const auto mark = static_cast<std::int64_t>(to.mark);
        const std::int64_t part = partition;
        // A reader that moves it beside us is waited for; then the row is not where we left it, and we are fenced.
        OTA_TRY(const auto n,
                from ? change("UPDATE source_offset SET next_offset = $3::bigint, mark = $4::bigint WHERE source = $1 "
                              "AND part = $2::bigint AND next_offset = $5::bigint",
                              parameters::of(source, part, to.offset, mark, *from))
                     : change("INSERT INTO source_offset(source, part, next_offset, mark) "
                              "VALUES ($1, $2::bigint, $3::bigint, $4::bigint) ON CONFLICT DO NOTHING",
                              parameters::of(source, part, to.offset, mark)));
        if (n == 0) return errc::conflict;
        return outcome::success();
    });
}

wire::result<std::optional<std::string>> postgres_transaction::value(std::string_view name) {
    OTA_TRY(usable());
    // Locked (R5): what is read is often written back with something added. There is no row to lock before the first
    // writer: then the name itself is locked, and looked up again.
    constexpr const char* read = "SELECT value FROM named_value WHERE name = $1 FOR NO KEY UPDATE";
    OTA_TRY(auto r, db_.run(read, parameters::of(name)));
    if (r.size() == 0) {
        const auto lock = static_cast<std::int64_t>(hash_of(pool_->first_key(), "named_value", name));
        OTA_TRY(db_.run("SELECT pg_advisory_xact_lock($1::bigint)", parameters::of(lock)));
        OTA_TRY(r, db_.run(read, parameters::of(name)));
    }
    if (r.size() == 0) return std::optional<std::string>();
    return std::optional(r.text(0, 0));
}

wire::result<void> postgres_transaction::set_value(std::string_view name, std::optional<std::string_view> value) {
    return writing([&]() -> wire::result<void> {
        if (value) {
            OTA_TRY(
                change("INSERT INTO named_value AS v (name, value) VALUES ($1, $2) ON CONFLICT (name) "
                       "DO UPDATE SET value = excluded.value",
                       parameters::of(name, *value)));
        } else {
            OTA_TRY(change("DELETE FROM named_value WHERE name = $1", parameters::of(name)));
        }
        return outcome::success();
    });
}

wire::result<std::vector<std::pair<std::string, std::string>>> postgres_transaction::values(std::string_view prefix) {
    OTA_TRY(usable());
    OTA_TRY(const auto r,
            db_.run("SELECT name, value FROM named_value WHERE name >= $1 AND substr(name, 1, $2::bigint::int) = $1 "
                    "ORDER BY name",
                    parameters::of(prefix, static_cast<std::int64_t>(prefix.size()))));
    std::vector<std::pair<std::string, std::string>> found;
    for (std::size_t row = 0; row < r.size(); ++row) found.emplace_back(r.text(row, 0), r.text(row, 1));
    return found;
}

}  // namespace ota::store::postgres
