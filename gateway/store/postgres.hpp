#pragma once

#include "gateway/store/store.hpp"

namespace ota::store {

struct postgres_options {
    /// A connection string or URI of libpq. It may carry a password: no error shows any of it.
    std::string connection;
    std::string password;          ///< when it is not in `connection`
    std::string schema = "otagw";  ///< of the database: where the tables are
    std::size_t connections = 4;   ///< at most; one for each transaction that runs at the same time
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds statement_timeout{30'000};  ///< of one statement, in the server and on the way to it
    std::chrono::milliseconds busy_timeout{
        5000};  ///< wait for a free connection, or for a row that another one has locked
    std::chrono::milliseconds idle_timeout{
        60'000};  ///< the server ends a transaction that nobody goes on with (a paused process)
    std::chrono::milliseconds resolve_timeout{
        15'000};           ///< after a connection was lost in a commit: until it is known what became of it
    bool migrate = false;  ///< make or renew the schema; otherwise an old one is `outdated`
};

/// Opens the shared store of many instances. It heals by itself: `begin` connects again after the server was away, and
/// says `unreachable` meanwhile, at once while it backs off. `unreachable`; `refused`: the server is there, but not
/// this user, password or database; `outdated`: the schema is missing or older than this program; `too_new`;
/// `restored`: see `begin`. `why`: a sentence for the operator, without secrets.
///
/// `begin` of an open store says `restored` when the database behind the connection is another one or has lost commits
/// that this process saw as durable (a restored copy, a fail-over to a replica that was behind): counters would be used
/// again (R3).
///
/// `commit`: a connection lost half-way is resolved before it returns; success and every error but `unresolved` are
/// certain. `unresolved`: the server did not come back within `resolve_timeout`. Call `commit` of the same transaction
/// again to ask again. A transaction that is dropped instead is resolved by the next `begin`, before anything else is
/// done.
[[nodiscard]] wire::result<std::unique_ptr<store>> open_postgres(const postgres_options&, std::string* why = nullptr);

/// What a schema says of itself, and what a program needs to know before it opens it (`otagw store check`).
struct postgres_facts {
    std::int64_t schema_version = 0;    ///< 0: none yet
    std::int64_t oldest_program = 0;    ///< schema version of the oldest program that may run on it
    std::int64_t this_program = 0;      ///< schema version that this program writes
    std::string server;                 ///< its version
    std::vector<std::string> warnings;  ///< sentences: settings with which a commit is not durable, and the like
};
[[nodiscard]] wire::result<postgres_facts> inspect_postgres(const postgres_options&, std::string* why = nullptr);

/// Makes the schema or renews it, in one transaction, one process at a time (`otagw store migrate`).
[[nodiscard]] wire::result<void> migrate_postgres(const postgres_options&, std::string* why = nullptr);

}  // namespace ota::store
