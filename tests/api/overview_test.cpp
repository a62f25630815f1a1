#include "gateway/cards/operate.hpp"
#include "tests/api/api_room.hpp"

namespace ota::api::testing {

using cards::testing::header;
using cards::testing::iccid_a;
using ::testing::HasSubstr;
using ::testing::Not;

struct overview_api : room {
    overview_api() { take(header + row(iccid_a, "491700000001")); }
    static flow::commit_report report() {
        flow::commit_report r;
        r.events = 10;
        r.packets = 4;
        r.segments = 6;
        r.closed[static_cast<std::size_t>(queue::event_state::applied)] = 3;
        r.reasons["no-answer"] = 2;
        r.taken.push_back({"//dm", "e-1", iccid_a, "./SC/USIM/SPN", {}, queue::event_state::open});
        r.ended.push_back({"//dm", "e-0", iccid_a, "./SC/USIM/SPN", "no-answer", queue::event_state::failed});
        r.alerts.push_back({"profile aes is paused", {}, "aes", "profile-paused"});
        return r;
    }
};

TEST_F(overview_api, tells_totals_rates_and_backlog) {
    const auto start = std::chrono::steady_clock::time_point{};
    did.tick(start);
    did.on_commit(report());
    did.tick(start + std::chrono::seconds(2));
    status.lag = 7;
    voice.reasons = {"routes: no route has a bind"};
    set_value("paused/aes", "too many refusals");
    const auto v = parsed(get("/overview"));
    EXPECT_EQ(v.at("instance").as_int64(), 3);
    EXPECT_EQ(v.at("version").as_string(), "1.2.3");
    EXPECT_FALSE(v.at("ready").as_bool());
    EXPECT_EQ(v.at("reasons").at(0).as_string(), "routes: no route has a bind");
    EXPECT_EQ(v.at("rates").at("taken").to_number<double>(), 5.0);
    EXPECT_EQ(v.at("rates").at("closed").to_number<double>(), 1.5);
    EXPECT_EQ(v.at("totals").at("taken").as_int64(), 10);
    EXPECT_EQ(v.at("totals").at("closed").at("applied").as_int64(), 3);
    EXPECT_EQ(v.at("totals").at("reasons").at("no-answer").as_int64(), 2);
    EXPECT_EQ(v.at("backlog").at("lag").as_int64(), 7);
    EXPECT_EQ(v.at("cards").as_int64(), 1);
    EXPECT_EQ(v.at("paused_profiles").at(0).at("profile").as_string(), "aes");
    did.tick(start + std::chrono::seconds(3));
    EXPECT_EQ(parsed(get("/overview")).at("rates").at("taken").to_number<double>(), 0.0)
        << "nothing in the last second";
}

TEST_F(overview_api, tells_routes_without_secrets) {
    smpp::route_status r;
    r.name = "main";
    r.binds_up = 2;
    r.throttled_until = now + std::chrono::seconds(1);
    r.last_fault = "the SMSC closed the connection";
    route_states.push_back(r);
    const auto v = parsed(get("/routes")).at("items").at(0);
    EXPECT_EQ(v.at("name").as_string(), "main");
    EXPECT_EQ(v.at("binds").at("up").as_int64(), 2);
    EXPECT_TRUE(v.at("throttled").as_bool());
    EXPECT_EQ(v.at("last_fault").as_string(), "the SMSC closed the connection");
    EXPECT_EQ(parsed(get("/overview")).at("routes").at(0).at("name").as_string(), "main");
}

TEST_F(overview_api, resumes_a_paused_profile) {
    set_value("paused/aes", "too many refusals");
    EXPECT_EQ(post("/profiles/aes/resume").status, 200u);
    EXPECT_EQ(value("paused/aes"), std::nullopt);
    EXPECT_EQ(post("/profiles/aes/resume").status, 409u);
    EXPECT_EQ(post("/profiles/unheard-of/resume").status, 404u);
}

struct events_api : overview_api {
    /// Whether the subscription of a call wants an event.
    bool wants(const std::string& query, const http::feed_event& e) {
        const auto said = get("/events" + query);
        EXPECT_EQ(said.status, 200u) << said.body;
        EXPECT_TRUE(said.stream);
        return said.stream && (!said.stream->wanted || said.stream->wanted(e));
    }
    const http::feed_event ended{
        1, "ended",
        R"({"event":"e-0","source":"//dm","card":"8949000000000000018","node":"./A","state":"failed","reason":"no-answer"})"};
};

TEST_F(events_api, gives_a_subscription_that_filters) {
    EXPECT_TRUE(wants("", ended));
    EXPECT_TRUE(wants("?type=taken,ended", ended));
    EXPECT_FALSE(wants("?type=taken", ended));
    EXPECT_TRUE(wants("?card=8949000000000000018&state=failed&reason=no-answer", ended));
    EXPECT_FALSE(wants("?card=8949000000000000026", ended));
    EXPECT_FALSE(wants("?state=applied", ended));
    EXPECT_FALSE(wants("?card=8949000000000000018", {2, "rates", "{}"}));
    EXPECT_FALSE(wants("?reason=x", {3, "ended", R"({"event":"\"reason\":\"x\"","reason":"y"})"}))
        << "an id is no reason";
}

TEST_F(events_api, goes_on_behind_the_last_event_that_a_client_had) {
    serve();
    http::request r;
    r.method = "GET";
    r.path = "/api/v1/events";
    r.headers = {{"Authorization", "Bearer " + read_token}, {"Last-Event-ID", "41"}};
    const auto said = routes.answer(r).answer;
    ASSERT_TRUE(said.stream);
    EXPECT_EQ(said.stream->after, 41u);
    EXPECT_EQ(get("/events").stream->after, std::nullopt);
}

TEST_F(events_api, ends_when_the_token_is_taken_away) {
    const auto said = get("/events");
    ASSERT_TRUE(said.stream);
    EXPECT_TRUE(said.stream->allowed());
    leave_tokens_of("backend");
    EXPECT_FALSE(said.stream->allowed());
}

TEST_F(events_api, refuses_filters_that_could_not_fit) {
    for (const auto* bad : {"type=gone", "type=taken,,ended", "card=%22", "state=", "reason=a%20b"})
        EXPECT_EQ(get("/events?" + std::string(bad)).status, 400u) << bad;
}

}  // namespace ota::api::testing
