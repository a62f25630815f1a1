#pragma once

#include "gateway/store/sqlite/database.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <map>

namespace ota::store::sqlite {

/// An index whose keys come in random order, written in key order: inserting at random would touch one page per key.
/// New entries are appended to a log table, a row per call, and mirrored in memory; once the log is long, every call
/// also moves the next few in key order into the index table, where neighbours share pages. Nothing depends on the
/// memory: it is read again from the log at first use, after a roll-back, and after another process has changed the
/// log.
class deferred_index {
public:
    /// Statements over the log and the index. `put` takes (key, value) and may be repeated; `get` takes a key and gives
    /// values.
    struct statements {
        const char *read_log, *append_log, *cut_log, *put, *get;
    };

    deferred_index(database& db, statements sql, std::size_t log_entries, bool one_value)
        : db_(db), sql_(sql), log_entries_(log_entries), one_value_(one_value) {}

    /// Makes memory follow the log. `generation` is the ledger's, raised by `flush`.
    [[nodiscard]] wire::result<void> follow(std::uint64_t generation);
    /// Forgets the memory: what it mirrors was rolled back.
    void forget() noexcept {
        loaded_ = false;
        fresh_.clear();
    }

    void add(std::int64_t key, std::int64_t value);
    /// Writes what was added, and moves some entries on. Entries with a value below `oldest` are dropped on the way.
    [[nodiscard]] wire::result<void> flush(std::uint64_t& generation, std::int64_t oldest);

    /// Every value that was added under the key.
    [[nodiscard]] wire::result<std::vector<std::int64_t>> find(std::int64_t key);
    /// The last value, for an index where a key has one.
    [[nodiscard]] wire::result<std::optional<std::int64_t>> find_one(std::int64_t key);

private:
    void remember(std::int64_t key, std::int64_t value);
    [[nodiscard]] wire::result<void> put(std::int64_t key, std::int64_t value, std::int64_t oldest);
    [[nodiscard]] wire::result<void> load();
    [[nodiscard]] wire::result<void> move_on(std::size_t entries, std::int64_t oldest);
    void begin_round();
    [[nodiscard]] wire::result<void> end_round();

    database& db_;
    statements sql_;
    std::size_t log_entries_;
    bool one_value_;

    bool loaded_ = false;
    std::uint64_t generation_ = 0;
    boost::unordered_flat_map<std::int64_t, std::int64_t> pending_;  ///< the first value of each key
    std::multimap<std::int64_t, std::int64_t> further_;              ///< the rare others: keys that collide
    wire::octets fresh_;                                             ///< added, not in the log yet
    std::int64_t last_n_ = 0;                                        ///< newest row of the log
    std::size_t in_log_ = 0;                                         ///< entries
    /// A walk through the keys that were pending when it began, in order, over many calls.
    std::vector<std::int64_t> round_;
    std::size_t walked_ = 0;
    std::int64_t round_began_at_ = 0;    ///< the log's newest row then
    std::size_t since_round_began_ = 0;  ///< entries
};

}  // namespace ota::store::sqlite
