#include "queue/status_reader.hpp"

#include "queue/timestamp.hpp"

#include <boost/json.hpp>

namespace ota::queue {

std::optional<status_event> parse_status(std::string_view json) {
    boost::system::error_code fault;
    const auto value = boost::json::parse(json, fault);
    const auto* envelope = fault ? nullptr : value.if_object();
    const auto* inside = envelope == nullptr ? nullptr : envelope->if_contains("data");
    const auto* data = inside == nullptr ? nullptr : inside->if_object();
    if (data == nullptr) return std::nullopt;
    const auto text = [](const boost::json::object& of, std::string_view name) -> std::string {
        const auto* v = of.if_contains(name);
        return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string{};
    };
    const auto at = parse_timestamp(text(*envelope, "time"));
    const auto* final = data->if_contains("final");
    if (!at || final == nullptr || !final->is_bool()) return std::nullopt;
    status_event out;
    out.event_source = text(*data, "event_source");
    out.event_id = text(*data, "event_id");
    out.subject = text(*envelope, "subject");
    out.node = text(*data, "node");
    out.state = text(*data, "state");
    out.reason = text(*data, "reason");
    out.final = final->get_bool();
    out.at = *at;
    return out;
}

std::optional<event_state> state_named(std::string_view name) noexcept {
    for (const auto state : {event_state::open, event_state::applied, event_state::superseded, event_state::rejected,
                             event_state::failed, event_state::expired}) {
        if (name == name_of(state)) return state;
    }
    return std::nullopt;
}

}  // namespace ota::queue
