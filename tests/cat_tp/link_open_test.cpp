#include "tests/cat_tp/spoken.hpp"

#include <gtest/gtest.h>

// The event table of TS 102 127, 5.4: OPEN, as far as no time passes.
namespace ota::cat_tp {
namespace {

using namespace spoken;
using state = link::state;

}  // namespace

TEST(cat_tp_open, data_in_sequence_is_delivered_and_acknowledged) {
    one_end us;
    us.open();
    EXPECT_EQ(us.hear(data(51, 1000, "a")), (lines{"received a", "-> ACK #1001 ack 51"}));
    EXPECT_EQ(us.hear(nul(52, 1000)), lines{"-> ACK #1001 ack 52"});
    EXPECT_EQ(us.hear(data(53, 1000, "b")), (lines{"received b", "-> ACK #1001 ack 53"}));
}

TEST(cat_tp_open, data_ahead_is_held_and_told) {
    one_end us;
    us.open();
    EXPECT_EQ(us.hear(data(53, 1000, "c")), lines{"-> ACK EACK 53 #1001 ack 50"});
    EXPECT_EQ(us.hear(data(52, 1000, "b")), lines{"-> ACK EACK 52 53 #1001 ack 50"});
    EXPECT_EQ(us.hear(data(53, 1000, "c")), lines{"-> ACK EACK 52 53 #1001 ack 50"}) << "twice is once";
    EXPECT_EQ(us.hear(nul(55, 1000)), lines{"-> ACK EACK 52 53 55 #1001 ack 50"});
    EXPECT_EQ(us.hear(data(51, 1000, "a")),
              (lines{"received a", "received b", "received c", "-> ACK EACK 55 #1001 ack 53"}));
    EXPECT_EQ(us.hear(data(54, 1000, "d")), (lines{"received d", "-> ACK #1001 ack 55"}));
    EXPECT_EQ(us.it().held(), 0u);
}

TEST(cat_tp_open, what_is_outside_the_window_is_dropped_and_told_where_we_stand) {
    one_end us;
    us.open();
    us.hear(data(51, 1000, "a"));
    EXPECT_EQ(us.hear(data(51, 1000, "a")), lines{"-> ACK #1001 ack 51"}) << "our ACK was lost";
    EXPECT_EQ(us.hear(data(62, 1000, "far")), lines{"-> ACK #1001 ack 51"});
    EXPECT_EQ(us.hear(nul(63, 1000)), lines{"-> ACK #1001 ack 51"});
    EXPECT_EQ(us.it().held(), 0u);
    EXPECT_EQ(us.hear(data(61, 1000, "last")), lines{"-> ACK EACK 61 #1001 ack 51"}) << "the window's last";
    EXPECT_EQ(us.hear(nul(62, 1000)), lines{"-> ACK EACK 61 62 #1001 ack 51"}) << "without data one further";
}

TEST(cat_tp_open, no_more_is_held_than_the_window) {
    one_end us;
    us.open();
    for (std::uint16_t number = 52; number < 200; ++number) us.hear(data(number, 1000, "x"));
    EXPECT_EQ(us.it().held(), 9u);
}

TEST(cat_tp_open, an_sdu_is_joined_from_its_segments) {
    one_end us;
    us.open();
    EXPECT_EQ(us.hear(data(51, 1000, "one ", true)), lines{"-> ACK #1001 ack 51"});
    EXPECT_EQ(us.hear(data(53, 1000, "three")), lines{"-> ACK EACK 53 #1001 ack 51"});
    EXPECT_EQ(us.hear(data(52, 1000, "two ", true)), (lines{"received one two three", "-> ACK #1001 ack 53"}));
}

TEST(cat_tp_open, an_sdu_beyond_our_limit_ends_the_link) {
    one_end us;
    us.settings.max_sdu = 4;
    us.open();
    EXPECT_EQ(us.hear(data(51, 1000, "ab", true)), lines{"-> ACK #1001 ack 51"});
    EXPECT_EQ(us.hear(data(52, 1000, "cd", true)), lines{"-> ACK #1001 ack 52"});
    EXPECT_EQ(us.hear(data(53, 1000, "e")), (lines{"-> RST+ACK reason 4 #1001 ack 53", "ended protocol 4"}));
}

TEST(cat_tp_open, a_pdu_beyond_our_limit_is_not_taken) {
    one_end us;
    us.settings.max_pdu = 30;
    us.open();
    EXPECT_EQ(us.hear(data(51, 1000, "0123456789abc")), lines{"-> ACK #1001 ack 50"});
    EXPECT_EQ(us.hear(data(51, 1000, "0123456789ab")), (lines{"received 0123456789ab", "-> ACK #1001 ack 51"}));
}

TEST(cat_tp_open, an_sdu_is_cut_to_what_both_ends_take) {
    one_end us;
    us.settings.max_pdu = 22;  // raised to 23, the least: 5 octets of data
    us.open();
    EXPECT_EQ(us.send("hello, world"),
              (lines{"-> data hello SEG #1001 ack 50", "-> data , wor SEG #1002 ack 50", "-> data ld #1003 ack 50"}));
    EXPECT_EQ(us.hear(ack(51, 1002)), lines{});
    EXPECT_EQ(us.hear(ack(51, 1003)), lines{"acknowledged 1"});
    EXPECT_EQ(us.it().backlog(), 0u);
}

TEST(cat_tp_open, sdus_that_cannot_be_sent_are_refused_at_once) {
    one_end us;
    us.settings.backlog = 10;
    us.open(1);
    us.send("");
    EXPECT_FALSE(us.last);
    us.send(std::string(1001, 'x'));
    EXPECT_FALSE(us.last) << "the peer takes 1000 octets";
    us.send("0123456789ab");
    EXPECT_TRUE(us.last) << "a single one always fits";
    us.send("1");
    EXPECT_FALSE(us.last);
    us.hear(ack(51, 1001));
    us.send("1");
    EXPECT_TRUE(us.last);
}

TEST(cat_tp_open, the_peers_window_is_kept) {
    one_end us;
    us.open(2);
    EXPECT_EQ(us.send("a"), lines{"-> data a #1001 ack 50"});
    EXPECT_EQ(us.send("b"), lines{"-> data b #1002 ack 50"});
    EXPECT_EQ(us.send("c"), lines{});
    EXPECT_EQ(us.hear(ack(51, 1001, {}, 2)), (lines{"acknowledged 1", "-> data c #1003 ack 50"}));
    EXPECT_EQ(us.send("d"), lines{});
    EXPECT_EQ(us.hear(ack(51, 1001, {}, 3)), lines{"-> data d #1004 ack 50"}) << "a window update alone";
    EXPECT_EQ(us.send("e"), lines{});
    EXPECT_EQ(us.hear(ack(51, 1004, {}, 0)), (lines{"acknowledged 2", "acknowledged 3", "acknowledged 4"}));
    EXPECT_EQ(us.hear(ack(51, 1001, {}, 9)), lines{}) << "an old acknowledgement does not open it";
    EXPECT_EQ(us.hear(ack(51, 1004, {}, 1)), lines{"-> data e #1005 ack 50"});
}

TEST(cat_tp_open, an_acknowledgement_of_what_was_never_sent_is_foreign) {
    one_end us;
    us.open();
    us.send("a");
    EXPECT_EQ(us.hear(ack(51, 1002)), lines{"-> ACK #1002 ack 50"});
    EXPECT_EQ(us.hear(data(51, 1002, "x")), lines{"-> ACK #1002 ack 50"}) << "neither is its data taken";
    EXPECT_EQ(us.it().under_way(), 1u);
    EXPECT_EQ(us.hear(ack(51, 1001)), lines{"acknowledged 1"});
    EXPECT_EQ(us.hear(data(51, 900, "old news")), (lines{"received old news", "-> ACK #1002 ack 51"}));
}

TEST(cat_tp_open, data_carries_the_acknowledgement_that_is_owed) {
    one_end us;
    us.open(1);
    us.send("a");
    us.send("b");
    EXPECT_EQ(us.hear(data(51, 1001, "x")), (lines{"acknowledged 1", "received x", "-> data b #1002 ack 51"}));
}

TEST(cat_tp_open, data_carries_the_list_of_what_is_held) {
    one_end us;
    us.open();
    us.hear(data(52, 1000, "x"));
    EXPECT_EQ(us.send("a"), lines{"-> data a EACK 52 #1001 ack 50"});
    EXPECT_EQ(us.send(std::string(82, 'b')), lines{"-> data " + std::string(82, 'b') + " #1002 ack 50"})
        << "no room for it";
}

TEST(cat_tp_open, an_eack_that_found_no_room_follows_by_itself) {
    one_end us;
    us.open(1);
    const std::string full(82, 'b');
    us.send("a");
    us.send(full);
    EXPECT_EQ(us.hear(data(52, 1001, "x")),
              (lines{"acknowledged 1", "-> data " + full + " #1002 ack 50", "-> ACK EACK 52 #1003 ack 50"}));
}

TEST(cat_tp_open, a_hole_that_the_peer_tells_of_is_filled_before_its_time) {
    one_end us;
    us.open();
    for (const auto* each : {"a", "b", "c", "d", "e"}) us.send(each);
    EXPECT_EQ(us.hear(ack(51, 1000, {1002})), lines{});
    EXPECT_EQ(us.hear(ack(51, 1000, {1002, 1003})), lines{}) << "late, perhaps";
    EXPECT_EQ(us.hear(ack(51, 1000, {1002, 1003, 1004})), lines{"-> data a #1001 ack 50"});
    EXPECT_EQ(us.hear(ack(51, 1000, {1002, 1003, 1004, 1005})), lines{}) << "once only";
    EXPECT_EQ(us.hear(ack(51, 1005)),
              (lines{"acknowledged 1", "acknowledged 2", "acknowledged 3", "acknowledged 4", "acknowledged 5"}));
}

TEST(cat_tp_open, eack_numbers_that_were_never_sent_are_passed_over) {
    one_end us;
    us.open();
    us.send("a");
    us.send("b");
    EXPECT_EQ(us.hear(ack(51, 1000, {999, 1000, 1001, 1003, 40000, 0})), lines{});
    EXPECT_EQ(us.sleep(4s), (lines{"-> data a #1001 ack 50", "-> data b #1002 ack 50"}))
        << "nor is the first one held: it would be acknowledged";
}

TEST(cat_tp_open, numbers_go_round_at_65536) {
    for (std::uint16_t first = 65520; first != 5; ++first) {
        one_end us;
        us.first = first;
        us.open();
        for (std::uint16_t i = 1; i <= 40; ++i) {
            const auto number = static_cast<std::uint16_t>(first + i);
            EXPECT_EQ(us.send("x"), lines{"-> data x #" + std::to_string(number) + " ack 50"});
            EXPECT_EQ(us.hear(ack(51, number)), lines{"acknowledged " + std::to_string(i)});
        }
    }
    for (std::uint16_t theirs = 65520; theirs != 5; ++theirs) {
        link::actions out;
        link us({}, syn(theirs), 9, 9, time_point(1h), out);
        us.on_pdu(ack(static_cast<std::uint16_t>(theirs + 1), 9), time_point(1h), out);
        for (const int step : {2, 1, 4, 6, 5, 3, 8, 7}) {
            out.clear();
            us.on_pdu(data(static_cast<std::uint16_t>(theirs + step), 9, "x"), time_point(1h), out);
        }
        EXPECT_EQ(text_of(out).back(), "-> ACK #10 ack " + std::to_string(static_cast<std::uint16_t>(theirs + 8)));
        EXPECT_EQ(us.held(), 0u);
    }
}

TEST(cat_tp_open, a_pdu_from_another_address_is_plausible_only_inside_the_windows) {
    one_end us;
    us.open();
    us.hear(data(51, 1000, "x"));
    us.send("a");
    EXPECT_TRUE(us.it().plausible(ack(52, 1000)));
    EXPECT_TRUE(us.it().plausible(ack(52, 1001)));
    EXPECT_TRUE(us.it().plausible(data(51, 1000, "x"))) << "repeated, since our ACK went to the old address";
    EXPECT_FALSE(us.it().plausible(ack(52, 1002)));
    EXPECT_FALSE(us.it().plausible(ack(52, 900)));
    EXPECT_FALSE(us.it().plausible(ack(63, 1000)));
    EXPECT_FALSE(us.it().plausible(ack(41, 1000)));
    EXPECT_FALSE(us.it().plausible(syn(52)));
    EXPECT_TRUE(us.it().plausible(rst(52, 1000)));
    EXPECT_FALSE(us.it().plausible(rst(51, 1000)));
    EXPECT_FALSE(us.it().plausible(rst(52)));
    auto other = ack(52, 1000);
    other.source_port = 99;
    EXPECT_FALSE(us.it().plausible(other));
}

}  // namespace ota::cat_tp
