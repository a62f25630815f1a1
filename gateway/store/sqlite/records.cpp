#include "gateway/store/sqlite/transaction.hpp"

#include <algorithm>

/// History, outbox, consumed offsets and named values.
namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

wire::result<void> sqlite_transaction::append_history(std::span<const history_row> rows) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(auto* const statement,
                db_.prepared("INSERT INTO history(seq, card, previous, at, what) VALUES (?, ?, ?, ?, ?)"));
        for (const auto& row : rows) {
            OTA_TRY(run(db_, statement, row.seq, row.card, row.previous, stamp(row.at), row.what).all());
        }
        return outcome::success();
    });
}

wire::result<std::vector<history_row>> sqlite_transaction::history(std::int64_t newest, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement, db_.prepared("SELECT seq, card, previous, at, what FROM history WHERE seq = ?"));
    std::vector<history_row> found;
    for (auto seq = newest; seq != 0 && found.size() < limit; seq = found.back().previous) {
        run r(db_, statement, seq);
        OTA_TRY(const bool row, r.next());
        if (!row) break;  // pruned
        found.push_back({r.integer(0), r.integer(1), r.integer(2), time_of(r.integer(3)), r.text(4)});
        if (found.back().previous >= seq) break;  // a chain only leads backwards
    }
    return found;
}

wire::result<void> sqlite_transaction::append_outbox(std::span<const outbox_row> rows) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(auto* const statement, db_.prepared("INSERT INTO outbox(seq, topic, key, value) VALUES (?, ?, ?, ?)"));
        for (const auto& row : rows) {
            OTA_TRY(run(db_, statement, row.seq, row.topic, row.key, row.value).all());
            ++ledger_.outbox;
        }
        return outcome::success();
    });
}

wire::result<std::vector<outbox_row>> sqlite_transaction::outbox(std::int64_t after_seq, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement,
            db_.prepared("SELECT seq, topic, key, value FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?"));
    std::vector<outbox_row> found;
    run r(db_, statement, after_seq, static_cast<std::int64_t>(limit));
    for (;;) {
        OTA_TRY(const bool row, r.next());
        if (!row) return found;
        found.push_back({r.integer(0), r.text(1), r.text(2), r.text(3)});
    }
}

wire::result<std::vector<outbox_row>> sqlite_transaction::outbox_of(shard_set shards,
                                                                    std::span<const std::string> without_topics,
                                                                    std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement, db_.prepared("SELECT seq, topic, key, value FROM outbox ORDER BY seq"));
    std::vector<outbox_row> found;
    run r(db_, statement);
    while (found.size() < limit) {
        OTA_TRY(const bool row, r.next());
        if (!row) break;
        if ((shards >> shard_of(r.view(2)) & 1) == 0 || std::ranges::count(without_topics, r.view(1)) != 0) continue;
        found.push_back({r.integer(0), r.text(1), r.text(2), r.text(3)});
    }
    return found;
}

wire::result<void> sqlite_transaction::remove_outbox(std::span<const std::int64_t> seqs) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(auto* const statement, db_.prepared("DELETE FROM outbox WHERE seq = ?"));
        for (const auto seq : seqs) {
            OTA_TRY(run(db_, statement, seq).all());
            ledger_.outbox -= db_.changes();
        }
        return outcome::success();
    });
}

wire::result<std::optional<source_position>> sqlite_transaction::source_offset(std::string_view source,
                                                                               std::int32_t partition) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement,
            db_.prepared("SELECT next_offset, mark FROM source_offset WHERE source = ? AND part = ?"));
    run r(db_, statement, source, std::int64_t{partition});
    OTA_TRY(const bool row, r.next());
    if (!row) return std::optional<source_position>();
    return std::optional(source_position{r.integer(0), static_cast<std::uint64_t>(r.integer(1))});
}

wire::result<void> sqlite_transaction::move_offset(std::string_view source, std::int32_t partition,
                                                   std::optional<std::int64_t> from, const source_position& to) {
    return writing([&]() -> wire::result<void> {
        const auto mark = static_cast<std::int64_t>(to.mark);
        if (from) {
            OTA_TRY(auto* const move, db_.prepared("UPDATE source_offset SET next_offset = ?, mark = ? "
                                                   "WHERE source = ? AND part = ? AND next_offset = ?"));
            OTA_TRY(run(db_, move, to.offset, mark, source, std::int64_t{partition}, *from).all());
        } else {
            OTA_TRY(auto* const first,
                    db_.prepared(
                        "INSERT OR IGNORE INTO source_offset(source, part, next_offset, mark) VALUES (?, ?, ?, ?)"));
            OTA_TRY(run(db_, first, source, std::int64_t{partition}, to.offset, mark).all());
        }
        if (db_.changes() == 0) return errc::conflict;
        return outcome::success();
    });
}

wire::result<std::optional<std::string>> sqlite_transaction::value(std::string_view name) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement, db_.prepared("SELECT value FROM named_value WHERE name = ?"));
    run r(db_, statement, name);
    OTA_TRY(const bool row, r.next());
    if (!row) return std::optional<std::string>();
    return std::optional(r.text(0));
}

wire::result<void> sqlite_transaction::set_value(std::string_view name, std::optional<std::string_view> value) {
    return writing([&]() -> wire::result<void> {
        if (!value) {
            OTA_TRY(auto* const remove, db_.prepared("DELETE FROM named_value WHERE name = ?"));
            return run(db_, remove, name).all();
        }
        OTA_TRY(auto* const put, db_.prepared("INSERT INTO named_value(name, value) VALUES (?, ?) "
                                              "ON CONFLICT DO UPDATE SET value = excluded.value"));
        return run(db_, put, name, *value).all();
    });
}

wire::result<std::vector<std::pair<std::string, std::string>>> sqlite_transaction::values(std::string_view prefix) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement, db_.prepared("SELECT name, value FROM named_value WHERE name >= ? ORDER BY name"));
    std::vector<std::pair<std::string, std::string>> found;
    run r(db_, statement, prefix);
    for (;;) {
        OTA_TRY(const bool row, r.next());
        if (!row || !r.view(0).starts_with(prefix)) return found;
        found.emplace_back(r.text(0), r.text(1));
    }
}

}  // namespace ota::store::sqlite
