#pragma once

#include "gateway/store/key_hash.hpp"
#include "gateway/store/lock_file.hpp"
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite/deferred_index.hpp"
#include "gateway/store/witness.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace ota::store::sqlite {

/// The one row that every commit writes: identity, commit count (R3), and numbers that would cost a scan.
struct ledger {
    std::uint64_t commits = 0;
    std::int64_t cards = 0, open_events = 0, outbox = 0;
    std::int64_t card_tail = 0;          ///< the last place in the table of cards
    std::uint64_t place_generation = 0;  ///< of the logs of the deferred indices
    std::uint64_t key_generation = 0;
};

/// Lets one thread at a time into the connection. Any thread may leave, so a transaction may walk between threads.
class gate {
public:
    [[nodiscard]] bool enter(std::chrono::milliseconds limit) {
        std::unique_lock guard(mutex_);
        if (!left_.wait_for(guard, limit, [this] { return !inside_; })) return false;
        return inside_ = true;
    }
    void leave() {
        std::lock_guard guard(mutex_);
        inside_ = false;
        left_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable left_;
    bool inside_ = false;
};

/// What the store and its transactions share.
struct core {
    explicit core(const sqlite_options& chosen) : options(chosen) {}

    sqlite_options options;
    lock_file lock;
    database db;
    /// Card id -> place of its row.
    deferred_index places{
        db,
        {"SELECT n, entries FROM card_place_log ORDER BY n", "INSERT INTO card_place_log(n, entries) VALUES (?, ?)",
         "DELETE FROM card_place_log WHERE n <= ?", "UPDATE card_place SET n = ?2 WHERE id = ?1",
         "SELECT n FROM card_place WHERE id = ?"},
        options.tuning.held_back_entries,
        true};
    /// Hash of an event's source and id -> its sequence number.
    deferred_index keys{
        db,
        {"SELECT n, entries FROM event_key_log ORDER BY n", "INSERT INTO event_key_log(n, entries) VALUES (?, ?)",
         "DELETE FROM event_key_log WHERE n <= ?", "INSERT OR IGNORE INTO event_key(hash, seq) VALUES (?, ?)",
         "SELECT seq FROM event_key WHERE hash = ?"},
        options.tuning.held_back_entries,
        false};
    gate door;
    hash_key key;
    std::atomic<std::uint64_t> commits{0};
    witness kept;              ///< what stands beside the store
    std::string witness_path;  ///< empty: none (":memory:")
    std::chrono::steady_clock::time_point witnessed{};
    bool beside = false;      ///< a witness stands there
    bool recovering = false;  ///< R3: the first commit gives the store a new identity

    /// Writes the witness when it is a second old, or `now`.
    void bear_witness(bool now);
    /// Runs a checkpoint when the write-ahead log has grown to its limit.
    void checkpoint_if_due();
};

}  // namespace ota::store::sqlite
