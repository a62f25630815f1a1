#include "tests/smpp/board.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::smpp {
namespace {

using namespace testing_session;
using bearer::submit_outcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(switchboard, submits_with_the_fields_of_the_route) {
    auto r = route_named("a");
    r.validity = validity_form::relative;
    board b({r});
    b.start();
    EXPECT_THAT(b.connects, ElementsAre(0u));
    b.bind_link(0);
    b.submit(1);
    const auto sent = b.submits(0);
    ASSERT_EQ(sent.size(), 1u);
    const auto& m = std::get<submit_sm>(sent[0].what);
    EXPECT_EQ(m.source, (address{2, 1, "1234"}));
    EXPECT_EQ(m.destination, (address{1, 1, "491512345678"}));
    EXPECT_EQ(m.esm_class, 0x40);
    EXPECT_EQ(m.protocol_id, 0x7F);
    EXPECT_EQ(m.data_coding, 0xF6);
    EXPECT_EQ(m.registered_delivery, 1);
    EXPECT_EQ(m.validity_period, "000000010000000R");
    EXPECT_EQ(wire::to_hex(m.short_message), "02700000381516192222b00000");
    b.hear(0, submit_sm_resp{{"00AB", {}}}, 0, sent[0].sequence_number);
    ASSERT_EQ(b.submitted.size(), 1u);
    EXPECT_EQ(b.submitted[0].outcome, submit_outcome::accepted);
    EXPECT_EQ(b.submitted[0].route, "a");
    EXPECT_EQ(b.submitted[0].message_id, "00AB");
}

TEST(switchboard, takes_the_longest_prefix_and_fails_over_while_it_is_down) {
    auto germany = route_named("germany");
    germany.prefixes = {"49"};
    auto mobile = route_named("mobile");
    mobile.prefixes = {"4915", "4916"};
    auto rest = route_named("rest");
    rest.priority = 1;
    auto spare = route_named("spare");
    spare.priority = 2;
    board b({germany, mobile, rest, spare});
    b.start();
    for (link_id id : {0u, 1u, 2u, 3u}) b.bind_link(id);
    b.submit(1, "491512345678");
    b.submit(2, "493012345678");
    b.submit(3, "331234567890");
    EXPECT_EQ(b.submits(1).size(), 1u);
    EXPECT_EQ(b.submits(0).size(), 1u);
    EXPECT_EQ(b.submits(2).size(), 1u);
    b.disconnect(1);
    b.submit(4, "491512345678");
    EXPECT_EQ(b.submits(0).size(), 1u);
    b.disconnect(2);
    b.submit(5, "331234567890");
    EXPECT_EQ(b.submits(3).size(), 1u);
}

TEST(switchboard, moves_what_waits_to_a_route_that_is_up) {
    auto first = route_named("first");
    auto second = route_named("second");
    second.priority = 1;
    board b({first, second});
    b.start();
    for (int i = 1; i <= 3; ++i) b.submit(i);
    EXPECT_EQ(b.status(0).queued, 3u);
    b.bind_link(1);
    EXPECT_EQ(b.status(0).queued, 0u);
    EXPECT_EQ(b.submits(1).size(), 3u);
}

TEST(switchboard, reports_a_destination_that_no_route_serves_and_one_that_is_no_number) {
    auto germany = route_named("germany");
    germany.prefixes = {"49"};
    board b({germany});
    b.start();
    b.submit(1, "331234567890");
    b.submit(2, "49151x");
    b.submit(3, "");
    b.submit(4, "491512345678901234567");
    auto large = b.message(5);
    large.user_data.resize(255);
    b.submit({large});
    EXPECT_THAT(b.outcomes(submit_outcome::no_route), ElementsAre(1));
    EXPECT_THAT(b.outcomes(submit_outcome::permanent), ElementsAre(2, 3, 4, 5));
}

TEST(switchboard, reports_temporary_and_permanent_errors_apart) {
    auto r = route_named("a");
    r.window = 20;
    r.vendor_statuses = {{0x410, status_class::temporary}};
    board b({r});
    b.start();
    b.bind_link(0);
    std::vector<std::uint32_t> statuses{0x08, 0x64, 0x45, 0x0B, 0x65, 0x411, 0x410};
    for (std::size_t i = 0; i < statuses.size(); ++i) b.submit(static_cast<std::int64_t>(i));
    b.pass(100ms);
    const auto sent = b.submits(0);
    ASSERT_EQ(sent.size(), statuses.size());
    for (std::size_t i = 0; i < statuses.size(); ++i) b.hear(0, submit_sm_resp{}, statuses[i], sent[i].sequence_number);
    EXPECT_THAT(b.outcomes(submit_outcome::temporary), ElementsAre(0, 1, 2, 6));
    EXPECT_THAT(b.outcomes(submit_outcome::permanent), ElementsAre(3, 4, 5));
    EXPECT_EQ(b.submitted[0].command_status, 0x08u);
}

TEST(switchboard, throttled_pauses_the_route_keeps_the_order_and_reports_nothing) {
    auto r = route_named("a");
    r.rate_in_segments_per_s = 100;
    board b({r});
    b.start();
    b.bind_link(0);
    for (int i = 1; i <= 6; ++i) b.submit(i, "49" + std::to_string(i));
    b.pass(100ms);
    const auto sent = b.submits(0);
    ASSERT_EQ(sent.size(), 4u);
    b.hear(0, submit_sm_resp{{"id1", {}}}, 0, sent[0].sequence_number);
    b.submits(0);
    b.hear(0, submit_sm_resp{}, 0x58, sent[2].sequence_number);
    b.hear(0, submit_sm_resp{}, 0x14, sent[1].sequence_number);
    EXPECT_THAT(b.outcomes(submit_outcome::accepted), ElementsAre(1));
    EXPECT_EQ(b.submitted.size(), 1u);
    EXPECT_EQ(b.status().rate_in_segments_per_s, 50);
    EXPECT_EQ(b.status().counters.throttled, 2u);
    EXPECT_GT(b.status().throttled_until, b.wall);
    b.pass(900ms);
    EXPECT_THAT(b.submits(0), IsEmpty()) << "the whole route pauses";
    std::vector<std::string> texts;
    for (int i = 0; i < 30 && texts.size() < 4; ++i) {
        b.pass(100ms);
        for (const auto& p : b.submits(0)) {
            texts.push_back(std::get<submit_sm>(p.what).destination.digits);
            b.hear(0, submit_sm_resp{{"id", {}}}, 0, p.sequence_number);
        }
    }
    EXPECT_THAT(texts, ElementsAre("492", "493", "495", "496")) << "the throttled ones take their old places";
    EXPECT_THAT(b.outcomes(submit_outcome::accepted), ElementsAre(1, 2, 3, 5, 6));
}

TEST(switchboard, burns_no_retry_however_often_a_message_is_throttled) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    auto m = b.message(1);
    m.expires = b.wall + 24h;
    b.submit({m});
    for (int i = 0; i < 20; ++i) {
        const auto sent = b.submits(0);
        ASSERT_EQ(sent.size(), 1u) << i;
        b.hear(0, submit_sm_resp{}, 0x58, sent[0].sequence_number);
        EXPECT_TRUE(b.submitted.empty());
        for (int wait = 0; wait < 100 && b.sent[0].empty(); ++wait) {
            b.pass(1s);
            for (const auto& p : b.sent[0])
                if (std::holds_alternative<enquire_link>(p.what)) b.hear(0, enquire_link_resp{}, 0, p.sequence_number);
            std::erase_if(b.sent[0], [](const pdu& p) { return !std::holds_alternative<submit_sm>(p.what); });
        }
    }
    b.answer_all(0);
    EXPECT_THAT(b.outcomes(submit_outcome::accepted), ElementsAre(1));
    EXPECT_EQ(b.status().counters.submits, 21u);
}

