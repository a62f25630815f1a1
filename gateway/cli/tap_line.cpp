#include "gateway/cli/tap_line.hpp"

#include "gateway/cli/instance_address.hpp"
#include "queue/timestamp.hpp"

#include <boost/json.hpp>

#include <array>

namespace ota::cli {

namespace {

namespace json = boost::json;

std::string stamp(std::chrono::system_clock::time_point at) {
    return queue::serialize_timestamp(std::chrono::floor<std::chrono::milliseconds>(at));
}

/// Nothing: the data is no JSON object.
std::optional<json::object> object_of(const std::string& data) {
    boost::system::error_code ec;
    auto value = json::parse(data, ec);
    if (ec || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::string text_of(const json::value& v) { return v.is_string() ? std::string(v.get_string()) : json::serialize(v); }

/// What a terminal would take for orders is not shown.
std::string plain(std::string text) {
    for (auto& c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == 127) c = '?';
    }
    return text;
}

}  // namespace

std::string path_of(const tap_filter& f) {
    std::string path = "/api/v1/events?type=" + encoded(f.type.empty() ? "taken,ended,dead,alert" : f.type);
    for (const auto& [name, value] :
         {std::pair("card", &f.card), std::pair("state", &f.state), std::pair("reason", &f.reason)}) {
        if (!value->empty()) path += std::string("&") + name + '=' + encoded(*value);
    }
    return path;
}

std::string line_of(const http::event_reader::event& e, std::chrono::system_clock::time_point arrived) {
    std::string line = stamp(arrived) + ' ' + e.type;
    line.resize(std::max<std::size_t>(line.size(), 31), ' ');
    auto object = object_of(e.data);
    if (!object) return plain(line + ' ' + e.data);
    static constexpr std::array first{"card", "state", "reason", "node", "event", "source", "profile", "sentence"};
    for (const auto* name : first) {
        const auto* v = object->if_contains(name);
        if (v == nullptr) continue;
        const auto text = v->is_null() ? std::string() : text_of(*v);
        if (!text.empty()) line += ' ' + text;
        object->erase(name);
    }
    for (const auto& [name, v] : *object) line += ' ' + std::string(name) + '=' + text_of(v);
    return plain(line);
}

std::string json_line_of(const http::event_reader::event& e, std::chrono::system_clock::time_point arrived) {
    json::object out{{"at", stamp(arrived)}, {"type", e.type}};
    if (auto object = object_of(e.data)) {
        for (auto& [name, v] : *object) out.emplace(name, std::move(v));
    } else {
        out["data"] = e.data;
    }
    return json::serialize(out);
}

}  // namespace ota::cli
