#pragma once

#include "gateway/store/postgres.hpp"
#include "gateway/store/postgres/rows.hpp"

#include <initializer_list>
#include <unordered_map>

struct pg_conn;

/// The only place that speaks to libpq: a connection, its prepared statements, its errors as values.
namespace ota::store::postgres {

/// A prepared statement and what it is given. The text must live for ever: its address is the key.
struct step {
    const char* sql;
    const parameters* with;
};

/// One connection. No call waits longer than the options say: a server that does not answer is a lost connection.
class connection {
public:
    /// Connects and prepares the session; `why` gets a sentence without secrets.
    [[nodiscard]] static wire::result<std::unique_ptr<connection>> open(const postgres_options&, std::string& why);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection();

    /// Runs a statement, prepared at its first use.
    [[nodiscard]] wire::result<rows> run(const char* sql, const parameters&);
    /// Runs them in one round trip; the first failure is the answer.
    [[nodiscard]] wire::result<std::vector<rows>> run(std::initializer_list<step>);
    /// COPY .. FROM STDIN (FORMAT binary); how many rows.
    [[nodiscard]] wire::result<std::int64_t> copy(const char* sql, copied_rows&&);
    /// Statements separated by semicolons, without parameters, in one round trip; the tag of the last ("COMMIT").
    [[nodiscard]] wire::result<std::string> command(const char* sql);
    /// As `command`, with the rows of the last statement, as texts.
    [[nodiscard]] wire::result<rows> ask(const char* sql);

    /// False: gone for good. What it was about to commit may be committed.
    [[nodiscard]] bool alive() const noexcept { return alive_; }
    /// Why the running transaction can only be taken back, if anything failed in it.
    [[nodiscard]] std::error_code failure() const noexcept { return failure_; }
    void forgive() noexcept { failure_ = {}; }
    /// What the server said last, in one line without secrets.
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
    /// A file descriptor and settings of its own: the server's version as it says it.
    [[nodiscard]] std::string server_version() const;

private:
    explicit connection(const postgres_options& options) : options_(options) {}
    using deadline = std::chrono::steady_clock::time_point;

    [[nodiscard]] wire::result<void> connect(const std::string& secret, std::string& why);
    [[nodiscard]] wire::result<void> prepare_session();
    [[nodiscard]] wire::result<const char*> prepared(const char* sql);
    [[nodiscard]] deadline patience() const;
    /// Flushes, waits, reads; nothing: no more results of this statement.
    [[nodiscard]] wire::result<rows> next_result(deadline);
    [[nodiscard]] wire::result<void> wait(deadline, bool for_writing);
    [[nodiscard]] wire::result<rows> last_result();
    /// Reads every result of what was sent; the first failure, or the last result.
    [[nodiscard]] wire::result<rows> drain(bool statement_ends = true);
    [[nodiscard]] wire::result<void> leave_pipeline(wire::result<void>);
    std::error_code failed(const rows&);
    std::error_code lost(std::string_view how);

    postgres_options options_;
    std::string secret_;
    pg_conn* c_ = nullptr;
    bool alive_ = false;
    std::error_code failure_;
    std::string trouble_;
    std::unordered_map<const char*, std::string> names_;  ///< of prepared statements
    std::size_t statements_ = 0;                          ///< prepared so far
};

/// The store's error for an SQLSTATE.
[[nodiscard]] errc errc_of(std::string_view sqlstate) noexcept;

/// The text without the secret, in one line.
[[nodiscard]] std::string without_secret(std::string text, const std::string& secret);

}  // namespace ota::store::postgres
