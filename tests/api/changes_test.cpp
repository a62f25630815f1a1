#include "gateway/api/change_lines.hpp"
#include "queue/event.hpp"
#include "tests/api/api_room.hpp"

namespace ota::api::testing {

using cards::testing::header;
using cards::testing::iccid_a;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

namespace {

const std::string data = R"("data":{"op":"replace","node":"./SC/USIM/ACC","format":"bin","value":"c2VjcmV0"})";
std::string change(const std::string& members) {
    return "{" + members + R"(,"subject":")" + iccid_a + "\"," + data + "}";
}

}  // namespace

struct changes_api : room {
    changes_api() { take(header + row(iccid_a, "491700000001")); }
};

TEST_F(changes_api, takes_one_event_and_answers_when_it_is_durable) {
    const auto sent = change(R"("specversion":"1.0","type":"dm.mo.change.v1","id":"e-1","source":"//dm")");
    const auto said = post("/changes", sent, "application/cloudevents+json; charset=utf-8");
    EXPECT_EQ(said.status, 202u);
    EXPECT_EQ(said.body, R"({"accepted":[{"id":"e-1","source":"//dm"}],"refused":[]})");
    ASSERT_THAT(shelf.written, SizeIs(1));
    EXPECT_EQ(shelf.written[0].topic, queue::topic_changes);
    EXPECT_EQ(shelf.written[0].key, iccid_a);
    EXPECT_EQ(shelf.written[0].value, sent) << "octet for octet";
}

TEST_F(changes_api, gives_an_event_what_it_leaves_out) {
    const auto said = parsed(post("/changes", change(R"("priority_note":"x")")));
    const auto& accepted = said.at("accepted").at(0);
    EXPECT_EQ(accepted.at("source").as_string(), "api/backend");
    EXPECT_EQ(accepted.at("id").as_string().size(), 32u);
    ASSERT_THAT(shelf.written, SizeIs(1));
    const auto read = queue::parse_event(shelf.written[0].value, shelf.written[0].key);
    ASSERT_TRUE(std::holds_alternative<queue::change_event>(read));
    EXPECT_EQ(std::get<queue::change_event>(read).id, std::string(accepted.at("id").as_string()));
}

TEST_F(changes_api, takes_the_good_lines_and_names_the_others) {
    const auto body = change(R"("id":"1")") + "\r\n\nnonsense\n" + R"({"id":"2","subject":")" + iccid_a +
                      R"(","data":{"op":"burn"}})" + "\n" + R"({"id":"3",)" + data + "}\n" + change(R"("id":"4")");
    const auto said = post("/changes", body, "application/x-ndjson");
    EXPECT_EQ(said.status, 202u);
    const auto lists = parsed(said);
    EXPECT_THAT(lists.at("accepted").as_array(), SizeIs(2));
    ASSERT_THAT(lists.at("refused").as_array(), SizeIs(3));
    EXPECT_EQ(lists.at("refused").at(0).at("line").as_int64(), 3);
    EXPECT_EQ(lists.at("refused").at(0).at("reason").as_string(), "bad-json");
    EXPECT_EQ(lists.at("refused").at(1).at("line").as_int64(), 4);
    EXPECT_EQ(lists.at("refused").at(1).at("reason").as_string(), "bad-op");
    EXPECT_EQ(lists.at("refused").at(2).at("reason").as_string(), "no-subject");
    EXPECT_THAT(shelf.written, SizeIs(2));
}

TEST_F(changes_api, refuses_a_body_without_a_good_event_with_the_same_lists) {
    const auto said = post("/changes", R"({"id":"2","subject":"12","data":{}})");
    EXPECT_EQ(said.status, 422u);
    EXPECT_FALSE(detail_of(said).empty());
    EXPECT_EQ(parsed(said).at("refused").at(0).at("reason").as_string(), "bad-subject");
    EXPECT_THAT(parsed(said).at("accepted").as_array(), IsEmpty());
    EXPECT_THAT(shelf.written, IsEmpty());
}

TEST_F(changes_api, refuses_what_is_no_event_at_all) {
    EXPECT_EQ(post("/changes", "x", "text/plain").status, 415u);
    EXPECT_EQ(post("/changes", "\n \n", "application/x-ndjson").status, 400u);
    EXPECT_EQ(post("/changes", "[]").status, 422u);
    EXPECT_EQ(post("/changes", "{}").status, 422u);
    EXPECT_EQ(post("/changes", R"({"id":"1","id":"2"})").status, 422u) << "which of the two?";
    EXPECT_THAT(shelf.written, IsEmpty());
}

