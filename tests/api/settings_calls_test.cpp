#include "gateway/api/settings_calls.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <map>

namespace ota::api {
namespace {

/// The calls as the book has them, by method and path.
std::map<std::string, book::entry> entries;

http::response ask(const char* entry) {
    const http::request nothing;
    return entries.at(entry).answer({nothing, {}});
}

class settings_calls : public ::testing::Test {
protected:
    settings_calls() {
        auto s = std::make_shared<gateway_settings>();
        route_settings r;
        r.name = "smsc";
        r.host = "smsc.example";
        r.system_id = "canary-account";
        r.password = "canary-password";
        r.rate = 12.5;
        r.prefixes = {"49"};
        s->routes.push_back(r);
        s->store.postgres.password = "canary-of-the-store";
        s->store.postgres.connection = "postgresql://canary@db";
        s->queue.kafka.properties["sasl.password"] = "canary-of-kafka";
        auto p = std::make_shared<card_profile>();
        p->name = "usim";
        p->hash = 0x0123456789ABCDEF;
        p->bip.emplace().password = "canary-of-the-bearer";
        s->profiles["usim"] = p;
        now.settings = s;
        now.generation = 3;
        now.file = "/etc/otagw/otagw.yaml";
        now.loaded_at = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(20);
        entries.clear();
        static const http::token_table tokens;
        book b({tokens, {}, {}, {}});
        add_settings_calls(b, {[this] { return result; }, [this] { return now; }});
        for (const auto& each : b.entries()) entries.emplace(each.method + ' ' + each.path, each);
    }

    running_settings now;
    reload_result result;
};

TEST_F(settings_calls, ask_for_the_roles_that_they_need) {
    EXPECT_EQ(entries.at("POST /api/v1/reload").needs, http::role::operate);
    EXPECT_EQ(entries.at("GET /api/v1/settings").needs, http::role::read);
}

TEST_F(settings_calls, tell_what_a_reload_has_changed) {
    result = {true, 4, {"route smsc: rate"}, {}};
    const auto answer = ask("POST /api/v1/reload");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body, R"({"generation":4,"changed":["route smsc: rate"]})");
}

TEST_F(settings_calls, tell_every_fault_of_a_reload_that_was_refused) {
    result = {
        false, 3, {}, {"otagw.yaml:7: error: routes[0].window: should be 1 or more", "store.path is another one now"}};
    const auto answer = ask("POST /api/v1/reload");
    EXPECT_EQ(answer.status, 422u);
    EXPECT_EQ(answer.content_type, "application/problem+json");
    const auto body = boost::json::parse(answer.body);
    EXPECT_EQ(body.at("status").as_int64(), 422);
    ASSERT_EQ(body.at("faults").as_array().size(), 2u);
    EXPECT_EQ(body.at("faults").at(0).as_string(), "otagw.yaml:7: error: routes[0].window: should be 1 or more");
}

TEST_F(settings_calls, show_what_runs_and_no_secret_of_it) {
    const auto answer = ask("GET /api/v1/settings");
    EXPECT_EQ(answer.body.find("canary"), std::string::npos) << answer.body;
    const auto body = boost::json::parse(answer.body);
    EXPECT_EQ(body.at("generation").as_int64(), 3);
    EXPECT_EQ(body.at("loaded_at").as_string(), "2026-11-23T20:00:00Z");
    EXPECT_EQ(body.at("routes").at(0).at("name").as_string(), "smsc");
    EXPECT_EQ(body.at("routes").at(0).at("rate").as_double(), 12.5);
    EXPECT_EQ(body.at("profiles").at(0).at("hash").as_string(), "0123456789abcdef");
    EXPECT_EQ(body.at("flow").at("event_life_seconds").as_int64(), 7 * 24 * 3600);
}

}  // namespace
}  // namespace ota::api
