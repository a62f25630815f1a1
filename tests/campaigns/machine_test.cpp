#include "gateway/campaigns/machine.hpp"
#include "gateway/campaigns/errc.hpp"
#include "queue/timestamp.hpp"

#include <gmock/gmock.h>

namespace ota::campaigns {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using kind = step::kind;

const wall_time noon = queue::parse_timestamp("2027-01-12T12:00:00Z").value();

/// A campaign over some cards, of which every one is a mark in memory.
struct run {
    explicit run(std::size_t cards) {
        p.is = phase::running;
        p.cards = p.by_outcome[0] = cards;
        marks.resize(cards);
        all.next_due = noon;
    }
    void with_canary(std::size_t cards, double rate, std::chrono::milliseconds wait = hours(1)) {
        c.canary = canary{cards, 0, rate, wait};
        p.is = phase::canary;
        all.canaries_waiting = true;
    }
    /// Changes for the next `n` cards.
    void issue(std::size_t n, wall_time now) {
        for (std::size_t i = 0; i < n; ++i) remark(p, marks[issued++], outcome::open, "", now);
        spend(c, p, n, now);
        if (p.of(outcome::waiting) == 0) all.next_due.reset();
    }
    void end(std::size_t n, outcome is, std::string_view reason = "") {
        for (std::size_t i = 0; i < n; ++i) remark(p, marks[ended++], is, reason, noon);
    }
    bool advance(wall_time now) { return campaigns::advance(c, p, all, now); }
    step next(wall_time now) { return next_step(c, p, all, now); }

