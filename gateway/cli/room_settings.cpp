#include "gateway/cli/room_settings.hpp"

namespace ota::cli {
namespace {

flow::event_notes notes_for(log_level l) {
    if (l == log_level::debug) return flow::event_notes::all;
    return l == log_level::info ? flow::event_notes::ends : flow::event_notes::refusals;
}

}  // namespace

ops::level level_of(log_level l) {
    switch (l) {
        case log_level::debug: return ops::level::debug;
        case log_level::info: return ops::level::info;
        case log_level::warning: return ops::level::warning;
        case log_level::error: return ops::level::error;
    }
    return ops::level::info;
}

flow::corridor_settings corridor_settings_of(const gateway_settings& s, std::uint16_t instance) {
    flow::corridor_settings how;
    how.batch = s.flow.batch;
    how.submissions_in_flight = s.flow.submissions_in_flight;
    how.event_life = s.flow.event_life;
    how.park_unknown_cards = s.flow.unknown_card == unknown_card_policy::park;
    how.instance = instance;
    how.card_states = s.queue.kind == queue_kind::kafka;
    how.notes = notes_for(s.log);
    how.permitted = [rules = s.sources](std::string_view from, std::string_view node) {
        return is_permitted(rules, from, node);
    };
    return how;
}

dm::table_settings table_settings_of(const dm_settings& s) {
    dm::table_settings how;
    how.limit = s.sessions;
    how.each.max_message = static_cast<std::uint32_t>(s.max_message);
    how.each.silence = std::chrono::duration_cast<std::chrono::seconds>(s.silence);
    how.each.allow_basic = s.allow_basic;
    return how;
}

std::vector<cluster::route_quota> quotas_of(const std::vector<route_settings>& routes) {
    std::vector<cluster::route_quota> out;
    for (const auto& r : routes) out.push_back({r.name, r.binds});
    return out;
}

}  // namespace ota::cli
