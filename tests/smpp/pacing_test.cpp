#include "gateway/smpp/pacing.hpp"

#include <gtest/gtest.h>

namespace ota::smpp {
namespace {

using namespace std::chrono_literals;

const auto epoch = pacing::time_point{} + 1000s;

/// Sends all that is allowed for a time, asking each millisecond.
int send_for(pacing& pace, pacing::time_point& now, std::chrono::milliseconds time) {
    int sent = 0;
    for (const auto end = now + time; now < end; now += 1ms) {
        while (pace.may_send(now) && sent < 1'000'000) {
            pace.on_sent(now);
            ++sent;
            if (pace.rate() == 0) break;
        }
    }
    return sent;
}

TEST(pacing, keeps_the_rate_and_never_bursts_beyond_a_twentieth_of_a_second) {
    auto now = epoch;
    pacing pace(100);
    const int first = send_for(pace, now, 1s);
    EXPECT_GE(first, 100);
    EXPECT_LE(first, 106);
    now += 60s;
    EXPECT_LE(send_for(pace, now, 1ms), 5);
}

TEST(pacing, without_a_rate_lets_everything_through) {
    auto now = epoch;
    pacing pace(0);
    EXPECT_EQ(send_for(pace, now, 100ms), 100);
    EXPECT_EQ(pace.next(now), now);
}

TEST(pacing, throttled_pauses_one_second_and_halves_the_rate) {
    auto now = epoch;
    pacing pace(100);
    send_for(pace, now, 1s);
    pace.on_throttled(now, now, 0);
    EXPECT_FALSE(pace.may_send(now + 999ms));
    EXPECT_EQ(pace.next(now), now + 1s);
    EXPECT_TRUE(pace.may_send(now + 1s));
    EXPECT_EQ(pace.rate(), 50);
}

TEST(pacing, counts_a_burst_of_throttled_answers_once) {
    auto now = epoch;
    pacing pace(100);
    for (int i = 0; i < 50; ++i) pace.on_throttled(now + i * 1ms, now - 10ms, 0);
    EXPECT_EQ(pace.rate(), 50);
    EXPECT_EQ(pace.paused_until(), now + 1s);
    pace.on_throttled(now + 1500ms, now - 1ms, 0);  // a slow answer to what was sent before
    EXPECT_EQ(pace.rate(), 50);
}

TEST(pacing, throttled_again_and_again_doubles_its_pause_to_a_minute) {
    auto now = epoch;
    pacing pace(1000);
    for (auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        pace.on_throttled(now, now, 0);
        EXPECT_EQ(pace.paused_until() - now, expected);
        now = pace.paused_until() + 1s;
    }
    now += 11s;
    pace.on_throttled(now, now, 0);
    EXPECT_EQ(pace.paused_until() - now, 1s);
}

TEST(pacing, adds_jitter_to_a_pause) {
    pacing pace(100);
    pace.on_throttled(epoch, epoch, 0.5);
    EXPECT_EQ(pace.paused_until() - epoch, 1125ms);
}

TEST(pacing, comes_back_by_a_twentieth_each_ten_seconds) {
    auto now = epoch;
    pacing pace(100);
    pace.on_throttled(now, now, 0);
    now += 1s;
    for (int step = 1; step <= 9; ++step) {
        now += 10s;
        ASSERT_TRUE(pace.may_send(now));
        EXPECT_DOUBLE_EQ(pace.rate(), 50 + 5 * step);
    }
    now += 10s;
    ASSERT_TRUE(pace.may_send(now));
    EXPECT_EQ(pace.rate(), 100);
}

TEST(pacing, without_a_rate_falls_to_half_of_what_it_measured_and_is_free_again_later) {
    auto now = epoch;
    pacing pace(0);
    for (int i = 0; i < 2000; ++i) pace.on_sent(now + i * 1ms);
    now += 2s;
    pace.on_throttled(now, now, 0);
    EXPECT_NEAR(pace.rate(), 500, 5);
    for (int i = 0; i < 12; ++i) {
        now += 10s;
        EXPECT_TRUE(pace.may_send(now));
    }
    EXPECT_EQ(pace.rate(), 0);
}

TEST(pacing, without_a_rate_measures_the_pace_of_a_burst_and_not_its_length) {
    auto now = epoch;
    pacing pace(0);
    for (int i = 0; i < 60; ++i) pace.on_sent(now + i * 1ms);
    now += 100ms;
    pace.on_throttled(now, now, 0);
    EXPECT_NEAR(pace.rate(), 300, 1) << "60 in 0.1 s are 600 a second";
}

TEST(pacing, never_stops_altogether) {
    auto now = epoch;
    pacing pace(10);
    for (int i = 0; i < 20; ++i) {
        pace.on_throttled(now, now, 0);
        now = pace.paused_until() + 1s;
    }
    EXPECT_GE(pace.rate(), 1);
    EXPECT_GE(send_for(pace, now, 2s), 2);
}

}  // namespace
}  // namespace ota::smpp
