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

}  // namespace

std::string redact(std::string_view text) {
    json::error_code error;
    auto root = json::parse({text.data(), text.size()}, error);
    if (error || !root.is_object()) return "(" + std::to_string(text.size()) + " octets that are no event)";
    if (auto* data = root.get_object().if_contains("data")) {
        if (auto* members = data->if_object()) {
            for (auto& member : *members)
                if (std::ranges::find(shown, std::string_view(member.key().data(), member.key().size())) == shown.end())
                    member.value() = "(hidden)";
        } else {
            *data = "(hidden)";
        }
    }
    return json::serialize(root);
}

}  // namespace ota::queue::tools
