#include "gateway/store/sqlite/database.hpp"

#include <sqlite3.h>

#include <thread>

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

errc errc_of(int code) noexcept {
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return errc::busy;
        case SQLITE_FULL: return errc::full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return errc::corrupt;
        case SQLITE_CONSTRAINT:
            return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                           code == SQLITE_CONSTRAINT_ROWID
                       ? errc::duplicate
                       : errc::misuse;
        case SQLITE_TOOBIG:
        case SQLITE_RANGE:
        case SQLITE_MISMATCH:
        case SQLITE_MISUSE: return errc::misuse;
        default: return errc::io;
    }
}

run::~run() { sqlite3_reset(s_); }

wire::result<bool> run::next() {
    if (bind_error_ != SQLITE_OK) return db_.failed(bind_error_);
    const int code = sqlite3_step(s_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return db_.failed(code);
}

wire::result<void> run::all() {
    OTA_TRY(const bool row, next());
    if (row) return db_.failed(SQLITE_MISUSE);
    return outcome::success();
}

bool run::null(int column) const noexcept { return sqlite3_column_type(s_, column) == SQLITE_NULL; }

std::int64_t run::integer(int column) const noexcept { return sqlite3_column_int64(s_, column); }

std::string_view run::view(int column) const noexcept {
    const auto* octets = static_cast<const char*>(sqlite3_column_blob(s_, column));
    return {octets, static_cast<std::size_t>(sqlite3_column_bytes(s_, column))};
}

wire::octets run::octets(int column) const {
    const auto v = wire::as_octets(view(column));
    return {v.begin(), v.end()};
}

void run::bind(int position, std::int64_t value) noexcept {
    if (const int code = sqlite3_bind_int64(s_, position, value); code != SQLITE_OK) bind_error_ = code;
}

void run::bind(int position, std::string_view text) noexcept {
    const char* p = text.data() != nullptr ? text.data() : "";
    const int code = sqlite3_bind_text64(s_, position, p, text.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) bind_error_ = code;
}

void run::bind(int position, wire::octet_view octets) noexcept {
    const void* p = octets.data() != nullptr ? static_cast<const void*>(octets.data()) : "";
    if (const int code = sqlite3_bind_blob64(s_, position, p, octets.size(), SQLITE_STATIC); code != SQLITE_OK)
        bind_error_ = code;
}

void run::bind(int position, const std::optional<std::int64_t>& value) noexcept {
    if (value) return bind(position, *value);
    if (const int code = sqlite3_bind_null(s_, position); code != SQLITE_OK) bind_error_ = code;
}

namespace {

/// A busy gateway frees the lock only for moments: ask often, so that a tool gets its turn.
constexpr std::chrono::milliseconds busy_poll{1};

int on_busy(void* timeout, int asked) {
    if (asked * busy_poll >= *static_cast<const std::chrono::milliseconds*>(timeout)) return 0;
    std::this_thread::sleep_for(busy_poll);
    return 1;
}

int on_commit(void* pages, sqlite3*, const char*, int in_log) {
    *static_cast<int*>(pages) = in_log;
    return SQLITE_OK;
}

}  // namespace

wire::result<void> database::open(const std::string& path, std::chrono::milliseconds busy_timeout) {
    // One thread at a time uses the connection (the store's gate sees to it): no mutex inside.
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (const int code = sqlite3_open_v2(path.c_str(), &db_, flags, nullptr); code != SQLITE_OK) return failed(code);
    busy_timeout_ = busy_timeout;
    sqlite3_busy_handler(db_, on_busy, &busy_timeout_);
    sqlite3_wal_hook(db_, on_commit, &log_pages_);
    return outcome::success();
}

database::~database() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(db_);
}

wire::result<void> database::execute(const char* sql) {
    if (const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) return failed(code);
    return outcome::success();
}

wire::result<sqlite3_stmt*> database::prepared(const char* sql) {
    auto& statement = statements_[sql];
    if (statement == nullptr) {
        const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) return failed(code);
    }
    return statement;
}

wire::result<void> database::perform(const char* sql) {
    OTA_TRY(auto* const statement, prepared(sql));
    return run(*this, statement).all();
}

wire::result<std::optional<std::int64_t>> database::number(const char* sql) {
    OTA_TRY(auto* const statement, prepared(sql));
    run r(*this, statement);
    OTA_TRY(const bool row, r.next());
    if (!row) return std::optional<std::int64_t>();
    return std::optional<std::int64_t>(r.integer(0));
}

wire::result<void> database::checkpoint() {
    const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    // Busy is no failure: a reader, or another process's checkpoint, is in the way; the next one takes the rest.
    if (code != SQLITE_OK && errc_of(code) != errc::busy) return failed(code);
    return outcome::success();
}

std::int64_t database::total_changes() const noexcept { return sqlite3_total_changes64(db_); }
std::int64_t database::changes() const noexcept { return sqlite3_changes64(db_); }
bool database::in_transaction() const noexcept { return db_ != nullptr && sqlite3_get_autocommit(db_) == 0; }

std::error_code database::failed(int code) noexcept {
    const auto error = errc_of(code);
    if (error == errc::io || error == errc::corrupt) broken_ = error;
    return make_error_code(error);
}

std::error_code database::contradicts() noexcept { return failed(SQLITE_CORRUPT); }

}  // namespace ota::store::sqlite
