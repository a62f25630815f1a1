#include "queue/kafka/message_headers.hpp"

#include "queue/dead_letter.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace ota::queue::kafka {
namespace {

namespace json = boost::json;

constexpr const char* structured = "application/cloudevents+json; charset=UTF-8";
constexpr std::size_t most_traceparent = 128;

/// The JSON object of a message; null when it is none.
json::value object_of(const message& m) {
    json::error_code error;
    auto root = json::parse({m.value.data(), m.value.size()}, error);
    return !error && root.is_object() ? root : json::value();
}

bool holds(const headers& all, std::string_view name) {
    return std::ranges::any_of(all, [&](const auto& h) { return h.first == name; });
}

void add_event_headers(const message& m, headers& into) {
    if (m.value.empty()) return;  // removes a key from a compacted topic
    if (!holds(into, "content-type")) into.emplace_back("content-type", structured);
    if (holds(into, "traceparent") || m.value.find("\"traceparent\"") == std::string::npos) return;
    const auto root = object_of(m);
    const auto* const trace = root.is_object() ? root.get_object().if_contains("traceparent") : nullptr;
    if (trace != nullptr && trace->is_string() && trace->get_string().size() <= most_traceparent)
        into.emplace_back("traceparent", std::string(trace->get_string()));
}

void add_dead_letter_headers(const message& m, headers& into) {
    into.emplace_back("content-type", "application/json");
    const auto letter = parse_dead_letter(m.value);
    if (!letter) return;  // the mark of a replay
    into.emplace_back("reason", letter.value().reason);
    const auto& origin = letter.value().origin;
    into.emplace_back("origin-topic", origin.topic);
    into.emplace_back("origin-partition", std::to_string(origin.partition));
    into.emplace_back("origin-offset", std::to_string(origin.offset));
}

}  // namespace

headers headers_of(const message& m) {
    headers out = m.headers;
    if (m.topic == topic_status || m.topic == topic_card_state || m.topic == topic_changes) add_event_headers(m, out);
    if (m.topic == topic_dead_letters) add_dead_letter_headers(m, out);
    return out;
}

std::optional<message> note_instead_of(const message& m) {
    auto note = m;
    const auto said = "left out: " + std::to_string(m.value.size()) + " octets are more than the topic takes";
    if (m.topic == topic_dead_letters) {
        auto letter = parse_dead_letter(m.value);
        if (!letter || letter.value().sealed.empty()) return std::nullopt;
        letter.value().sealed.clear();
        letter.value().sealed_headers.clear();
        letter.value().detail += "; the payload is " + said + ", it is read at its origin";
        note.value = serialize_dead_letter(letter.value());
        return note;
    }
    if (m.topic != topic_status) return std::nullopt;
    auto root = object_of(m);
    auto* const data = root.is_object() ? root.get_object().if_contains("data") : nullptr;
    if (data == nullptr || !data->is_object() || data->get_object().erase("value") == 0) return std::nullopt;
    data->get_object()["detail"] = "the value is " + said;
    note.value = json::serialize(root);
    return note;
}

}  // namespace ota::queue::kafka
