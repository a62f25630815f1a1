#include "gateway/store/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cctype>

/// How a connection comes to be: the connection string, the wait for the server, the session's settings.
namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

/// A connection string that was taken apart, to find the secret in it.
wire::result<std::string> secret_of(const postgres_options& options, std::string& why) {
    char* complaint = nullptr;
    auto* const parts = PQconninfoParse(options.connection.c_str(), &complaint);
    PQfreemem(complaint);  // it may quote the password: never shown
    if (parts == nullptr) {
        why =
            "the connection string of the database cannot be read: it should be a URI "
            "(postgresql://user@host/database) or "
            "words like host=.. dbname=..";
        return errc::refused;
    }
    std::string secret = options.password;
    for (const auto* p = parts; p->keyword != nullptr; ++p)
        if (secret.empty() && std::string_view(p->keyword) == "password" && p->val != nullptr) secret = p->val;
    PQconninfoFree(parts);
    return secret;
}

/// What libpq is told: our defaults, then the operator's string, which may change them.
struct keywords {
    explicit keywords(const postgres_options& options)
        : seconds(std::to_string(std::max<std::int64_t>(2, options.connect_timeout.count() / 1000))) {
        add("fallback_application_name", "otagw");
        add("connect_timeout", seconds.c_str());
        add("keepalives_idle", "10");
        add("keepalives_interval", "5");
        add("keepalives_count", "3");
        add("tcp_user_timeout", "20000");  // milliseconds
        add("dbname", options.connection.c_str());
        if (!options.password.empty()) add("password", options.password.c_str());
        add("client_encoding", "UTF8");
        names.push_back(nullptr);
        values.push_back(nullptr);
    }
    void add(const char* name, const char* value) {
        names.push_back(name);
        values.push_back(value);
    }
    std::string seconds;
    std::vector<const char*> names, values;
};

/// The SQLSTATE in what libpq says of a failed login, told verbosely: "..: FATAL:  53300: sorry, too many clients
/// already". The word before it is in the server's language.
std::string sqlstate_in(const std::string& said) {
    constexpr std::string_view mark = ":  ";
    constexpr std::size_t length = 5;
    for (auto at = said.find(mark); at != std::string::npos; at = said.find(mark, at + 1)) {
        const auto code = said.substr(at + mark.size(), length);
        const auto fits = [](unsigned char c) { return std::isdigit(c) != 0 || std::isupper(c) != 0; };
        if (code.size() == length && std::all_of(code.begin(), code.end(), fits) &&
            said.compare(at + mark.size() + length, 2, ": ") == 0)
            return code;
    }
    return {};
}

/// What a person needs of it: neither the code nor the place in the server's source.
std::string sentence_in(std::string said, const std::string& state) {
    if (const auto at = said.find("  " + state + ": "); !state.empty() && at != std::string::npos)
        said.erase(at + 1, state.size() + 2);
    if (const auto at = said.find("\nLOCATION:"); at != std::string::npos) said.erase(at);
    return said;
}

/// A name in double quotes.
std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

}  // namespace

wire::result<std::unique_ptr<connection>> connection::open(const postgres_options& options, std::string& why) {
    OTA_TRY(const auto secret, secret_of(options, why));
    std::unique_ptr<connection> fresh(new connection(options));
    OTA_TRY(fresh->connect(secret, why));
    if (auto ready = fresh->prepare_session(); !ready) {
        why = fresh->trouble();
        return ready.error();
    }
    return fresh;
}

wire::result<void> connection::connect(const std::string& secret, std::string& why) {
    secret_ = secret;
    const keywords k(options_);
    c_ = PQconnectStartParams(k.names.data(), k.values.data(), 1);
    if (c_ != nullptr) PQsetErrorVerbosity(c_, PQERRORS_VERBOSE);  // the only way to the code of a refusal
    const auto until = std::chrono::steady_clock::now() + options_.connect_timeout;
    auto next = c_ == nullptr || PQstatus(c_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        pollfd p{PQsocket(c_), static_cast<short>(next == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
        if (left <= 0 || ::poll(&p, 1, static_cast<int>(left)) == 0) {
            why = "the database server did not answer within the time to connect";
            return errc::unreachable;
        }
        next = PQconnectPoll(c_);
    }
    if (next == PGRES_POLLING_OK) {
        alive_ = true;
        PQsetErrorVerbosity(c_, PQERRORS_DEFAULT);
        PQsetnonblocking(c_, 1);
        PQsetNoticeProcessor(
            c_, [](void*, const char*) {}, nullptr);
        return outcome::success();
    }
    const std::string said = c_ != nullptr ? PQerrorMessage(c_) : "out of memory";
    const auto state = sqlstate_in(said);
    why = without_secret(sentence_in(said, state), secret_);
    // Too many clients, starting, shutting down: it passes, whatever else the server says meanwhile.
    if (!state.empty() && errc_of(state) == errc::unreachable) return errc::unreachable;
    // Otherwise a server that takes others refuses this user, password or database.
    return PQpingParams(k.names.data(), k.values.data(), 1) == PQPING_OK ? errc::refused : errc::unreachable;
}

wire::result<void> connection::prepare_session() {
    const auto ms = [](auto t) { return std::to_string(t.count()); };
    // Plans are made once and walk indices: statistics that are old must not turn a look-up of 1000 cards into a scan
    // of all. Only settings that the server knows are set, so that its relatives serve as well.
    static constexpr const char* sql =
        "SELECT set_config(s.name, w.value, false) FROM (VALUES "
        "('search_path', convert_from($1, 'UTF8')), ('statement_timeout', convert_from($2, 'UTF8')), "
        "('lock_timeout', convert_from($3, 'UTF8')), ('idle_in_transaction_session_timeout', convert_from($4, "
        "'UTF8')), "
        "('plan_cache_mode', 'force_generic_plan'), ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'), "
        "('enable_seqscan', 'off'), ('max_parallel_workers_per_gather', '0'), ('jit', 'off'), ('bytea_output', 'hex'), "
        "('tcp_user_timeout', '20000'), "
        "('default_transaction_isolation', 'read committed')) w(name, value) JOIN pg_settings s ON s.name = w.name";
    const auto values =
        parameters::of(std::string_view(quoted(options_.schema)), std::string_view(ms(options_.statement_timeout)),
                       std::string_view(ms(options_.busy_timeout)), std::string_view(ms(options_.idle_timeout)));
    OTA_TRY(run(sql, values));
    return outcome::success();
}

}  // namespace ota::store::postgres
