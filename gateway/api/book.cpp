#include "gateway/api/book.hpp"

#include "gateway/api/query.hpp"

#include <algorithm>
#include <exception>

namespace ota::api {

namespace {

http::response challenge(unsigned status, std::string_view detail, std::string with) {
    auto out = http::problem(status, detail);
    out.headers.emplace_back("WWW-Authenticate", std::move(with));
    return out;
}

http::response without_token(const http::request& asked, const http::token_table& tokens) {
    constexpr const char* realm = "Bearer realm=\"otagw\"";
    if (tokens.size() == 0)
        return challenge(401, "this gateway has no tokens: name their files under http.tokens in its settings", realm);
    if (asked.header("Authorization").empty())
        return challenge(401, "a token is missing: send the header Authorization: Bearer <token>", realm);
    return challenge(401, "this token is not known here, or no longer",
                     std::string(realm) + ", error=\"invalid_token\"");
}

constexpr std::size_t longest_name = 64;

/// A name as it may stand in an answer: whatever octets the caller sent.
std::string shown(std::string name) {
    name.resize(std::min(name.size(), longest_name));
    std::ranges::replace_if(
        name, [](char c) { return c < ' ' || c > '~'; }, '?');
    return name;
}

http::response served(const book::entry& e, const call& c) {
    if (const auto name = unknown_parameter(c.asked.query, e.parameters))
        return http::problem(400, "unknown parameter `" + shown(*name) + "`");
    try {
        return e.answer(c);
    } catch (const std::exception&) {
        return http::problem(500, "the request could not be served");  // what() may name secrets: it stays inside
    }
}

http::response answer_to(const book::entry& e, const book::surroundings& with, const http::request& asked) {
    const auto deny = [&](std::string_view why) {
        if (with.deny) with.deny(why, asked.peer);
    };
    const auto who = with.tokens.find(asked);
    if (!who) {
        deny(asked.header("Authorization").empty() ? "no-token" : "unknown-token");
        return without_token(asked, with.tokens);
    }
    if (with.permit && !with.permit(*who)) {
        deny("rate");
        auto out = http::problem(429, "more calls than this token's rate allows: try again in a second");
        out.headers.emplace_back("Retry-After", "1");
        return out;
    }
    const bool may = who->may >= e.needs;
    const call made{asked, *who};
    const bool recorded = e.method != "GET" || e.needs == http::role::keys || (e.discloses && e.discloses(made));
    if (recorded && with.room && !with.room()) {
        deny("audit");
        auto out =
            http::problem(503, "the audit log has no room on its disk: nothing is changed, or disclosed, meanwhile");
        out.headers.emplace_back("Retry-After", "10");
        return out;
    }
    auto out = may ? served(e, made)
                   : challenge(403,
                               "this call needs a token with the role " + std::string(http::name_of(e.needs)) +
                                   ", this one has " + std::string(http::name_of(who->may)),
                               "Bearer realm=\"otagw\", error=\"insufficient_scope\", scope=\"" +
                                   std::string(http::name_of(e.needs)) + '"');
    if (out.status == 403) deny("role");  // a call may ask for more of who wants more of it
    if (with.audit && recorded)
        with.audit({who->name, http::name_of(who->may), asked.peer, asked.method, asked.path, e.path, out.status});
    return out;
}

}  // namespace

std::optional<std::string> call::query(std::string_view name) const { return query_value(asked.query, name); }

book::book(surroundings with) : with_(std::move(with)) {}

void book::add(std::string method, std::string path, http::role needs, api::answer with,
               std::vector<std::string> parameters, condition discloses) {
    entries_.push_back(
        {std::move(method), std::move(path), needs, std::move(with), std::move(parameters), std::move(discloses)});
}

void book::serve_on(http::router& routes) && {
    for (auto& e : entries_) {
        auto method = e.method, path = e.path;
        routes.add(std::move(method), std::move(path),
                   [e = std::move(e), with = with_](const http::request& asked) { return answer_to(e, with, asked); });
    }
    entries_.clear();
}

http::response json(std::string body, unsigned status) {
    http::response out;
    out.status = status;
    out.body = std::move(body);
    return out;
}

}  // namespace ota::api
