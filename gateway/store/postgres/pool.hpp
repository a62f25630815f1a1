#pragma once

#include "gateway/store/key_hash.hpp"
#include "gateway/store/postgres/connection.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>

namespace ota::store::postgres {

/// What a commit adds to the counts of the store.
struct tally {
    std::int64_t cards = 0, open_events = 0, outbox = 0;
};

/// A connection of the pool: with its slot of the tally, and the markers of its last two commits. Its next commit
/// removes the elder.
struct member {
    std::unique_ptr<connection> db;
    std::int64_t slot = 0;
    std::int64_t marker = 0;  ///< the elder
    std::int64_t newest = 0;
    std::uint64_t number = 0;  ///< of the connection: no other one gets it
};

/// The connections of one store. Any thread may ask; what is broken is replaced, not too often.
class pool {
public:
    explicit pool(const postgres_options& options);

    /// A connection in a transaction that has just begun; `busy`: all are in use beyond the time limit.
    [[nodiscard]] wire::result<member> begin();
    /// Gives it back; one that is broken, or in the midst of a transaction that cannot be ended, is closed.
    void give_back(member&&, bool in_transaction);

    /// Whether the transaction with this marker was committed. When it was not, it never will be. `unresolved`: nobody
    /// can say yet.
    [[nodiscard]] wire::result<bool> resolve(std::int64_t marker);
    /// The transaction is given up without knowing: the next `begin` resolves it first.
    void leave_unresolved(std::int64_t marker);

    /// A lease that a commit needs (lease_table::require).
    void require(std::string_view lease, std::string_view holder);
    /// A statement that fails when the lease is over or another one's; empty: none is needed. A takeover waits for who
    /// has run it.
    [[nodiscard]] std::string fence() const;

    /// The commit with this marker is durable; `m`: it was this connection's.
    void note_commit(member& m, std::int64_t marker);
    void note_commit(std::int64_t marker);
    [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }
    [[nodiscard]] std::int64_t random();
    [[nodiscard]] const hash_key& first_key() const noexcept { return keys_[0]; }
    [[nodiscard]] const hash_key& second_key() const noexcept { return keys_[1]; }
    [[nodiscard]] std::string trouble() const;

private:
    /// The newest commit of a connection that this process knows to be durable.
    struct claim {
        std::int64_t marker = 0;
        std::chrono::steady_clock::time_point since;
    };

    [[nodiscard]] wire::result<member> take();
    [[nodiscard]] wire::result<member> connect();
    /// The same store as before, and not behind what was durable (R3).
    [[nodiscard]] wire::result<void> recognise(connection&);
    /// The newest commits that this process saw are in the database still.
    [[nodiscard]] wire::result<void> find_claims(connection&);
    [[nodiscard]] std::vector<std::int64_t> claimed() const;
    void keep_claim(const claim&);
    void forget(member&&);
    [[nodiscard]] wire::result<void> settle();
    /// One of many callers looks after the partitions of the coming weeks now and then.
    void look_ahead(connection&);
    /// Not yet: the server was away a moment ago. Under the lock.
    [[nodiscard]] std::error_code backing_off() const;
    void tried(std::error_code);
    [[nodiscard]] wire::result<bool> ask_for(std::int64_t marker);

    postgres_options options_;
    mutable std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<member> idle_;
    std::size_t made_ = 0;  ///< connections in use or idle
    std::chrono::steady_clock::time_point next_attempt_{};
    std::chrono::milliseconds back_off_{};
    std::error_code last_failure_;
    std::string trouble_;
    std::vector<std::int64_t> unresolved_;
    std::string fence_;
    std::unordered_map<std::uint64_t, claim> claims_;  ///< by the connection's number
    std::deque<claim> old_claims_;                     ///< of connections that are gone, the newest few
    std::uint64_t numbers_ = 0;
    std::chrono::steady_clock::time_point next_weeks_{};  ///< when partitions are looked at again
    std::string identity_;                                ///< empty: not connected yet
    hash_key keys_[2];
    std::atomic<std::uint64_t> commits_{0};
};

}  // namespace ota::store::postgres
