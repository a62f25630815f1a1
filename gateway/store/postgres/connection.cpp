#include "gateway/store/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

/// The server's own time limit strikes first, so that a slow statement is told from a lost server.
constexpr std::chrono::seconds grace{2};

constexpr int binary = 1;

}  // namespace

errc errc_of(std::string_view state) noexcept {
    if (state == "23505") return errc::duplicate;
    if (state == "22012") return errc::fenced;                        // pool::fence divides by the leases that it finds
    if (state == "40001" || state == "40P01") return errc::conflict;  // serialization failure, deadlock: run it again
    if (state == "55P03" || state == "57014") return errc::busy;      // lock or statement beyond its time limit
    if (state == "53100") return errc::full;
    if (state == "25006") return errc::unreachable;  // a replica that only reads: its primary is elsewhere
    if (state.starts_with("08") || state.starts_with("53") || state.starts_with("57P") || state == "25P03")
        return errc::unreachable;
    if (state.starts_with("28") || state == "3D000" || state == "42501") return errc::refused;
    if (state == "42P01" || state == "3F000") return errc::outdated;  // no such table or schema
    // Data, constraints, limits of a row: what was given is at fault. Anything else is the server's, and never a row's.
    if (state.starts_with("22") || state.starts_with("23") || state.starts_with("54")) return errc::misuse;
    return errc::io;
}

std::string without_secret(std::string text, const std::string& secret) {
    if (!secret.empty())
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
            text.replace(at, secret.size(), "***");
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

connection::~connection() { PQfinish(c_); }

std::string connection::server_version() const {
    const char* version = PQparameterStatus(c_, "server_version");
    return version != nullptr ? version : "unknown";
}

connection::deadline connection::patience() const {
    return std::chrono::steady_clock::now() + options_.statement_timeout + grace;
}

std::error_code connection::lost(std::string_view how) {
    alive_ = false;
    trouble_ = how;
    failure_ = make_error_code(errc::unreachable);
    return failure_;
}

std::error_code connection::failed(const rows& r) {
    if (PQstatus(c_) == CONNECTION_BAD) return lost(without_secret(PQerrorMessage(c_), secret_));
    const char* state = PQresultErrorField(r.raw(), PG_DIAG_SQLSTATE);
    const char* message = PQresultErrorField(r.raw(), PG_DIAG_MESSAGE_PRIMARY);
    trouble_ = without_secret(message != nullptr ? message : "the server gave no reason", secret_);
    failure_ = make_error_code(errc_of(state != nullptr ? state : ""));
    return failure_;
}

wire::result<void> connection::wait(deadline until, bool for_writing) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return lost("the server did not answer in time");
    pollfd p{PQsocket(c_), static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN), 0};
    if (::poll(&p, 1, static_cast<int>(left.count())) < 0 && errno != EINTR)
        return lost("waiting for the server failed");
    if ((p.revents & (POLLIN | POLLERR | POLLHUP)) != 0 && PQconsumeInput(c_) == 0)
        return lost(without_secret(PQerrorMessage(c_), secret_));
    return outcome::success();
}

wire::result<rows> connection::next_result(deadline until) {
    for (;;) {
        const int unsent = PQflush(c_);
        if (unsent < 0) return lost(without_secret(PQerrorMessage(c_), secret_));
        // What the server says is read while it is still being written to, or both sides might wait for the other.
        if (unsent == 0 && PQisBusy(c_) == 0) break;
        OTA_TRY(wait(until, unsent > 0));
    }
    return rows(PQgetResult(c_));
}

wire::result<rows> connection::drain(bool statement_ends) {
    const auto until = patience();
    rows last;
    std::error_code first_failure;
    for (;;) {
        OTA_TRY(auto one, next_result(until));
        if (one.none()) break;
        const auto status = PQresultStatus(one.raw());
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            const auto why = failed(one);
            if (!first_failure) first_failure = why;
        }
        last = std::move(one);
        if (status == PGRES_COPY_IN && !statement_ends) break;  // it waits for the rows
    }
    if (first_failure) return first_failure;
    if (PQstatus(c_) == CONNECTION_BAD) return lost("the connection was closed");
    return last;
}

