#include "queue/content_mode.hpp"

#include "queue/base64.hpp"
#include "queue/json_text.hpp"

#include <boost/json/parser.hpp>

#include <algorithm>

namespace ota::queue {
namespace {

namespace json = boost::json;

constexpr std::string_view attribute_prefix = "ce_";
constexpr std::string_view event_media_type = "application/cloudevents";

const std::string* find(const record_headers& headers, std::string_view name) noexcept {
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return h.first == name; });
    return found == headers.end() ? nullptr : &found->second;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? b + 32 : b);
           });
}

/// Attribute names are lower-case letters and digits [CloudEvents 1.0, naming]; `data` is none.
bool is_attribute_name(std::string_view name) noexcept {
    return !name.empty() && name != "data" && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
}

bool is_one_json_value(std::string_view text) {
    json::parser parser;
    json::error_code error;
    const auto taken = parser.write_some(text.data(), text.size(), error);
    if (error) return false;
    // White space behind the value is part of a JSON text.
    return text.find_first_not_of(" \t\r\n", taken) == std::string_view::npos;
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
    if (!is_utf8(value)) return;
    out.append(",\"").append(name).append("\":");
    append_json_string(out, value);
}

std::string as_base64(std::string_view octets) {
    return to_base64({reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()});
}

}  // namespace

bool in_binary_mode(const record_headers& headers) noexcept {
    if (find(headers, "ce_specversion") == nullptr) return false;
    const auto* const type = find(headers, "content-type");
    return type == nullptr || !starts_with_ignoring_case(*type, event_media_type);
}

std::string to_structured_mode(std::string_view payload, const record_headers& headers) {
    std::string out;
    out.reserve(payload.size() + 512);
    if (payload.empty()) {  // an event without data
        out = "{\"data\":null";
    } else if (is_one_json_value(payload)) {
        out.append("{\"data\":").append(payload);
    } else {
        out.append("{\"data_base64\":\"").append(as_base64(payload)).append("\"");
    }
    for (const auto& [name, value] : headers) {
        const std::string_view attribute = name;
        if (attribute.starts_with(attribute_prefix) && is_attribute_name(attribute.substr(attribute_prefix.size())))
            append_attribute(out, attribute.substr(attribute_prefix.size()), value);
        else if (attribute == "content-type")
            append_attribute(out, "datacontenttype", value);
    }
    return out += '}';
}

record_headers beside_the_event(const record_headers& headers) {
    record_headers out;
    for (const auto& h : headers)
        if (!h.first.starts_with(attribute_prefix) && h.first != "content-type") out.push_back(h);
    return out;
}

std::variant<change_event, unreadable> parse_event(std::string_view payload, std::string_view key,
                                                   const record_headers& headers) {
    const bool binary = in_binary_mode(headers);
    auto read = binary ? parse_event(to_structured_mode(payload, headers), key) : parse_event(payload, key);
    if (auto* const event = std::get_if<change_event>(&read); event != nullptr && event->traceparent.empty()) {
        const auto* const trace = find(headers, "traceparent");
        if (trace != nullptr && is_traceparent(*trace)) event->traceparent = *trace;
    }
    auto* const bad = std::get_if<unreadable>(&read);
    if (bad == nullptr || !binary || bad->dead_letter || bad->reason != "bad-data" || payload.empty() ||
        is_one_json_value(payload))
        return read;
    // R23: no JSON can be read.
    bad->dead_letter = true;
    bad->reason = "bad-json";
    bad->detail = "the payload of an event in binary mode is not JSON, at offset 0";
    return read;
}

}  // namespace ota::queue