TEST(switchboard, slows_down_on_congestion_though_the_message_was_taken) {
    auto r = route_named("a");
    r.rate_in_segments_per_s = 10;
    board b({r});
    b.start();
    b.bind_link(0);
    b.submit(1);
    const auto sent = b.submits(0);
    b.hear(0, submit_sm_resp{{"1", {{tag::congestion_state, {80}}}}}, 0, sent[0].sequence_number);
    EXPECT_THAT(b.outcomes(submit_outcome::accepted), ElementsAre(1));
    EXPECT_EQ(b.status().rate_in_segments_per_s, 5);
}

TEST(switchboard, reports_unknown_for_what_was_on_the_wire_and_keeps_what_was_not) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    for (int i = 1; i <= 7; ++i) b.submit(i);
    b.pass(100ms);
    EXPECT_EQ(b.submits(0).size(), 4u);
    b.disconnect(0);
    EXPECT_THAT(b.outcomes(submit_outcome::unknown), ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(b.status().queued, 3u);
    EXPECT_EQ(b.status().binds_up, 0u);
    b.pass(2s);
    EXPECT_THAT(b.connects, ElementsAre(0u, 0u));
    b.bind_link(0);
    EXPECT_EQ(b.submits(0).size(), 3u);
}

TEST(switchboard, reports_unknown_when_the_response_does_not_come_in_time) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    b.submit(1);
    b.pass(30s);
    EXPECT_THAT(b.outcomes(submit_outcome::unknown), ElementsAre(1));
    EXPECT_EQ(b.status().counters.unknown, 1u);
}

TEST(switchboard, hands_back_what_expires_in_the_queue) {
    board b({route_named("a")});
    b.start();
    b.submit(1);
    auto longer = b.message(2);
    longer.expires = b.wall + 100h;
    b.submit({longer});
    b.pass(59min);
    EXPECT_TRUE(b.submitted.empty());
    b.pass(1min);
    EXPECT_THAT(b.outcomes(submit_outcome::not_sent), ElementsAre(1));
    EXPECT_EQ(b.status().queued, 1u);
}

TEST(switchboard, R5_asks_for_the_lease_right_before_the_write) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    b.share({{1, 0, b.now + 10s}});
    b.submit(1);
    EXPECT_EQ(b.submits(0).size(), 1u);
    b.now += 10s;  // paused meanwhile
    b.submit(2);
    EXPECT_THAT(b.submits(0), IsEmpty());
    EXPECT_THAT(b.outcomes(submit_outcome::elsewhere), ElementsAre(2));
    EXPECT_THAT(b.closed, ElementsAre(0)) << "another one may have the bind by now";
    b.share({{1, 0, b.now + 10s}});
    b.pass(2s);
    b.bind_link(0);
    b.submit(3);
    EXPECT_EQ(b.submits(0).size(), 1u);
}

TEST(switchboard, sends_the_higher_priority_first) {
    board b({route_named("a")});
    b.start();
    auto low = b.message(1, "491511111111");
    auto high = b.message(2, "491522222222");
    high.priority = 3;
    b.submit({low, high});
    b.bind_link(0);
    const auto sent = b.submits(0);
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(std::get<submit_sm>(sent[0].what).destination.digits, "491522222222");
}

}  // namespace
}  // namespace ota::smpp
