#include "gateway/http/message.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

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
