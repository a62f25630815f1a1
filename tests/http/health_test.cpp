#include "gateway/http/health.hpp"

#include "gateway/ops/metrics.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <stdexcept>

namespace ota::http {
namespace {

std::vector<std::string> reasons_of(const response& answer) {
    std::vector<std::string> names;
    const auto body = boost::json::parse(answer.body);
    for (const auto& each : body.at("reasons").as_array()) {
        names.push_back(each.at("name").as_string().c_str() + std::string(": ") +
                        each.at("reason").as_string().c_str());
    }
    return names;
}

TEST(health, is_not_ready_before_the_start_is_over) {
    health state;
    EXPECT_EQ(state.started().status, 503U);
    EXPECT_EQ(state.ready().status, 503U);
    EXPECT_EQ(state.live().status, 200U);
    state.mark_started();
    EXPECT_EQ(state.started().status, 200U);
    EXPECT_EQ(state.ready().status, 200U);
    EXPECT_EQ(state.ready().body, "{\"ready\":true,\"reasons\":[]}");
}

TEST(health, names_every_reason_for_not_being_ready) {
    health state;
    state.mark_started();
    std::optional<std::string> route = "route main: no bind is up";
    state.ready_when("smsc", [&] { return route; });
    state.ready_when("store", [] { return std::optional<std::string>("the disk is full"); });
    state.ready_when("queue", [] { return std::optional<std::string>(); });
    EXPECT_EQ(state.ready().status, 503U);
    EXPECT_EQ(reasons_of(state.ready()),
              (std::vector<std::string>{"smsc: route main: no bind is up", "store: the disk is full"}));
    EXPECT_EQ(state.live().status, 200U) << "a restart mends none of this";
    route.reset();
    EXPECT_EQ(reasons_of(state.ready()), (std::vector<std::string>{"store: the disk is full"}));
}

TEST(health, is_not_ready_while_draining_but_lives) {
    health state;
    state.mark_started();
    state.mark_draining();
    EXPECT_EQ(state.ready().status, 503U);
    EXPECT_EQ(reasons_of(state.ready()).size(), 1U);
    EXPECT_EQ(state.live().status, 200U);
}

TEST(health, probe_that_throws_counts_as_failed_and_tells_nothing) {
    health state;
    state.mark_started();
    state.ready_when("store", []() -> std::optional<std::string> { throw std::runtime_error("canary-7f3a"); });
    state.live_when("writer", [] { return std::optional<std::string>("no commit for 60 s"); });
    EXPECT_EQ(reasons_of(state.ready()), (std::vector<std::string>{"store: the probe failed"}));
    EXPECT_EQ(state.live().status, 503U);
    EXPECT_EQ(reasons_of(state.live()), (std::vector<std::string>{"writer: no commit for 60 s"}));
}

TEST(health, is_served_at_its_paths_beside_the_metrics) {
    health state;
    ops::metrics figures;
    figures.make_counter("otagw_events_total", "Events.").add(5);
    router routes;
    state.serve_on(routes);
    serve_metrics(routes, std::string(ops::metrics::content_type), [&] { return figures.text(); });
    const auto get = [&](const char* path) { return routes.answer({.method = "GET", .path = path}).answer; };
    EXPECT_EQ(get("/healthz").status, 200U);
    EXPECT_EQ(get("/readyz").status, 503U);
    EXPECT_EQ(get("/startupz").status, 503U);
    state.mark_started();
    EXPECT_EQ(get("/readyz").status, 200U);
    EXPECT_EQ(get("/metrics").content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(get("/metrics").body.find("otagw_events_total 5\n"), std::string::npos);
}

}  // namespace
}  // namespace ota::http
