#include "tests/cat_tp/spoken.hpp"

#include <gtest/gtest.h>

// The event table of TS 102 127, 5.4: LISTEN, SYN-SENT and SYN-RCVD.
namespace ota::cat_tp {
namespace {

using namespace spoken;
using state = link::state;
using verdict = first_look_result::verdict;

std::string looked_at(const pdu& p, bool room = true) {
    const auto seen = first_look(p, 200, room);
    if (seen.is == verdict::set_up) return "set up";
    return seen.is == verdict::ignore ? "ignored" : text_of(parse(seen.answer).value());
}

}  // namespace

TEST(cat_tp_listen, a_syn_for_our_port_is_taken) { EXPECT_EQ(looked_at(syn(50)), "set up"); }

TEST(cat_tp_listen, a_syn_that_cannot_be_taken_is_told_why) {
    EXPECT_EQ(looked_at(syn(50, {}, 22)), "RST+ACK reason 1 #0 ack 50") << "no PDU would fit 22 octets";
    EXPECT_EQ(looked_at(syn(50, {}, 23)), "set up");
    EXPECT_EQ(looked_at(syn(50), false), "RST+ACK reason 2 #0 ack 50");
    auto elsewhere = syn(50);
    elsewhere.destination_port = 201;
    EXPECT_EQ(looked_at(elsewhere), "RST+ACK reason 3 #0 ack 50");
    auto newer = syn(50);
    newer.version = 1;
    EXPECT_EQ(looked_at(newer), "RST+ACK reason 6 #0 ack 50");
}

TEST(cat_tp_listen, what_belongs_to_an_unknown_connection_gets_an_rst_in_its_window) {
    EXPECT_EQ(looked_at(ack(51, 1000)), "RST reason 4 #1001");
    EXPECT_EQ(looked_at(data(51, 65535, "x")), "RST reason 4 #0");
    EXPECT_EQ(looked_at(nul(51, 1000)), "RST reason 4 #1001");
    EXPECT_EQ(looked_at(syn(50, 1000)), "RST reason 4 #1001");
    auto newer = ack(51, 1000);
    newer.version = 2;
    EXPECT_EQ(looked_at(newer), "RST reason 6 #1001");
}

TEST(cat_tp_listen, an_rst_is_never_answered) {
    for (int reason = 0; reason < 256; ++reason) {
        EXPECT_EQ(looked_at(rst(50, {}, static_cast<reset_reason>(reason))), "ignored");
        EXPECT_EQ(looked_at(rst(50, 1000, static_cast<reset_reason>(reason))), "ignored");
    }
    auto newer = rst(50);
    newer.version = 3;
    EXPECT_EQ(looked_at(newer), "ignored");
}

TEST(cat_tp_listen, the_answer_goes_back_to_where_it_came_from) {
    const auto answer = parse(first_look(ack(51, 1000), 200, true).answer).value();
    EXPECT_EQ(answer.source_port, 200);
    EXPECT_EQ(answer.destination_port, 100);
}

TEST(cat_tp_syn_sent, syn_carries_our_limits_and_identification) {
    one_end us;
    EXPECT_EQ(us.connect(), lines{"-> SYN 1400 65535 id 6964 #1000"});
    EXPECT_EQ(us.it().now_in(), state::syn_sent);
    EXPECT_FALSE(us.it().plausible(ack(51, 1000)));
}

TEST(cat_tp_syn_sent, syn_ack_opens) {
    one_end us;
    us.connect();
    EXPECT_EQ(us.hear(syn(50, 1000)), (lines{"opened 100 1000", "-> ACK #1001 ack 50"}));
    EXPECT_EQ(us.it().now_in(), state::open);
    EXPECT_EQ(us.it().max_sdu(), 1000);
    EXPECT_EQ(us.hear(syn(50, 1000)), lines{"-> ACK #1001 ack 50"}) << "our ACK was lost: the same again";
}

TEST(cat_tp_syn_sent, a_wrong_acknowledgement_gets_an_rst_and_changes_nothing) {
    one_end us;
    us.connect();
    EXPECT_EQ(us.hear(syn(50, 999)), lines{"-> RST reason 4 #1000"});
    EXPECT_EQ(us.hear(ack(51, 1001)), lines{"-> RST reason 4 #1002"});
    EXPECT_EQ(us.hear(data(51, 65535, "x")), lines{"-> RST reason 4 #0"});
    EXPECT_EQ(us.hear(rst(51, 999)), lines{}) << "the end of somebody else's";
    EXPECT_EQ(us.it().now_in(), state::syn_sent);
    EXPECT_EQ(us.hear(syn(50, 1000)).size(), 2u);
}

TEST(cat_tp_syn_sent, an_rst_refuses) {
    for (const bool with_acknowledgement : {true, false}) {
        one_end us;
        us.connect();
        const auto word = with_acknowledgement ? rst(0, 1000, reset_reason::temporarily_unable)
                                               : rst(0, {}, reset_reason::temporarily_unable);
        EXPECT_EQ(us.hear(word), lines{"ended refused 2"});
        EXPECT_EQ(us.it().now_in(), state::closed);
        EXPECT_EQ(us.it().due(), std::nullopt);
        EXPECT_EQ(us.hear(syn(50, 1000)), lines{});
    }
}

TEST(cat_tp_syn_sent, both_ends_may_open_at_once) {
    one_end us;
    us.connect();
    EXPECT_EQ(us.hear(syn(50)), lines{"-> SYN+ACK 1400 65535 id 6964 #1000 ack 50"});
    EXPECT_EQ(us.it().now_in(), state::syn_received);
    EXPECT_EQ(us.hear(syn(50, 1000)), (lines{"opened 100 1000", "-> ACK #1001 ack 50"}));
}

TEST(cat_tp_syn_sent, a_peer_that_takes_no_pdu_is_left) {
    one_end us;
    us.connect();
    EXPECT_EQ(us.hear(syn(50, 1000, 22)), (lines{"-> RST reason 1 #1001", "ended protocol 1"}));
}

TEST(cat_tp_syn_sent, plain_acknowledgements_and_other_ports_say_nothing) {
    one_end us;
    us.connect();
    EXPECT_EQ(us.hear(ack(51, 1000)), lines{});
    auto other = syn(50, 1000);
    other.source_port = 101;
    EXPECT_EQ(us.hear(other), lines{});
    other = syn(50, 1000);
    other.version = 1;
    EXPECT_EQ(us.hear(other), lines{});
    EXPECT_EQ(us.it().now_in(), state::syn_sent);
}

TEST(cat_tp_syn_sent, syn_is_repeated_ever_more_seldom_and_given_up) {
    one_end us;
    us.connect();
    auto wait = patience::span(3s);
    for (int tries = 0; tries < 4; ++tries, wait *= 2) {
        EXPECT_TRUE(between(us.it().due(), us.now, wait));
        EXPECT_EQ(us.sleep(), lines{"-> SYN 1400 65535 id 6964 #1000"});
    }
    EXPECT_EQ(us.sleep(), (lines{"-> RST reason 5 #1001", "ended retries exhausted 5"}));
    EXPECT_EQ(us.it().now_in(), state::close_wait);
}

TEST(cat_tp_syn_received, syn_ack_has_no_identification) {
    one_end us;
    EXPECT_EQ(us.listen(), lines{"-> SYN+ACK 1400 65535 #1000 ack 50"});
    EXPECT_EQ(us.it().now_in(), state::syn_received);
    EXPECT_EQ(us.send("early"), lines{});
    EXPECT_FALSE(us.last);
}

TEST(cat_tp_syn_received, the_acknowledgement_opens) {
    one_end us;
    us.listen();
    EXPECT_EQ(us.hear(ack(51, 1000)), lines{"opened 100 1000"});
    EXPECT_EQ(us.it().now_in(), state::open);
}

TEST(cat_tp_syn_received, data_in_the_pdu_that_opens_is_not_lost) {
    one_end us;
    us.listen();
    EXPECT_EQ(us.hear(data(51, 1000, "first")), (lines{"opened 100 1000", "received first", "-> ACK #1001 ack 51"}));
    one_end late;
    late.listen();
    EXPECT_EQ(late.hear(data(52, 1000, "b")), (lines{"opened 100 1000", "-> ACK EACK 52 #1001 ack 50"}));
    EXPECT_EQ(late.hear(data(51, 1000, "a")), (lines{"received a", "received b", "-> ACK #1001 ack 52"}));
}

TEST(cat_tp_syn_received, a_repeated_syn_gets_the_same_answer_however_often) {
    one_end us;
    const auto answer = us.listen();
    const auto due = us.it().due();
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(us.hear(syn(50)), answer);
    EXPECT_EQ(us.it().due(), due) << "who repeats SYN does not keep the record alive";
    EXPECT_EQ(us.hear(ack(51, 1000)), lines{"opened 100 1000"});
}

TEST(cat_tp_syn_received, what_is_outside_the_window_is_told_where_we_stand) {
    one_end us;
    us.listen();
    EXPECT_EQ(us.hear(data(50, 1000, "old")), lines{"-> ACK #1001 ack 50"});
    EXPECT_EQ(us.hear(data(61, 1000, "far")), lines{"-> ACK #1001 ack 50"});
    EXPECT_EQ(us.hear(syn(4000)), lines{"-> ACK #1001 ack 50"}) << "the peer began anew: it will answer with an RST";
    EXPECT_EQ(us.it().now_in(), state::syn_received);
    EXPECT_EQ(us.hear(rst(51)), lines{"ended refused 0"});
}

TEST(cat_tp_syn_received, eack_or_a_wrong_acknowledgement_gets_an_rst) {
    one_end us;
    us.listen();
    EXPECT_EQ(us.hear(ack(51, 999)), lines{"-> RST reason 4 #1000"});
    EXPECT_EQ(us.hear(ack(51, 1001)), lines{"-> RST reason 4 #1002"});
    EXPECT_EQ(us.hear(ack(51, 1000, {1002})), lines{"-> RST reason 4 #1001"});
    EXPECT_EQ(us.hear(syn(50, 7)), lines{"-> RST reason 4 #8"});
    EXPECT_EQ(us.it().now_in(), state::syn_received);
    EXPECT_EQ(us.hear(ack(51, 1000)), lines{"opened 100 1000"});
}

TEST(cat_tp_syn_received, another_syn_in_the_window_is_a_peer_that_began_anew) {
    one_end us;
    us.listen();
    EXPECT_EQ(us.hear(syn(55)), (lines{"-> RST+ACK reason 4 #1001 ack 55", "ended half open 4"}));
    EXPECT_EQ(us.it().now_in(), state::closed);
}

TEST(cat_tp_syn_received, syn_ack_is_repeated_and_given_up) {
    one_end us;
    us.listen();
    for (int tries = 0; tries < 4; ++tries) EXPECT_EQ(us.sleep(), lines{"-> SYN+ACK 1400 65535 #1000 ack 50"});
    EXPECT_EQ(us.sleep(), (lines{"-> RST+ACK reason 5 #1001 ack 50", "ended retries exhausted 5"}));
}

TEST(cat_tp_syn_received, can_be_closed) {
    one_end us;
    us.listen();
    EXPECT_EQ(us.close(), (lines{"-> RST+ACK reason 0 #1001 ack 50", "ended by us 0"}));
    EXPECT_EQ(us.hear(ack(51, 1000)), lines{}) << "CLOSE-WAIT drops what comes";
    EXPECT_EQ(us.close(), lines{});
}

}  // namespace ota::cat_tp
