#include "queue/tools/redact.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace ota::queue::tools {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 14> shown{"op",       "node",         "from",     "format", "type",
                                                 "revision", "options",      "sequence", "state",  "final",
                                                 "event_id", "event_source", "reason",   "detail"};

// Of card states, which hold no values.
constexpr std::array<std::string_view, 4> shown_of_states{"desired", "reported", "device", "device_at"};

// Of dead letters and their marks; theirs is no `data`.
constexpr std::array<std::string_view, 12> shown_of_letters{"reason",         "detail", "source", "id", "subject",
                                                            "origin",         "at",     "sealed", "as", "replayed",
                                                            "sealed_headers", "data"};

template <class Names>
void hide_others(json::object& members, const Names& names, bool states = false) {
    for (auto& member : members) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::ranges::find(names, name) != names.end()) continue;
        if (states && std::ranges::find(shown_of_states, name) != shown_of_states.end()) continue;
        member.value() = "(hidden)";
    }
}

bool is_state(const json::object& root) {
    const auto* type = root.if_contains("type");
    return type != nullptr && *type == json::value("dm.card.state.v1");
}

}  // namespace

std::string redact(std::string_view text) {
    json::error_code error;
    auto root = json::parse({text.data(), text.size()}, error);
    if (error || !root.is_object()) return "(" + std::to_string(text.size()) + " octets that are no event)";
    auto& whole = root.get_object();
    if (!whole.contains("specversion")) hide_others(whole, shown_of_letters);  // no event: any member may be a value
    if (auto* data = whole.if_contains("data")) {
        if (auto* members = data->if_object()) {
            hide_others(*members, shown, is_state(whole));
        } else {
            *data = "(hidden)";
        }
    }
    return json::serialize(root);
}

}  // namespace ota::queue::tools
