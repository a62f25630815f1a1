#pragma once

#include "gateway/http/access.hpp"
#include "gateway/http/router.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The HTTP API under /api/v1: what it serves, who may call it, and what of it goes to the audit log.
namespace ota::api {

/// One call, of somebody who may make it.
struct call {
    const http::request& asked;
    http::caller who;
    [[nodiscard]] const std::string& parameter(std::size_t n) const { return asked.parameters.at(n); }
    /// Of the query, percent-decoded; nothing when it is not there.
    [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
};

using answer = std::function<http::response(const call&)>;
using condition = std::function<bool(const call&)>;

/// What a call did, for the audit log.
struct deed {
    std::string_view who, role, peer, method, path, route;
    unsigned status = 0;
};

/// The entries of the API. Each asks for a role: without a token 401, with too little 403, too often 429, all told to
/// `deny`. A parameter that an entry does not know is answered 400: a filter that does nothing would mislead.
class book {
public:
    struct surroundings {
        const http::token_table& tokens;
        /// Of every call of somebody known that is not GET, or discloses something: served, failed or 403; not 429.
        std::function<void(const deed&)> audit;
        std::function<void(std::string_view why, std::string_view peer)>
            deny;                                         ///< "no-token", "unknown-token", "role", "rate", "audit"
        std::function<bool(const http::caller&)> permit;  ///< false: 429 with Retry-After (the caller's rate)
        std::function<bool()> room;                       ///< for a record of `audit`; false: 503, and nothing is done
    };
    explicit book(surroundings);

    struct entry {
        std::string method, path;
        http::role needs;
        api::answer answer;
        std::vector<std::string> parameters;
        condition discloses;
    };
    /// `path` is a template: "/api/v1/cards/{iccid}/suspend". `parameters` of the query: any other is answered 400.
    /// `discloses`: what needs the role keys is asked for, by a GET; empty: only where `needs` says so.
    void add(std::string method, std::string path, http::role needs, answer, std::vector<std::string> parameters = {},
             condition discloses = {});
    [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
    void serve_on(http::router&) &&;

private:
    surroundings with_;
    std::vector<entry> entries_;
};

/// application/json with this body.
[[nodiscard]] http::response json(std::string body, unsigned status = 200);

}  // namespace ota::api
