#include "gateway/api/calls.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ota::api {

namespace {

constexpr std::array<std::string_view, 5> types{"taken", "ended", "dead", "alert", "rates"};

/// A word of a filter as it stands in the data of an event; nothing when it could not stand there.
std::optional<std::string> member(std::string_view name, const std::string& word) {
    const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
    if (!plain) return std::nullopt;
    return '"' + std::string(name) + "\":\"" + word +
           '"';  // cannot stand inside a text: there the quotation marks are escaped
}

std::optional<std::vector<std::string>> types_of(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        const auto one = list.substr(0, list.find(','));
        if (std::ranges::find(types, one) == types.end()) return std::nullopt;
        out.emplace_back(one);
        list.remove_prefix(std::min(list.size(), one.size() + 1));
    }
    return out;
}

std::optional<std::uint64_t> last_id(std::string_view header) {
    std::uint64_t id = 0;
    const auto [end, fault] = std::from_chars(header.data(), header.data() + header.size(), id);
    return fault == std::errc() && end == header.data() + header.size() && !header.empty() ? std::optional(id)
                                                                                           : std::nullopt;
}

http::response stream(const http::event_feed& feed, const http::token_table& tokens, const call& c) {
    const auto wanted_types = types_of(c.query("type").value_or(""));
    if (!wanted_types)
        return http::problem(400, "type is a list of taken, ended, dead, alert, rates, with commas between them");
    std::vector<std::string> members;
    for (const auto* name : {"card", "state", "reason"}) {
        const auto word = c.query(name);
        if (!word) continue;
        auto as_member = member(name, *word);
        if (!as_member) return http::problem(400, std::string(name) + " is one word of letters, digits and . _ -");
        members.push_back(std::move(*as_member));
    }
    auto out = std::make_shared<http::feed_subscription>();
    out->feed = feed.shared();
    out->after = last_id(c.asked.header("Last-Event-ID"));
    if (!wanted_types->empty() || !members.empty()) {
        out->wanted = [wanted = *wanted_types, members](const http::feed_event& e) {
            if (!wanted.empty() && std::ranges::find(wanted, e.type) == wanted.end()) return false;
            return std::ranges::all_of(members, [&](const auto& m) { return e.data.find(m) != std::string::npos; });
        };
    }
    http::request proof;  // the token again: it may be taken away while the stream is open
    proof.headers.emplace_back("Authorization", c.asked.header("Authorization"));
    out->allowed = [&tokens, proof = std::move(proof)] { return tokens.find(proof).has_value(); };
    http::response answer;
    answer.content_type = "text/event-stream";
    answer.headers.emplace_back("Cache-Control", "no-store");
    answer.stream = std::move(out);
    return answer;
}

}  // namespace

void add_events(book& to, const http::event_feed& feed, const http::token_table& tokens) {
    to.add("GET", "/api/v1/events", http::role::read,
           [&feed, &tokens](const call& c) { return stream(feed, tokens, c); }, {"type", "card", "state", "reason"});
}

}  // namespace ota::api
