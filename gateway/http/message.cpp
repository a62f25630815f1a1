#include "gateway/http/message.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace ota::http {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::string_view request::header(std::string_view name) const {
    const auto found = std::ranges::find_if(headers, [&](const auto& field) { return same_name(field.first, name); });
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned octet = 0;
        const auto* const digits = text.data() + i + 1;
        if (text.size() - i < 3 || digits[0] == '-' ||
            std::from_chars(digits, digits + 2, octet, 16).ptr != digits + 2 || octet == 0)
            return std::nullopt;
        out += static_cast<char>(octet);
        i += 2;
    }
    return out;
}

std::string_view reason_phrase(unsigned status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        default: return "Unknown";
    }
}

response problem(unsigned status, std::string_view detail) {
    boost::json::object body;
    body["type"] = "about:blank";  // RFC 9457, 4.2.1: the title is then the status's phrase
    body["title"] = reason_phrase(status);
    body["status"] = status;
    body["detail"] = detail;
    return {.status = status,
            .content_type = "application/problem+json",
            .body = boost::json::serialize(body),
            .headers = {}};
}

}  // namespace ota::http
