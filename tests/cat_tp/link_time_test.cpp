#include "secure-channel/cat_tp/serial.hpp"
#include "tests/cat_tp/spoken.hpp"

#include <gtest/gtest.h>

// Retransmission: RFC 6298, Karn's rule, back-off, closed windows.
namespace ota::cat_tp {
namespace {

using namespace spoken;

/// Opens with a round trip of this length.
void open_after(one_end& us, milliseconds round_trip) {
    us.listen();
    us.now += round_trip;
    us.hear(ack(51, 1000));
}

}  // namespace

TEST(cat_tp_serial, the_shorter_way_round_tells_which_is_later) {
    EXPECT_EQ(ahead(1, 0), 1);
    EXPECT_EQ(ahead(0, 65535), 1);
    EXPECT_EQ(ahead(65535, 0), -1);
    EXPECT_EQ(ahead(5, 5), 0);
    EXPECT_EQ(ahead(32767, 0), 32767);
    EXPECT_EQ(ahead(32769, 0), -32767);
    EXPECT_EQ(moved(65535, 1), 0);
    EXPECT_EQ(moved(0, -1), 65535);
}

TEST(cat_tp_patience, follows_rfc_6298) {
    patience p(3s, 1s, 60s, 1);
    EXPECT_EQ(p.time_out(), 3s);
    p.sample(2s);
    EXPECT_EQ(p.time_out(), 6s) << "R + 4 * R/2";
    p.sample(2s);
    EXPECT_EQ(p.time_out(), 5s) << "the variation falls by a quarter";
    for (int i = 0; i < 100; ++i) p.sample(2s);
    EXPECT_LT(p.time_out(), 2010ms);
    for (int i = 0; i < 100; ++i) p.sample(5ms);
    EXPECT_EQ(p.time_out(), 1s);
    p.sample(10h);
    EXPECT_EQ(p.time_out(), 60s);
}

TEST(cat_tp_patience, the_back_off_stays_until_there_is_a_sample) {
    patience p(1s, 1s, 60s, 1);
    p.back_off(3);
    EXPECT_GE(p.wait(0), 8s);
    EXPECT_LE(p.wait(0), 9s);
    EXPECT_GE(p.wait(200), 60s);
    EXPECT_LE(p.wait(200), 68s);
    p.sample(10ms);
    EXPECT_LE(p.wait(0), 1125ms);
}

TEST(cat_tp_patience, no_two_dice_wait_alike) {
    patience one(3s, 1s, 60s, 1), other(3s, 1s, 60s, 2);
    EXPECT_NE(one.wait(0), other.wait(0));
    EXPECT_NE(one.wait(0), one.wait(0));
}

TEST(cat_tp_patience, absurd_settings_still_make_time_pass) {
    patience p(0s, -5s, -7s, 1);
    EXPECT_GT(p.wait(0), 0s);
    p.sample(-3s);
    EXPECT_GT(p.wait(255), 0s);
}

TEST(cat_tp_time, the_first_wait_is_the_setting_and_the_next_follows_the_round_trip) {
    one_end us;
    us.settings.first_rto = 5s;
    EXPECT_EQ(us.listen().size(), 1u);
    EXPECT_TRUE(between(us.it().due(), us.now, 5s));
    us.now += 400ms;
    us.hear(ack(51, 1000));
    us.send("a");
    EXPECT_TRUE(between(us.it().due(), us.now, 1200ms)) << "400 + 4 * 200";
}

TEST(cat_tp_time, what_is_not_acknowledged_is_sent_again_with_what_we_know_now) {
    one_end us;
    us.open();
    us.send("a");
    us.hear(data(51, 1000, "x"));
    us.hear(data(53, 1000, "z"));
    EXPECT_EQ(us.sleep(), lines{"-> data a EACK 53 #1001 ack 51"});
}

TEST(cat_tp_time, waits_double_and_tries_end) {
    one_end us;
    open_after(us, 500ms);  // 1500 ms
    us.send("a");
    auto wait = patience::span(1500ms);
    for (int tries = 0; tries < 5; ++tries, wait *= 2) {
        EXPECT_TRUE(between(us.it().due(), us.now, wait)) << tries;
        EXPECT_EQ(us.sleep(), lines{"-> data a #1001 ack 50"});
    }
    EXPECT_TRUE(between(us.it().due(), us.now, wait));
    EXPECT_EQ(us.sleep(), (lines{"-> RST+ACK reason 5 #1002 ack 50", "ended retries exhausted 5"}));
}

TEST(cat_tp_time, an_acknowledgement_of_what_was_sent_twice_is_no_sample) {
    one_end us;
    open_after(us, 400ms);
    us.send("a");
    us.sleep();
    us.now += 10ms;
    EXPECT_EQ(us.hear(ack(51, 1001)), lines{"acknowledged 1"});
    us.send("b");
    EXPECT_TRUE(between(us.it().due(), us.now, 2400ms)) << "still backed off";
    us.now += 400ms;
    us.hear(ack(51, 1002));
    us.send("c");
    EXPECT_TRUE(between(us.it().due(), us.now, 1s)) << "400 + 4 * 150";
}

TEST(cat_tp_time, a_set_up_that_was_repeated_is_no_sample) {
    one_end us;
    us.listen();
    us.now += 2900ms;
    us.hear(syn(50));  // our SYN+ACK was lost
    us.now += 10ms;
    us.hear(ack(51, 1000));
    us.send("a");
    EXPECT_TRUE(between(us.it().due(), us.now, 3s));
}

TEST(cat_tp_time, a_set_up_that_was_repeated_by_the_clock_is_no_sample_either) {
    one_end us;
    us.listen();
    us.sleep();
    us.now += 10ms;
    us.hear(ack(51, 1000));
    us.send("a");
    EXPECT_TRUE(between(us.it().due(), us.now, 6s)) << "still backed off";
}

TEST(cat_tp_time, what_the_peer_holds_is_not_sent_again) {
    one_end us;
    us.open();
    us.send("a");
    us.send("b");
    us.send("c");
    us.hear(ack(51, 1000, {1002}));
    EXPECT_EQ(us.sleep(4s), (lines{"-> data a #1001 ack 50", "-> data c #1003 ack 50"}));
}

TEST(cat_tp_time, a_false_eack_does_not_stop_a_timer_for_ever) {
    one_end us;
    us.open();
    us.send("a");
    us.send("b");
    us.hear(ack(51, 1000, {1002}));  // a peer that forgets what it holds
    us.now += 900ms;
    us.hear(ack(51, 1001));
    EXPECT_TRUE(between(us.it().due(), us.now, 1012500us)) << "its time begins anew: 112.5 + 4 * 225";
    EXPECT_EQ(us.sleep(), lines{"-> data b #1002 ack 50"});
}

TEST(cat_tp_time, a_closed_window_is_asked_for_ever_more_seldom) {
    one_end us;
    us.settings.stalled = 0ms;
    open_after(us, 500ms);
    us.hear(ack(51, 1000, {}, 0));
    EXPECT_EQ(us.send("a"), lines{});
    std::uint16_t number = 1001;
    auto earlier = patience::span(0);
    for (int i = 0; i < 20; ++i, ++number) {
        const auto asked = us.now;
        EXPECT_EQ(us.sleep(), lines{"-> NUL #" + std::to_string(number) + " ack 50"});
        const auto waited = std::chrono::duration_cast<patience::span>(us.now - asked);
        EXPECT_GE(waited, std::min<patience::span>(earlier * 3 / 2, 60s));
        EXPECT_LE(waited, 68s);
        earlier = waited;
        us.now += 500ms;
        EXPECT_EQ(us.hear(ack(51, number, {}, 0)), lines{});
    }
    EXPECT_EQ(us.hear(ack(51, static_cast<std::uint16_t>(number - 1), {}, 1)),
              lines{"-> data a #" + std::to_string(number) + " ack 50"});
}

TEST(cat_tp_time, a_peer_that_took_its_window_back_is_not_given_up_while_it_answers) {
    one_end us;
    us.settings.stalled = 0ms;
    us.open();
    us.send("a");
    us.send("b");
    for (int i = 0; i < 30; ++i) {
        us.hear(ack(51, 1000, {}, 0));
        lines said;
        while (said.empty()) said = us.sleep();
        EXPECT_EQ(said, lines{"-> data a #1001 ack 50"}) << "the first asks for all";
    }
    us.hear(ack(51, 1001, {}, 5));
    EXPECT_EQ(us.it().now_in(), link::state::open);
}

TEST(cat_tp_time, a_peer_that_never_takes_anything_is_given_up) {
    one_end us;
    us.open();
    us.hear(ack(51, 1000, {}, 0));
    us.send("a");
    const auto since = us.now;
    lines said;
    for (std::uint16_t number = 1001; us.it().now_in() == link::state::open; ++number) {
        said = us.sleep();
        us.hear(ack(51, number, {}, 0));
    }
    EXPECT_EQ(said.back(), "ended retries exhausted 5");
    EXPECT_EQ(us.now - since, 300s);
}

TEST(cat_tp_time, due_is_never_in_the_past_after_a_tick) {
    one_end us;
    us.open();
    us.it().work_pending(true, us.now);
    us.send("a");
    for (int i = 0; i < 12 && us.it().now_in() != link::state::closed; ++i) {
        us.sleep();
        if (us.it().due()) {
            EXPECT_GT(*us.it().due(), us.now);
        }
    }
    EXPECT_EQ(us.it().now_in(), link::state::closed);
}

}  // namespace ota::cat_tp
