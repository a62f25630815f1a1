#pragma once

#include "gateway/store/store.hpp"

#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

/// The only place that speaks to the sqlite3 library: a connection, its prepared statements, its errors as values.
namespace ota::store::sqlite {

/// The store error for an (extended) result code.
[[nodiscard]] errc errc_of(int code) noexcept;

/// Milliseconds since 1970 in UTC, the only form of time in the tables.
[[nodiscard]] inline std::int64_t stamp(wall_time t) noexcept { return t.time_since_epoch().count(); }
[[nodiscard]] inline std::optional<std::int64_t> stamp(const std::optional<wall_time>& t) noexcept {
    return t ? std::optional(stamp(*t)) : std::nullopt;
}
[[nodiscard]] inline wall_time time_of(std::int64_t stamp) noexcept {
    return wall_time(std::chrono::milliseconds(stamp));
}

class database;

/// One run of a prepared statement: parameters bound by position, then `next` for each row. Bound texts and octets are
/// borrowed until the run ends. One run of a statement at a time.
class run {
public:
    template <class... Parameters>
    run(database& db, sqlite3_stmt* statement, const Parameters&... parameters) : db_(db), s_(statement) {
        int position = 0;
        (bind(++position, parameters), ...);
    }
    run(const run&) = delete;
    run& operator=(const run&) = delete;
    ~run();

    /// True: a row is there. False: the statement is done.
    [[nodiscard]] wire::result<bool> next();
    /// For statements that give no rows.
    [[nodiscard]] wire::result<void> all();

    [[nodiscard]] bool null(int column) const noexcept;
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] std::string_view view(int column) const noexcept;  ///< valid until the next step
    [[nodiscard]] std::string text(int column) const { return std::string(view(column)); }
    [[nodiscard]] wire::octets octets(int column) const;

private:
    void bind(int position, std::int64_t value) noexcept;
    void bind(int position, std::string_view text) noexcept;
    void bind(int position, wire::octet_view octets) noexcept;
    void bind(int position, const std::optional<std::int64_t>& value) noexcept;
    void bind(int position, const std::string& text) noexcept { bind(position, std::string_view(text)); }
    void bind(int position, const wire::octets& octets) noexcept { bind(position, wire::octet_view(octets)); }

    database& db_;
    sqlite3_stmt* s_;
    int bind_error_ = 0;
};

class database {
public:
    database() = default;
    database(const database&) = delete;
    database& operator=(const database&) = delete;
    ~database();

    /// Opens or makes the file. `busy_timeout` bounds the wait for another writer.
    [[nodiscard]] wire::result<void> open(const std::string& path, std::chrono::milliseconds busy_timeout);
    /// Statements separated by semicolons, without parameters.
    [[nodiscard]] wire::result<void> execute(const char* sql);
    /// The statement, compiled at its first use. `sql` must live for ever: its address is the key.
    [[nodiscard]] wire::result<sqlite3_stmt*> prepared(const char* sql);
    /// One statement without parameters and rows, compiled once.
    [[nodiscard]] wire::result<void> perform(const char* sql);
    /// The first column of the first row as an integer; nothing without a row.
    [[nodiscard]] wire::result<std::optional<std::int64_t>> number(const char* sql);

    /// Moves what the write-ahead log holds into the file, as far as readers allow.
    [[nodiscard]] wire::result<void> checkpoint();
    /// Pages in the write-ahead log after the last commit.
    [[nodiscard]] int log_pages() const noexcept { return log_pages_; }

    [[nodiscard]] std::int64_t total_changes() const noexcept;  ///< rows written since the connection was opened
    [[nodiscard]] std::int64_t changes() const noexcept;        ///< rows written by the last statement
    [[nodiscard]] bool in_transaction() const noexcept;

    /// Notes a failed call and gives its error. After `io` or `corrupt` nothing is trusted any more: see `broken`.
    std::error_code failed(int code) noexcept;
    /// The error for content that contradicts itself.
    std::error_code contradicts() noexcept;
    /// What made the connection unusable, if anything did.
    [[nodiscard]] const std::optional<errc>& broken() const noexcept { return broken_; }

private:
    sqlite3* db_ = nullptr;
    std::unordered_map<const char*, sqlite3_stmt*> statements_;
    std::chrono::milliseconds busy_timeout_{};
    std::optional<errc> broken_;
    int log_pages_ = 0;
};

}  // namespace ota::store::sqlite