wire::result<const char*> connection::prepared(const char* sql) {
    auto& name = names_[sql];
    if (name.empty()) {
        const auto fresh =
            "s" + std::to_string(++statements_);  // never again: a PREPARE that failed may have been taken
        if (PQsendPrepare(c_, fresh.c_str(), sql, 0, nullptr) == 0)
            return lost(without_secret(PQerrorMessage(c_), secret_));
        OTA_TRY(drain());
        name = fresh;
    }
    return name.c_str();
}

namespace {

int send(PGconn* c, const char* name, const parameters& with) {
    const auto& values = with.values();
    std::vector<const char*> at;
    std::vector<int> lengths, formats(values.size(), binary);
    for (const auto& v : values) {
        at.push_back(v.data());
        lengths.push_back(static_cast<int>(v.size()));
    }
    return PQsendQueryPrepared(c, name, static_cast<int>(values.size()), at.data(), lengths.data(), formats.data(),
                               binary);
}

}  // namespace

wire::result<rows> connection::run(const char* sql, const parameters& with) {
    OTA_TRY(const auto* const name, prepared(sql));
    if (send(c_, name, with) == 0) return lost(without_secret(PQerrorMessage(c_), secret_));
    return drain();
}

wire::result<std::vector<rows>> connection::run(std::initializer_list<step> steps) {
    std::vector<const char*> names;
    for (const auto& each : steps) {
        OTA_TRY(const auto* const name, prepared(each.sql));
        names.push_back(name);
    }
    if (PQenterPipelineMode(c_) == 0) return lost("no pipeline could be begun");
    std::size_t at = 0;
    for (const auto& each : steps)
        if (send(c_, names[at++], *each.with) == 0) return lost(without_secret(PQerrorMessage(c_), secret_));
    if (PQpipelineSync(c_) == 0) return lost(without_secret(PQerrorMessage(c_), secret_));
    std::vector<rows> answers;
    std::error_code first_failure;
    for (at = 0; at < steps.size(); ++at) {
        auto one = drain();  // what follows a failure is skipped by the server, and says so
        if (!alive_) return failure_;
        if (!one && !first_failure) first_failure = one.error();
        answers.push_back(one ? std::move(one).value() : rows());
    }
    OTA_TRY(const auto synced, next_result(patience()));
    if (synced.none() || PQexitPipelineMode(c_) == 0) return lost("the pipeline did not end");
    if (first_failure) return first_failure;
    return answers;
}

wire::result<std::int64_t> connection::copy(const char* sql, copied_rows&& of) {
    if (of.empty()) return 0;
    if (PQsendQuery(c_, sql) == 0) return lost(without_secret(PQerrorMessage(c_), secret_));
    OTA_TRY(drain(false));
    const auto octets = std::move(of).take();
    constexpr std::size_t piece = 1 << 18;
    for (std::size_t at = 0; at < octets.size();) {
        const auto n = std::min(piece, octets.size() - at);
        const int taken = PQputCopyData(c_, octets.data() + at, static_cast<int>(n));
        if (taken < 0) return lost(without_secret(PQerrorMessage(c_), secret_));
        if (taken > 0) at += n;
        OTA_TRY(taken > 0 ? wire::result<void>(outcome::success()) : wait(patience(), true));
    }
    if (PQputCopyEnd(c_, nullptr) < 0) return lost(without_secret(PQerrorMessage(c_), secret_));
    OTA_TRY(const auto done, drain());
    return done.none() ? 0 : done.affected();
}

wire::result<rows> connection::ask(const char* sql) {
    if (PQsendQuery(c_, sql) == 0) return lost(without_secret(PQerrorMessage(c_), secret_));
    return drain();
}

wire::result<std::string> connection::command(const char* sql) {
    OTA_TRY(const auto last, ask(sql));
    return last.none() ? std::string() : std::string(PQcmdStatus(last.raw()));
}

}  // namespace ota::store::postgres
