#include "tests/smpp/board.hpp"

#include <gmock/gmock.h>

#include <algorithm>

// A route whose binds and rate are shared with other instances.
namespace ota::smpp {
namespace {

using namespace std::chrono_literals;
using bearer::submit_outcome;
using testing::ElementsAre;
using testing::IsEmpty;
using testing_session::board;
using testing_session::route_named;

constexpr auto for_ever = time_point::max();

route_settings route_of(std::string name, unsigned binds, std::vector<std::string> prefixes = {}) {
    auto r = route_named(std::move(name));
    r.binds = binds;
    r.prefixes = std::move(prefixes);
    return r;
}

TEST(switchboard_shares, connects_only_the_binds_that_are_ours) {
    board b({route_of("a", 3)});
    b.share({{1, 0, for_ever}});
    b.start();
    EXPECT_THAT(b.connects, ElementsAre(0));
    b.bind_link(0);
    b.share({{2, 0, for_ever}});
    EXPECT_THAT(b.connects, ElementsAre(0, 1));
    EXPECT_EQ(b.status().binds_open, 2u);
    EXPECT_EQ(b.status().binds_here, 2u);
    EXPECT_EQ(b.status().binds_configured, 3u);
}

TEST(switchboard_shares, a_bind_of_others_wakes_nobody) {
    board b({route_of("a", 2)});
    b.share({{1, 0, for_ever}});
    b.start();
    b.bind_link(0);
    b.pass(1s);
    EXPECT_GT(b.machine.wake_at(b.now), b.now) << "the time to try bind 1 is over, and stays over";
    b.share({{0, 0, for_ever}});
    b.pass(1s);
    EXPECT_GT(b.machine.wake_at(b.now), b.now);
}

TEST(switchboard_shares, a_bind_given_back_takes_its_last_answers_first) {
    board b({route_of("a", 2)});
    b.start();
    b.bind_link(0);
    b.bind_link(1);
    b.submit(1);
    b.submit(2);
    b.share({{1, 0, for_ever}});
    b.submit(3);
    b.submit(4);
    EXPECT_EQ(b.sent[1].size(), 1u) << "no more submits, and no unbind while one is unanswered";
    EXPECT_EQ(b.status().binds_open, 2u);
    b.answer_all(1);
    ASSERT_EQ(b.sent[1].size(), 1u);
    EXPECT_TRUE(std::holds_alternative<unbind>(b.sent[1].front().what));
    b.hear(1, unbind_resp{}, 0, b.sent[1].front().sequence_number);
    EXPECT_EQ(b.status().binds_open, 1u);
    b.pass(120s);
    EXPECT_EQ(std::ranges::count(b.connects, link_id{1}), 1) << "it stays closed";
    EXPECT_THAT(b.outcomes(submit_outcome::accepted), ElementsAre(2));
    EXPECT_EQ(b.status().counters.unknown, 3u) << "what bind 0 was not answered";
}

TEST(switchboard_shares, a_bind_under_way_is_given_up) {
    board b({route_of("a", 1)});
    b.start();
    b.share({{0, 0, for_ever}});
    EXPECT_THAT(b.closed, ElementsAre(0));
    b.pass(60s);
    EXPECT_THAT(b.connects, ElementsAre(0));
    b.share({{1, 0, for_ever}});
    b.pass(1s);
    EXPECT_THAT(b.connects, ElementsAre(0, 0));
}

TEST(switchboard_shares, what_waits_for_a_route_of_others_comes_back) {
    board b({route_of("a", 1)});
    b.start();
    b.submit(1);
    b.submit(2);
    EXPECT_EQ(b.status().queued, 2u);
    b.share({{0, 0, for_ever}});
    EXPECT_THAT(b.outcomes(submit_outcome::elsewhere), ElementsAre(1, 2));
    EXPECT_EQ(b.status().counters.handed_over, 2u);
    EXPECT_EQ(b.status().queued, 0u);
}

TEST(switchboard_shares, a_share_that_runs_out_ends_submits_and_binds) {
    board b({route_of("a", 1)});
    b.start();
    b.bind_link(0);
    b.share({{1, 0, b.now + 5s}});
    b.submit(1);
    b.answer_all(0);
    b.pass(5s);
    b.submit(2);
    EXPECT_THAT(b.outcomes(submit_outcome::elsewhere), ElementsAre(2));
    ASSERT_EQ(b.sent[0].size(), 1u);
    EXPECT_TRUE(std::holds_alternative<unbind>(b.sent[0].front().what));
}

TEST(switchboard_shares, a_bind_whose_lease_is_over_waits_for_no_answer) {
    board b({route_of("a", 1)});
    b.start();
    b.bind_link(0);
    b.share({{1, 0, b.now + 5s}});
    b.submit(1);
    b.pass(5s);
    EXPECT_TRUE(std::holds_alternative<unbind>(b.sent[0].back().what));
    EXPECT_THAT(b.closed, ElementsAre(0)) << "the SMSC may count it against whoever has it now";
    EXPECT_EQ(b.status().binds_open, 0u);
    EXPECT_THAT(b.outcomes(submit_outcome::unknown), ElementsAre(1));
    b.share({{1, 0, for_ever}});
    b.pass(2s);
    EXPECT_THAT(b.connects, ElementsAre(0, 0));
}

TEST(switchboard_shares, a_bind_that_came_back_and_is_given_back_again_has_its_whole_time) {
    board b({route_of("a", 1)});
    b.start();
    b.bind_link(0);
    b.submit(1);
    b.share({{0, 0, for_ever}});
    b.pass(6s);
    b.share({{1, 0, for_ever}});
    b.pass(1s);
    b.share({{0, 0, for_ever}});
    b.pass(6s);
    EXPECT_EQ(b.submits(0).size(), 1u);
    EXPECT_THAT(b.sent[0], IsEmpty()) << "no unbind yet";
    b.pass(5s);
    ASSERT_EQ(b.sent[0].size(), 1u);
    EXPECT_TRUE(std::holds_alternative<unbind>(b.sent[0].front().what));
}

TEST(switchboard_shares, who_has_not_the_first_route_does_not_fail_over) {
    auto second = route_of("second", 1);
    second.priority = 1;
    board b({route_of("first", 1), second, route_of("other", 1, {"33"})});
    b.share({{0, 0, for_ever}, {1, 0, for_ever}, {1, 0, for_ever}});
    b.start();
    EXPECT_FALSE(b.machine.serves("491512345678", b.at()));
    EXPECT_TRUE(b.machine.serves("33612345678", b.at()));
    b.submit(1);
    EXPECT_THAT(b.outcomes(submit_outcome::elsewhere), ElementsAre(1));
    b.share({{1, 0, for_ever}, {1, 0, for_ever}, {0, 0, for_ever}});
    b.bind_link(1);
    b.submit(2);
    EXPECT_EQ(b.submits(1).size(), 1u) << "who has it and is down does";
    EXPECT_FALSE(b.machine.serves("33612345678", b.at()));
}

TEST(switchboard_shares, a_number_without_any_route_is_for_everyone_to_refuse) {
    board b({route_of("a", 1, {"33"})});
    b.share({{0, 0, for_ever}});
    b.start();
    EXPECT_TRUE(b.machine.serves("491512345678", b.at()));
    b.submit(1);
    EXPECT_THAT(b.outcomes(submit_outcome::no_route), ElementsAre(1));
}

TEST(switchboard_shares, the_rate_is_that_of_the_share) {
    auto r = route_of("a", 2);
    r.rate_in_segments_per_s = 40;
    r.window = 1000;
    board b({r});
    b.share({{1, 20, for_ever}});
    b.start();
    b.bind_link(0);
    for (int i = 0; i < 200; ++i) b.submit(i);
    const auto pass_finely = [&](std::chrono::milliseconds time) {  // a bucket of one segment fills within 50 ms
        for (; time > 0ms; time -= 10ms) b.pass(10ms);
    };
    pass_finely(5s);
    const auto in_five_seconds = b.submits(0).size();
    EXPECT_GE(in_five_seconds, 95u);
    EXPECT_LE(in_five_seconds, 102u);
    b.share({{1, 40, for_ever}});
    pass_finely(1s);
    EXPECT_NEAR(static_cast<double>(b.submits(0).size()), 40, 3);
}

TEST(switchboard_shares, throttling_outlives_a_time_without_binds) {
    auto r = route_of("a", 1);
    r.rate_in_segments_per_s = 40;
    board b({r});
    b.start();
    b.bind_link(0);
    b.submit(1);
    b.answer_all(0, status::throttled);
    const auto rate = b.status().rate_in_segments_per_s;
    EXPECT_LT(rate, 40);
    b.share({{0, 0, for_ever}});
    b.share({{1, 40, for_ever}});
    EXPECT_DOUBLE_EQ(b.status().rate_in_segments_per_s, rate);
}

TEST(switchboard_shares, throttling_outlives_a_change_of_the_share) {
    pacing pace(100);
    const auto start = time_point{} + 1h;
    pace.on_throttled(start, start, 0);
    EXPECT_DOUBLE_EQ(pace.rate(), 50);
    pace.set_rate(50);
    EXPECT_DOUBLE_EQ(pace.rate(), 25);
    for (auto now = start; now < start + 300s; now += 1s) (void)pace.may_send(now);
    EXPECT_DOUBLE_EQ(pace.rate(), 50);
}

}  // namespace
}  // namespace ota::smpp