TEST_F(changes_api, answers_503_when_the_log_fails_and_opens_it_anew) {
    shelf.fail = std::make_error_code(std::errc::no_space_on_device);
    const auto said = post("/changes", change(R"("id":"1")"));
    EXPECT_EQ(said.status, 503u);
    EXPECT_EQ(header_of(said, "Retry-After"), "5");
    EXPECT_THAT(parsed(said).at("accepted").as_array(), IsEmpty());
    shelf.fail = {};
    no_writer = std::make_error_code(std::errc::permission_denied);
    EXPECT_EQ(post("/changes", change(R"("id":"1")")).status, 503u);
    no_writer = {};
    EXPECT_EQ(post("/changes", change(R"("id":"1")")).status, 202u);
    EXPECT_EQ(shelf.opened, 2);
}

TEST_F(changes_api, takes_the_same_event_again) {  // R22: the corridor tells the repeat
    const auto sent = change(R"("id":"1")");
    EXPECT_EQ(post("/changes", sent).status, 202u);
    EXPECT_EQ(post("/changes", sent).status, 202u);
    EXPECT_THAT(shelf.written, SizeIs(2));
}

TEST_F(changes_api, tells_what_became_of_an_event) {
    (void)give(iccid_a, "e-1", "./SC/USIM/ACC", "AAE=");
    EXPECT_EQ(get("/changes/nothing").status, 404u);
    EXPECT_EQ(get("/changes/e-1").status, 200u) << "its source is known by name";
    const auto by_source = parsed(get("/changes/e-1?source=%2F%2Fdm"));
    EXPECT_EQ(by_source.at("phase").as_string(), "waiting");
    EXPECT_FALSE(by_source.at("final").as_bool());
    EXPECT_EQ(get("/changes/e-1?source=other").status, 404u);
    EXPECT_EQ(get("/changes/e-1?source=").status, 400u);
}

TEST_F(changes_api, names_the_sources_when_several_have_the_id) {
    const auto seq = give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    auto other = cards::testing::room::event(seq);
    other.seq = ids.next(now);
    other.source = "otagw-publish";
    {
        auto tx = std::move(state->begin().value());
        ASSERT_TRUE(tx->insert_events(std::span(&other, 1)));
        ASSERT_TRUE(tx->commit());
    }
    const auto said = get("/changes/1");
    EXPECT_EQ(said.status, 409u);
    EXPECT_EQ(json::serialize(parsed(said).at("sources")), R"(["//dm","otagw-publish"])");
    EXPECT_EQ(get("/changes/1?source=%2F%2Fdm").status, 200u);
}

TEST_F(changes_api, looks_under_the_sources_of_the_moment) {
    const auto seq = give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    sources = {"otagw-publish"};
    EXPECT_EQ(get("/changes/1").status, 404u);
    sources.emplace_back("//dm");  // a reload named it
    EXPECT_EQ(parsed(get("/changes/1")).at("seq").as_int64(), seq);
    EXPECT_EQ(ask(operate_token, "DELETE", "/api/v1/changes/1").status, 200u);
}

TEST_F(changes_api, cancels_an_event_that_has_not_been_sent) {
    (void)give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    const auto said = ask(operate_token, "DELETE", "/api/v1/changes/1");
    EXPECT_EQ(said.status, 200u);
    EXPECT_EQ(said.body, R"({"outcome":"cancelled"})");
    EXPECT_EQ(ask(operate_token, "DELETE", "/api/v1/changes/1").status, 409u);
    EXPECT_EQ(parsed(get("/changes/1")).at("reason").as_string(), "cancelled");
    EXPECT_EQ(ask(operate_token, "DELETE", "/api/v1/changes/9").status, 404u);
}

TEST_F(changes_api, does_not_cancel_what_is_in_flight) {
    (void)give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    send(iccid_a);
    const auto said = ask(operate_token, "DELETE", "/api/v1/changes/1");
    EXPECT_EQ(said.status, 409u);
    EXPECT_THAT(detail_of(said), HasSubstr("in flight"));
}

TEST_F(changes_api, shows_no_value_anywhere) {
    (void)give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    (void)post("/changes", change(R"("id":"1")") + "\n{\"value\":\"c2VjcmV0\"}\n", "application/x-ndjson");
    (void)post("/changes", R"({"id":"1","subject":")" + iccid_a +
                               R"(","data":{"op":"replace","node":"./A","format":"int","value":"c2VjcmV0"}})");
    (void)get("/changes/1");
    EXPECT_THAT(answers, Not(HasSubstr("c2VjcmV0")));
}

}  // namespace ota::api::testing
