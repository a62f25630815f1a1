#include "gateway/api/settings_calls.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <ctime>

namespace ota::api {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& each : list) out.emplace_back(each);
    return out;
}

std::string rfc3339(std::chrono::system_clock::time_point at) {
    const auto seconds = std::chrono::system_clock::to_time_t(at);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

std::string hexadecimal(std::uint64_t v) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(v));
    return text;
}

std::int64_t in_seconds(std::chrono::milliseconds d) {
    return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

std::string_view name_of(log_level l) {
    switch (l) {
        case log_level::debug: return "debug";
        case log_level::info: return "info";
        case log_level::warning: return "warning";
        case log_level::error: return "error";
    }
    return "";
}

/// An account's name and password are left out.
json::object about(const route_settings& r) {
    return {{"name", r.name},        {"host", r.host}, {"port", r.port},       {"binds", r.binds},
            {"window", r.window},    {"rate", r.rate}, {"tls", r.tls.enabled}, {"prefixes", texts(r.prefixes)},
            {"priority", r.priority}};
}

json::object about(const card_profile& p) {
    return {{"name", p.name},
            {"hash", hexadecimal(p.hash)},
            {"nodes", p.nodes.size()},
            {"management_objects", p.management_objects.size()}};
}

json::object about(const running_settings& now) {
    const auto& s = *now.settings;
    json::array routes, profiles, sources;
    for (const auto& r : s.routes) routes.push_back(about(r));
    for (const auto& [name, p] : s.profiles) profiles.push_back(about(*p));
    for (const auto& rule : s.sources)
        sources.push_back(json::object{{"name", rule.name}, {"nodes", texts(rule.nodes)}});
    return {
        {"generation", now.generation},
        {"loaded_at", rfc3339(now.loaded_at)},
        {"file", now.file},
        {"store", s.store.kind == store_kind::sqlite ? "sqlite" : "postgres"},
        {"queue", s.queue.kind == queue_kind::embedded ? "embedded" : "kafka"},
        {"log", json::object{{"level", name_of(s.log)}}},
        {"flow", json::object{{"batch", s.flow.batch},
                              {"submissions_in_flight", s.flow.submissions_in_flight},
                              {"event_life_seconds", in_seconds(s.flow.event_life)},
                              {"unknown_card", s.flow.unknown_card == unknown_card_policy::park ? "park" : "reject"},
                              {"drain_deadline_seconds", in_seconds(s.flow.drain_deadline)}}},
        {"routes", std::move(routes)},
        {"sources", std::move(sources)},
        {"profiles", std::move(profiles)}};
}

http::response refused(const reload_result& r) {
    auto answer = http::problem(422, "the settings have faults: nothing was taken over, generation " +
                                         std::to_string(r.generation) + " runs on");
    auto body = json::parse(answer.body).as_object();
    body["faults"] = texts(r.faults);
    answer.body = json::serialize(body);
    return answer;
}

}  // namespace

void add_settings_calls(book& entries, settings_parts parts) {
    entries.add("POST", "/api/v1/reload", http::role::operate, [reload = std::move(parts.reload)](const call&) {
        const auto r = reload();
        if (!r.done) return refused(r);
        return api::json(json::serialize(json::object{{"generation", r.generation}, {"changed", texts(r.changed)}}));
    });
    entries.add("GET", "/api/v1/settings", http::role::read, [running = std::move(parts.running)](const call&) {
        return api::json(json::serialize(about(running())));
    });
}

}  // namespace ota::api
