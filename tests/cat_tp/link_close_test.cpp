#include "tests/cat_tp/spoken.hpp"

#include <gtest/gtest.h>

// How links end: closing, RST, half-open ends, idleness; and what must not end them.
namespace ota::cat_tp {
namespace {

using namespace spoken;
using state = link::state;

}  // namespace

TEST(cat_tp_close, an_rst_waits_for_the_last_acknowledgement) {
    one_end us;
    us.open();
    us.send("a");
    us.send("b");
    EXPECT_EQ(us.close(), lines{}) << "an RST would overtake it";
    us.send("c");
    EXPECT_FALSE(us.last);
    EXPECT_EQ(us.hear(data(51, 1001, "still heard")),
              (lines{"acknowledged 1", "received still heard", "-> ACK #1003 ack 51"}));
    EXPECT_EQ(us.hear(ack(52, 1002)), (lines{"acknowledged 2", "-> RST+ACK reason 0 #1003 ack 51", "ended by us 0"}));
    EXPECT_EQ(us.it().now_in(), state::close_wait);
}

TEST(cat_tp_close, nothing_to_drain_closes_at_once) {
    one_end us;
    us.open();
    EXPECT_EQ(us.close(), (lines{"-> RST+ACK reason 0 #1001 ack 50", "ended by us 0"}));
}

TEST(cat_tp_close, another_reason_does_not_wait) {
    one_end us;
    us.open();
    us.send("a");
    EXPECT_EQ(us.close(), lines{});
    EXPECT_EQ(us.close(reset_reason::temporarily_unable), (lines{"-> RST+ACK reason 2 #1002 ack 50", "ended by us 2"}));
    EXPECT_EQ(us.it().under_way(), 0u) << "the record keeps nothing";
}

TEST(cat_tp_close, a_drain_that_nobody_acknowledges_ends_too) {
    one_end us;
    us.open();
    us.send("a");
    us.close();
    for (int tries = 0; tries < 5; ++tries) EXPECT_EQ(us.sleep(), lines{"-> data a #1001 ack 50"});
    EXPECT_EQ(us.sleep(), (lines{"-> RST+ACK reason 5 #1002 ack 50", "ended retries exhausted 5"}));
}

TEST(cat_tp_close, close_wait_drops_everything_and_passes) {
    one_end us;
    us.open();
    us.close();
    EXPECT_TRUE(us.it().due() && *us.it().due() - us.now >= 2s);
    for (const auto& each : {ack(51, 1000), data(51, 1000, "x"), nul(51, 1000), syn(51), syn(50), rst(51)})
        EXPECT_EQ(us.hear(each), lines{});
    EXPECT_EQ(us.send("x"), lines{});
    EXPECT_FALSE(us.last);
    EXPECT_EQ(us.it().now_in(), state::close_wait);
    EXPECT_EQ(us.sleep(), lines{});
    EXPECT_EQ(us.it().now_in(), state::closed);
    EXPECT_EQ(us.it().due(), std::nullopt);
}

TEST(cat_tp_close, the_peers_rst_in_the_window_ends_without_a_reply) {
    one_end us;
    us.open();
    us.send("a");
    EXPECT_EQ(us.hear(rst(51, 1000)), lines{"ended by peer 0"});
    EXPECT_EQ(us.it().now_in(), state::close_wait);
    EXPECT_FALSE(us.it().plausible(ack(51, 1000)));
    one_end odd;
    odd.open();
    EXPECT_EQ(odd.hear(rst(61, {}, static_cast<reset_reason>(77))), lines{"ended by peer 77"})
        << "after a full window, of a reason to come";
}

TEST(cat_tp_close, rsts_outside_the_window_storm_in_vain) {
    one_end us;
    us.open();
    std::size_t answers = 0;
    for (int number = 0; number < 65536; ++number) {
        if (number >= 51 && number <= 61) continue;
        answers += us.hear(rst(static_cast<std::uint16_t>(number), 1000)).size();
    }
    EXPECT_EQ(us.it().now_in(), state::open);
    EXPECT_EQ(answers, 1u) << "and is not answered word by word";
    EXPECT_EQ(us.hear(data(51, 1000, "a")).size(), 2u);
}

TEST(cat_tp_close, syns_outside_the_window_storm_in_vain) {
    one_end us;
    us.open();
    for (int number = 0; number < 65536; number += 7) {
        if (number >= 51 && number <= 61) continue;
        EXPECT_EQ(us.hear(syn(static_cast<std::uint16_t>(number))), lines{"-> ACK #1001 ack 50"});
    }
    EXPECT_EQ(us.it().now_in(), state::open);
}

TEST(cat_tp_close, strays_never_end_an_open_link) {
    one_end us;
    us.open();
    us.send("a");
    for (int number = 0; number < 65536; number += 3) {
        const auto any = static_cast<std::uint16_t>(number);
        if (any >= 1000 && any <= 1001) continue;
        us.hear(ack(51, any, {any}));
        us.hear(ack(any, any));
        us.hear(nul(70, any));
        us.hear(data(40, any, "x"));
    }
    auto elsewhere = rst(51);
    elsewhere.destination_port = 201;
    us.hear(elsewhere);
    auto newer = rst(51);
    newer.version = 1;
    us.hear(newer);
    EXPECT_EQ(us.it().now_in(), state::open);
    EXPECT_EQ(us.hear(ack(51, 1001)), lines{"acknowledged 1"});
}

TEST(cat_tp_close, two_ends_that_disagree_do_not_answer_each_other_for_ever) {
    link::actions out;
    const time_point now(1h);
    pdu first = syn(50), second = syn(7000);
    link one({}, first, 1000, 1, now, out);
    one.on_pdu(ack(51, 1000), now, out);
    std::swap(second.source_port, second.destination_port);
    link other({}, second, 30000, 2, now, out);
    auto opens = ack(7001, 30000);
    std::swap(opens.source_port, opens.destination_port);
    other.on_pdu(opens, now, out);
    ASSERT_EQ(one.now_in(), state::open);
    ASSERT_EQ(other.now_in(), state::open);
    out.clear();
    one.on_pdu(ack(9000, 1000), now, out);  // a stray begins it
    int words = 0;
    auto* hears = &other;
    while (!out.empty() && words < 100) {
        const auto word = parse(std::get<link::transmit>(out.front()).datagram).value();
        out.clear();
        hears->on_pdu(word, now, out);
        hears = hears == &one ? &other : &one;
        ++words;
    }
    EXPECT_LE(words, 3);
}

TEST(cat_tp_half_open, a_peer_that_began_anew_with_a_number_in_the_window) {
    one_end us;
    us.open();
    EXPECT_EQ(us.hear(syn(51)), (lines{"-> RST+ACK reason 4 #1001 ack 51", "ended half open 4"}));
    EXPECT_EQ(us.it().now_in(), state::closed) << "its next SYN must find LISTEN";
}

TEST(cat_tp_half_open, a_peer_that_knows_nothing_any_more) {
    one_end us;
    us.open();
    const auto sent = us.send("a");
    ASSERT_EQ(sent.size(), 1u);
    auto word = data(1001, 50, "a");
    std::swap(word.source_port, word.destination_port);
    const auto answer = parse(first_look(word, 100, true).answer).value();  // the peer's LISTEN
    EXPECT_EQ(us.hear(answer), lines{"ended half open 4"});
}

// Annex A of TS 102 127: the peer restarts and opens again, with whatever number.
TEST(cat_tp_half_open, the_restarted_peers_syn_is_turned_into_its_rst) {
    one_end us;
    us.open();
    link::actions theirs;
    link peer({}, 100, 200, {}, 4000, 3, us.now, theirs);
    link::actions ours;
    us.it().on_pdu(parse(std::get<link::transmit>(theirs.at(0)).datagram).value(), us.now, ours);
    EXPECT_EQ(text_of(ours), lines{"-> ACK #1001 ack 50"});
    theirs.clear();
    peer.on_pdu(parse(std::get<link::transmit>(ours.at(0)).datagram).value(), us.now, theirs);
    EXPECT_EQ(text_of(theirs), lines{"-> RST reason 4 #51"});
    EXPECT_EQ(peer.now_in(), state::syn_sent);
    EXPECT_EQ(us.hear(parse(std::get<link::transmit>(theirs.at(0)).datagram).value()), lines{"ended half open 4"});
}

TEST(cat_tp_idle, a_link_without_work_is_closed) {
    one_end us;
    us.open();
    EXPECT_EQ(us.it().due(), us.now + 60s);
    us.sleep(30s);
    us.hear(data(51, 1000, "a"));
    EXPECT_EQ(us.it().due(), us.now + 60s);
    EXPECT_EQ(us.sleep(), (lines{"-> RST+ACK reason 0 #1001 ack 51", "ended idle 0"}));
}

TEST(cat_tp_idle, strays_do_not_keep_a_link_alive) {
    one_end us;
    us.open();
    const auto due = us.it().due();
    us.sleep(30s);
    us.hear(data(50, 1000, "old"));
    us.hear(rst(40));
    EXPECT_EQ(us.it().due(), due);
}

TEST(cat_tp_idle, pending_work_keeps_the_path_open) {
    one_end us;
    us.open();
    us.it().work_pending(true, us.now);
    std::uint16_t number = 1001;
    for (int i = 0; i < 10; ++i, ++number) {
        EXPECT_EQ(us.it().due(), us.now + 20s);
        EXPECT_EQ(us.sleep(), lines{"-> NUL #" + std::to_string(number) + " ack 50"});
        EXPECT_EQ(us.hear(ack(51, number)), lines{});
    }
    us.it().work_pending(false, us.now);
    EXPECT_EQ(us.it().due(), us.now + 60s);
}

TEST(cat_tp_idle, traffic_of_the_peer_keeps_the_path_open_as_well) {
    one_end us;
    us.open();
    us.it().work_pending(true, us.now);
    us.sleep(15s);
    us.hear(nul(51, 1000));
    EXPECT_EQ(us.it().due(), us.now + 20s);
}

TEST(cat_tp_idle, a_keep_alive_that_nobody_answers_ends_the_link) {
    one_end us;
    us.open();
    us.it().work_pending(true, us.now);
    for (int tries = 0; tries < 6; ++tries) EXPECT_EQ(us.sleep(), lines{"-> NUL #1001 ack 50"});
    EXPECT_EQ(us.sleep(), (lines{"-> RST+ACK reason 5 #1002 ack 50", "ended retries exhausted 5"}));
}

TEST(cat_tp_idle, waits_of_zero_are_never_over) {
    one_end us;
    us.settings.idle = us.settings.keep_alive = 0ms;
    us.open();
    EXPECT_EQ(us.it().due(), std::nullopt);
    us.it().work_pending(true, us.now);
    EXPECT_EQ(us.it().due(), std::nullopt);
}

}  // namespace ota::cat_tp
