#include "queue/dead_letter.hpp"

#include "queue/base64.hpp"
#include "queue/errc.hpp"
#include "queue/json_text.hpp"
#include "queue/timestamp.hpp"

#include <boost/json/parse.hpp>

#include <limits>

namespace ota::queue {
namespace {

namespace json = boost::json;

void append_text(std::string& out, std::string_view name, std::string_view value) {
    out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":");
    append_json_string(out, value);
}

void append_place(std::string& out, std::string_view name, const record_place& place) {
    std::string object = "{";
    append_text(object, "topic", place.topic);
    object += ",\"partition\":" + std::to_string(place.partition) + ",\"offset\":" + std::to_string(place.offset) + '}';
    out.append(",\"").append(name).append("\":").append(object);
}

/// Reads members; the first failure sticks.
class members {
public:
    explicit members(const json::value* v)
        : object_(v == nullptr ? nullptr : v->if_object()), good(object_ != nullptr) {}

    std::string text(std::string_view name, bool required = true) {
        const auto* v = find(name);
        if (v == nullptr && !required) return {};
        if (v == nullptr || !v->is_string()) return good = false, std::string();
        return {v->get_string().data(), v->get_string().size()};
    }
    std::int64_t number(std::string_view name, std::int64_t highest) {
        const auto* v = find(name);
        if (v == nullptr || !v->is_int64() || v->get_int64() < 0 || v->get_int64() > highest) return good = false, 0;
        return v->get_int64();
    }
    wall_time time(std::string_view name) {
        const auto at = parse_timestamp(text(name));
        if (!at) good = false;
        return at.value_or(wall_time{});
    }
    record_place place(std::string_view name) {
        members inner(find(name));
        record_place out{inner.text("topic"),
                         static_cast<std::int32_t>(inner.number("partition", std::numeric_limits<std::int32_t>::max())),
                         inner.number("offset", std::numeric_limits<std::int64_t>::max())};
        good = good && inner.good;
        return out;
    }

private:
    const json::value* find(std::string_view name) { return object_ == nullptr ? nullptr : object_->if_contains(name); }

    const json::object* object_;

public:
    bool good;
};

}  // namespace

std::string serialize_dead_letter(const dead_letter& letter) {
    std::string out = "{";
    append_text(out, "reason", letter.reason);
    append_text(out, "detail", letter.detail);
    if (!letter.source.empty()) append_text(out, "source", letter.source);
    if (!letter.id.empty()) append_text(out, "id", letter.id);
    if (!letter.subject.empty()) append_text(out, "subject", letter.subject);
    append_place(out, "origin", letter.origin);
    append_text(out, "at", serialize_timestamp(letter.at));
    append_text(out, "sealed", to_base64(letter.sealed));
    if (!letter.sealed_headers.empty()) append_text(out, "sealed_headers", to_base64(letter.sealed_headers));
    return out += '}';
}

wire::result<dead_letter> parse_dead_letter(std::string_view text) {
    json::error_code error;
    const auto root = json::parse({text.data(), text.size()}, error);
    if (error) return errc::bad_dead_letter;
    members in(&root);
    dead_letter out{in.text("reason"),
                    in.text("detail"),
                    in.text("source", false),
                    in.text("id", false),
                    in.text("subject", false),
                    in.place("origin"),
                    in.time("at"),
                    {},
                    {}};
    auto sealed = from_base64(in.text("sealed"));
    auto sealed_headers = from_base64(in.text("sealed_headers", false));
    if (!in.good || !sealed || !sealed_headers) return errc::bad_dead_letter;
    out.sealed = std::move(*sealed);
    out.sealed_headers = std::move(*sealed_headers);
    return out;
}

std::string serialize_headers(const record_headers& headers) {
    std::string out = "[";
    for (const auto& [name, value] : headers) {  // base64: a value is octets, not text
        out += out.size() > 1 ? ",[" : "[";
        append_json_string(out, name);
        out.append(",\"").append(to_base64(wire::as_octets(value))).append("\"]");
    }
    return out += ']';
}

wire::result<record_headers> parse_headers(std::string_view text) {
    json::error_code error;
    const auto root = json::parse({text.data(), text.size()}, error);
    if (error || !root.is_array()) return errc::bad_dead_letter;
    record_headers out;
    for (const auto& each : root.get_array()) {
        const auto* pair = each.if_array();
        if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string())
            return errc::bad_dead_letter;
        const auto value = from_base64(std::string((*pair)[1].get_string()));
        if (!value) return errc::bad_dead_letter;
        out.emplace_back(std::string((*pair)[0].get_string()), std::string(value->begin(), value->end()));
    }
    return out;
}

std::string serialize_replay_mark(const replay_mark& mark) {
    std::string out = "{\"replayed\":" + std::to_string(mark.dead_letter_offset);
    append_place(out, "as", mark.replayed_as);
    append_text(out, "at", serialize_timestamp(mark.at));
    return out += '}';
}

wire::result<replay_mark> parse_replay_mark(std::string_view text) {
    json::error_code error;
    const auto root = json::parse({text.data(), text.size()}, error);
    if (error) return errc::bad_dead_letter;
    members in(&root);
    replay_mark out{in.number("replayed", std::numeric_limits<std::int64_t>::max()), in.place("as"), in.time("at")};
    if (!in.good) return errc::bad_dead_letter;
    return out;
}

}  // namespace ota::queue
