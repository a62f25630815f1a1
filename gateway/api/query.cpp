#include "gateway/api/query.hpp"

#include <algorithm>
#include <charconv>

namespace ota::api {

namespace {

constexpr std::size_t most_items = 1000;

int digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// [WHATWG URL, 5.1]: what is no escape stays as it is.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        if (escape) {
            out += static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

/// Takes the first pair off a query: "a=1&b=2" gives "a=1" and leaves "b=2".
std::string_view next_pair(std::string_view& query) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    return pair;
}

}  // namespace

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto pair = next_pair(query);
        const auto equals = pair.find('=');
        if (decoded(pair.substr(0, equals)) == name)
            return equals == std::string_view::npos ? std::string() : decoded(pair.substr(equals + 1));
    }
    return std::nullopt;
}

std::optional<std::string> unknown_parameter(std::string_view query, const std::vector<std::string>& known) {
    while (!query.empty()) {
        const auto pair = next_pair(query);
        auto name = decoded(pair.substr(0, pair.find('=')));
        if (!pair.empty() && std::ranges::find(known, name) == known.end()) return name;
    }
    return std::nullopt;
}

std::variant<page, http::response> page_of(const call& c) {
    page out;
    out.after = c.query("after").value_or("");
    const auto limit = c.query("limit");
    if (!limit) return out;
    const auto [end, fault] = std::from_chars(limit->data(), limit->data() + limit->size(), out.limit);
    const bool whole = fault == std::errc() && end == limit->data() + limit->size();
    if (!whole || out.limit < 1 || out.limit > most_items)
        return http::problem(400, "limit is a number from 1 to 1000");
    return out;
}

std::optional<std::int64_t> number_of(const std::string& after) {
    std::int64_t out = 0;
    if (after.empty()) return out;
    const auto [end, fault] = std::from_chars(after.data(), after.data() + after.size(), out);
    return fault == std::errc() && end == after.data() + after.size() && out > 0 ? std::optional(out) : std::nullopt;
}

http::response bad_after() { return http::problem(400, "after is what the page before gave as next"); }

std::optional<bool> flag_of(const call& c, std::string_view name) {
    const auto text = c.query(name);
    if (!text || *text == "false" || *text == "0") return false;
    if (*text == "true" || *text == "1") return true;
    return std::nullopt;
}

}  // namespace ota::api
