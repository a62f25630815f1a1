#include "queue/event.hpp"
#include "queue/object_writer.hpp"

#include <array>

namespace ota::queue {
namespace {

constexpr std::array<std::string_view, 6> operation_names{"add", "replace", "delete", "copy", "get", "exec"};
constexpr std::array<std::string_view, 6> state_names{"open", "applied", "superseded", "rejected", "failed", "expired"};
constexpr std::array<std::string_view, 3> bearer_names{"any", "sms", "bip"};

void write_options(object_writer& data, std::string& out, const change_event& event) {
    if (!event.not_before && !event.expires_at && event.priority == 0 && event.bearer == bearer_wish::any) return;
    data.name("options");
    object_writer options(out);
    options.time("not_before", event.not_before);
    options.time("expires_at", event.expires_at);
    if (event.priority != 0) options.number("priority", event.priority);
    if (event.bearer != bearer_wish::any) options.text("bearer", bearer_names[static_cast<std::size_t>(event.bearer)]);
    options.close();
}

void write_data(std::string& out, const change_event& event) {
    object_writer data(out);
    data.text("op", name_of(event.op));
    data.text("node", event.node);
    data.text_if_any("from", event.copy_from);
    data.text_if_any("format", event.format);
    data.text_if_any("type", event.type);
    if (event.value.is == node_value::kind::text) data.text("value", event.value.text);
    if (event.value.is == node_value::kind::json) data.raw("value", event.value.text);
    if (event.revision) data.number("revision", *event.revision);
    write_options(data, out, event);
    data.close();
}

void write_outcome(std::string& out, const status_event& status) {
    object_writer data(out);
    data.text("event_source", status.event_source);
    data.text("event_id", status.event_id);
    data.text("op", name_of(status.op));
    data.text("node", status.node);
    data.text("state", status.state);
    data.raw("final", status.final ? "true" : "false");
    data.text_if_any("reason", status.reason);
    data.text_if_any("detail", status.detail);
    data.text_if_any("value", status.value);
    if (status.revision) data.number("revision", *status.revision);
    data.number("sequence", status.sequence);
    data.close();
}

}  // namespace

std::string_view name_of(operation op) noexcept { return operation_names[static_cast<std::size_t>(op)]; }
std::string_view name_of(event_state state) noexcept { return state_names[static_cast<std::size_t>(state)]; }

std::string serialize_event(const change_event& event) {
    std::string out;
    out.reserve(320 + event.value.text.size());
    object_writer envelope(out);
    envelope.text("specversion", "1.0");
    envelope.text("type", "dm.mo.change.v1");
    envelope.text("source", event.source);
    envelope.text("id", event.id);
    envelope.text("subject", event.subject);
    envelope.text_if_any("traceparent", event.traceparent);
    envelope.text("datacontenttype", "application/json");
    envelope.name("data");
    write_data(out, event);
    envelope.close();
    return out;
}

std::string serialize_status(const status_event& status) {
    std::string out;
    out.reserve(480 + status.value.size() + status.detail.size());
    object_writer envelope(out);
    envelope.text("specversion", "1.0");
    envelope.text("type", "dm.mo.status.v1");
    // An event id is unique within its own source only, so that source is part of ours: (source, id) stays unique.
    envelope.text("source", "otagw:" + status.event_source);
    envelope.text("id", status.event_id + "/" + status.state + "/" + std::to_string(status.sequence));
    envelope.text("subject", status.subject);
    envelope.text("time", serialize_timestamp(status.at));
    envelope.text_if_any("traceparent", status.traceparent);
    envelope.text("datacontenttype", "application/json");
    envelope.name("data");
    write_outcome(out, status);
    envelope.close();
    return out;
}

}  // namespace ota::queue
