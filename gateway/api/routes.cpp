#include "gateway/api/routes.hpp"

#include "gateway/api/calls.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/api/json_list.hpp"
#include "gateway/cards/operate.hpp"
#include "queue/timestamp.hpp"

#include <cstdio>

namespace ota::api {

namespace {

void put_totals(cards::json_writer& j, const smpp::route_counters& n) {
    const auto put = [&](std::string_view name, std::uint64_t value) {
        j.number(name, static_cast<std::int64_t>(value));
    };
    j.name("totals").open('{');
    put("submits", n.submits);
    put("accepted", n.accepted);
    put("temporary", n.temporary);
    put("permanent", n.permanent);
    put("unknown", n.unknown);
    put("not_sent", n.not_sent);
    put("handed_over", n.handed_over);
    put("throttled", n.throttled);
    put("receipts", n.receipts);
    put("inbound", n.inbound);
    put("malformed", n.malformed);
    put("connects", n.connects);
    put("disconnects", n.disconnects);
    j.close('}');
}

http::response list(const cards::desk& d, const route_list& routes) {
    json_list out;
    for (const auto& r : routes()) put_route(out.item(), r, d.now());
    return out.answer({});
}

http::response resume(const cards::desk& d, const call& c) {
    const auto& profile = c.parameter(0);
    if (!d.profiles.find(profile)) return http::problem(404, "no such profile is configured");
    const auto was_paused = cards::resume_profile(d, profile);
    if (!was_paused) return failure(was_paused.error());
    if (!was_paused.value()) return http::problem(409, "the profile is not paused");
    return json(R"({"outcome":"resumed"})");
}

}  // namespace

void put_route(cards::json_writer& j, const smpp::route_status& r, store::wall_time now) {
    char rate[32];
    std::snprintf(rate, sizeof rate, "%.1f", r.rate_in_segments_per_s);
    j.open('{')
        .text("name", r.name)
        .name("binds")
        .open('{')
        .number("configured", r.binds_configured)
        .number("here", r.binds_here);
    j.number("open", r.binds_open).number("up", r.binds_up).close('}');
    j.number("window", static_cast<std::int64_t>(r.window)).number("used", static_cast<std::int64_t>(r.window_used));
    j.number("queued", static_cast<std::int64_t>(r.queued)).name("rate").raw(rate);
    j.flag("throttled", r.throttled_until > now);
    if (r.throttled_until > now) j.text("throttled_until", queue::serialize_timestamp(r.throttled_until));
    if (!r.last_fault.empty()) j.text("last_fault", r.last_fault);
    put_totals(j, r.counters);
    j.close('}');
}

void add_routes(book& to, const cards::desk& d, route_list routes) {
    to.add("GET", "/api/v1/routes", http::role::read,
           [&d, routes = std::move(routes)](const call&) { return list(d, routes); });
    to.add("POST", "/api/v1/profiles/{name}/resume", http::role::operate, [&d](const call& c) { return resume(d, c); });
}

}  // namespace ota::api