    campaign c;
    progress p;
    scene all;
    std::vector<card_mark> marks;
    std::size_t issued = 0, ended = 0;
};

TEST(machine, collects_first_and_rests_until_the_start) {
    run r(10);
    r.p.is = phase::collecting;
    EXPECT_EQ(r.next(noon).is, kind::collect);
    r.p.is = phase::running;
    r.c.start = noon + hours(1);
    EXPECT_EQ(r.next(noon).is, kind::rest);
    EXPECT_EQ(r.next(noon).wake, noon + hours(1));
    EXPECT_EQ(r.next(noon + hours(1)).is, kind::issue);
    EXPECT_EQ(state_name(r.c, r.p, noon), "scheduled");
    EXPECT_EQ(state_name(r.c, r.p, noon + hours(1)), "running");
}

TEST(machine, goes_through_all_cards_and_is_completed_when_each_has_ended) {
    run r(30);
    EXPECT_EQ(r.next(noon).cards, most_per_step);
    r.issue(30, noon);
    EXPECT_EQ(r.next(noon).is, kind::rest);
    EXPECT_TRUE(r.advance(noon));
    EXPECT_EQ(r.p.is, phase::ending);
    r.end(29, outcome::applied);
    EXPECT_FALSE(r.advance(noon));
    r.end(1, outcome::failed, "sw-6a82");
    EXPECT_TRUE(r.advance(noon + minutes(5)));
    EXPECT_EQ(r.p.is, phase::completed);
    EXPECT_EQ(r.p.ended_at, noon + minutes(5));
    EXPECT_EQ(r.next(noon + hours(1)).is, kind::rest);
}

TEST(machine, keeps_its_pace_and_saves_up_no_more_than_a_second) {
    run r(1000);
    r.c.pace = 20;
    EXPECT_EQ(r.next(noon).cards, 20u);
    r.issue(20, noon);
    EXPECT_EQ(r.next(noon).is, kind::rest);
    EXPECT_EQ(r.next(noon).wake, noon + std::chrono::milliseconds(50));
    EXPECT_EQ(r.next(noon + std::chrono::milliseconds(500)).cards, 10u);
    EXPECT_EQ(r.next(noon + hours(1)).cards, 20u);
}

TEST(machine, a_slow_pace_is_met_over_hours_whatever_the_clock_of_its_rounds) {
    run r(1000);
    r.c.pace = 100.0 / 3600;
    std::size_t created = 0;
    for (auto t = noon; t < noon + hours(3); t += std::chrono::milliseconds(733)) {
        const auto s = r.next(t);
        if (s.is != kind::issue) continue;
        created += s.cards;
        r.issue(s.cards, t);
    }
    EXPECT_GE(created, 299u);
    EXPECT_LE(created, 301u);
}

TEST(machine, a_clock_that_goes_back_gives_nothing_away) {
    run r(1000);
    r.c.pace = 5;
    r.issue(5, noon);
    EXPECT_EQ(r.next(noon - hours(1)).is, kind::rest);
}

TEST(machine, does_not_run_ahead_of_the_gateway_nor_beyond_what_may_be_open) {
    run r(1000);
    r.all.untaken = most_untaken - 3;
    EXPECT_EQ(r.next(noon).cards, 3u);
    r.all.untaken = most_untaken + 1;
    EXPECT_EQ(r.next(noon).is, kind::rest);
    r.all.untaken = 0;
    r.c.open = 10;
    r.issue(4, noon);
    EXPECT_EQ(r.next(noon).cards, 6u);
}

TEST(machine, one_zone_for_all_sleeps_through_its_night) {
    run r(10);
    r.c.hours.window = day_hours{hours(9), hours(17), 0x7F};
    EXPECT_EQ(r.next(noon + hours(8)).wake, noon + hours(21));
    r.c.zone.label = "tz";  // each card has its own: it is asked card by card
    EXPECT_EQ(r.next(noon + hours(8)).is, kind::issue);
}

TEST(machine, at_the_end_nothing_is_created_any_more) {
    run r(10);
    r.c.end = noon + hours(1);
    r.issue(4, noon);
    EXPECT_FALSE(r.advance(noon));
    EXPECT_TRUE(r.advance(noon + hours(1)));
    EXPECT_THAT(r.p.why, HasSubstr("6 cards got no change"));
    EXPECT_EQ(r.next(noon + hours(1)).is, kind::rest);
    r.end(4, outcome::applied);
    EXPECT_TRUE(r.advance(noon + hours(2)));
    EXPECT_EQ(r.p.is, phase::completed);
    EXPECT_EQ(r.p.of(outcome::waiting), 6u);
}

TEST(canary, that_ends_well_lets_the_others_follow) {
    run r(100);
    r.with_canary(10, 0.1);
    r.issue(10, noon);
    r.all.canaries_waiting = false;
    EXPECT_FALSE(r.advance(noon));
    r.end(9, outcome::applied);
    EXPECT_FALSE(r.advance(noon));
    r.end(1, outcome::failed, "sw-6a82");  // one of ten is not more than a tenth
    EXPECT_TRUE(r.advance(noon));
    EXPECT_EQ(r.p.is, phase::running);
    EXPECT_EQ(r.p.halted, halt::none);
}

TEST(canary, with_too_many_failures_stops_at_once_and_says_why) {
    run r(100);
    r.with_canary(10, 0.1);
    r.issue(10, noon);
    r.all.canaries_waiting = false;
    r.end(2, outcome::failed, "sw-6a82");
    EXPECT_TRUE(r.advance(noon));
    EXPECT_EQ(state_name(r.p), "stopped");
    EXPECT_EQ(r.p.why, "canary: 2 of 10 cards failed: more than 10 %");
    EXPECT_EQ(r.next(noon).is, kind::rest);
    EXPECT_FALSE(r.advance(noon));
    ASSERT_TRUE(resume(r.p));
    EXPECT_EQ(r.p.is, phase::running);
    EXPECT_FALSE(r.advance(noon));  // who goes on has judged these himself
    EXPECT_EQ(r.next(noon + seconds(1)).is, kind::issue);
}

TEST(canary, of_which_too_few_answer_stops_after_the_wait) {
    run r(100);
    r.with_canary(10, 0.1);
    r.issue(10, noon);
    r.all.canaries_waiting = false;
    r.end(4, outcome::applied);
    EXPECT_FALSE(r.advance(noon + minutes(59)));
    EXPECT_TRUE(r.advance(noon + hours(1)));
    EXPECT_EQ(r.p.why, "canary: only 4 of 10 cards have ended within the wait");
}

TEST(canary, of_which_half_answers_is_judged_after_the_wait) {
    run r(100);
    r.with_canary(10, 0.1);
    r.issue(10, noon);
    r.all.canaries_waiting = false;
    r.end(5, outcome::applied);
    EXPECT_TRUE(r.advance(noon + hours(1)));
    EXPECT_EQ(r.p.is, phase::running);
}

TEST(canary, that_was_skipped_as_a_whole_teaches_nothing) {
    run r(100);
    r.with_canary(2, 0.1);
    r.all.canaries_waiting = false;
    r.end(2, outcome::skipped, "suspended");
    EXPECT_TRUE(r.advance(noon));
    EXPECT_EQ(state_name(r.p), "stopped");
}

TEST(canary, waits_for_canaries_that_have_no_change_yet) {
    run r(100);
    r.with_canary(10, 0.1, minutes(1));
    r.issue(5, noon);
    r.end(5, outcome::applied);
    EXPECT_FALSE(r.advance(noon + hours(5)));
    EXPECT_EQ(r.p.is, phase::canary);
}

TEST(canary, its_failure_rate_holds_for_all_that_follow) {
    run r(1000);
    r.c.canary = canary{10, 0, 0.1, hours(1)};
    r.issue(200, noon);
    r.end(19, outcome::failed, "sw-6a82");
    EXPECT_FALSE(r.advance(noon));  // too small a sample
    r.end(1, outcome::expired);
    EXPECT_TRUE(r.advance(noon));
    EXPECT_EQ(state_name(r.p), "stopped");
    ASSERT_TRUE(resume(r.p));
    r.end(20, outcome::applied);
    EXPECT_FALSE(r.advance(noon));
    r.end(100, outcome::rejected, "cancelled");  // by an operator: no failure of the change
    EXPECT_FALSE(r.advance(noon));
}

TEST(canary, has_at_least_one_card_and_at_most_all) {
    campaign c;
    EXPECT_EQ(canaries_of(c, 100), 0u);
    c.canary = canary{0, 0.001, 0.1, hours(1)};
    EXPECT_EQ(canaries_of(c, 100), 1u);
    EXPECT_EQ(canaries_of(c, 5000), 5u);
    EXPECT_EQ(canaries_of(c, 0), 0u);
    c.canary->cards = 50;
    EXPECT_EQ(canaries_of(c, 20), 20u);
}

TEST(orders, pause_and_resume_once_and_nothing_after_the_end) {
    run r(10);
    ASSERT_TRUE(pause(r.p));
    EXPECT_EQ(pause(r.p).error(), errc::halted_already);
    EXPECT_EQ(r.next(noon).is, kind::rest);
    ASSERT_TRUE(resume(r.p));
    EXPECT_EQ(resume(r.p).error(), errc::not_halted);
    EXPECT_EQ(r.next(noon).is, kind::issue);
    r.issue(5, noon);
    ASSERT_TRUE(cancel(r.p));
    EXPECT_EQ(cancel(r.p).error(), errc::over);
    EXPECT_EQ(resume(r.p).error(), errc::over);
    EXPECT_EQ(r.next(noon).is, kind::rest);
    EXPECT_FALSE(r.advance(noon));
    r.end(5, outcome::rejected, "cancelled");
    EXPECT_TRUE(r.advance(noon));
    EXPECT_EQ(state_name(r.p), "cancelled");
    EXPECT_EQ(pause(r.p).error(), errc::over);
}

TEST(orders, a_paused_campaign_ends_all_the_same_at_its_end) {
    run r(10);
    r.c.end = noon + hours(1);
    ASSERT_TRUE(pause(r.p));
    EXPECT_TRUE(r.advance(noon + hours(1)));
    EXPECT_TRUE(r.advance(noon + hours(1)));
    EXPECT_EQ(r.p.is, phase::completed);
}

}  // namespace
}  // namespace ota::campaigns
