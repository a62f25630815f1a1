#include "queue/tools/build_event.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace ota::queue::tools {
namespace {

namespace json = boost::json;

void put(json::object& into, std::string_view name, const std::string& text) {
    if (!text.empty()) into[name] = text;
}

}  // namespace

std::variant<std::string, unreadable> build_event(const event_options& o) {
    json::object options;
    put(options, "not_before", o.not_before);
    put(options, "expires_at", o.expires_at);
    put(options, "bearer", o.bearer);
    if (o.priority != 0) options["priority"] = o.priority;

    json::object data;
    put(data, "op", o.op);
    put(data, "node", o.node);
    put(data, "from", o.from);
    put(data, "format", o.format);
    put(data, "type", o.type);
    if (o.value) data["value"] = *o.value;
    if (o.revision) data["revision"] = *o.revision;
    if (!options.empty()) data["options"] = std::move(options);

    json::object event{{"specversion", "1.0"}, {"type", "dm.mo.change.v1"}};
    put(event, "source", o.source);
    put(event, "id", o.id);
    put(event, "subject", o.card);
    event["datacontenttype"] = "application/json";
    event["data"] = std::move(data);

    // The reader is the judge: what it would refuse is not written.
    auto text = json::serialize(event);
    auto read = parse_event(text, {});
    if (auto* bad = std::get_if<unreadable>(&read)) return std::move(*bad);
    return text;
}

}  // namespace ota::queue::tools
