#include "tests/cat_tp/two_links.hpp"

#include <gtest/gtest.h>

// Two links over a line without faults, and the same dialogue failing at each datagram.
namespace ota::cat_tp {
namespace {

using namespace std::chrono_literals;

wire::octets sdu(std::size_t length, std::uint8_t seed) {
    wire::octets out(length);
    for (std::size_t i = 0; i < length; ++i) out[i] = static_cast<std::uint8_t>(seed + i * 7);
    return out;
}

/// Questions and answers both ways, several PDUs each, then the card closes.
void talk(two_links& both) {
    both.card().settings.max_pdu = 200;
    for (std::uint8_t i = 0; i < 4; ++i) {
        both.card().waiting.push_back(sdu(50 + i * 300u, i));
        both.server().waiting.push_back(sdu(1000 - i * 300u, static_cast<std::uint8_t>(100 + i)));
    }
    both.connect(65530, 65533);
}

bool all_said(two_links& both) {
    return both.card().log.acknowledged.size() == 4 && both.server().log.acknowledged.size() == 4;
}

std::uint64_t datagrams_of_a_talk() {
    two_links both({}, 1);
    talk(both);
    EXPECT_TRUE(both.run_until([&] { return all_said(both); }));
    both.close(0);
    EXPECT_TRUE(both.run_until([&] { return both.both_over(); }));
    return both.line.count().sent;
}

void expect_all_heard(two_links& both) {
    ASSERT_EQ(both.server().log.sdus.size(), 4u);
    ASSERT_EQ(both.card().log.sdus.size(), 4u);
    for (std::uint8_t i = 0; i < 4; ++i) {
        EXPECT_EQ(both.server().log.sdus[i], sdu(50 + i * 300u, i));
        EXPECT_EQ(both.card().log.sdus[i], sdu(1000 - i * 300u, static_cast<std::uint8_t>(100 + i)));
    }
}

}  // namespace

TEST(cat_tp_two_links, talk_and_close) {
    two_links both({}, 1);
    talk(both);
    ASSERT_TRUE(both.run_until([&] { return all_said(both); }));
    expect_all_heard(both);
    EXPECT_EQ(both.card().log.acknowledged, (std::vector<std::uint64_t>{1, 2, 3, 4}));
    both.close(0);
    ASSERT_TRUE(both.run_until([&] { return both.both_over(); }));
    ASSERT_EQ(both.card().log.ends.size(), 1u);
    ASSERT_EQ(both.server().log.ends.size(), 1u);
    EXPECT_EQ(both.card().log.ends[0].why, close_cause::by_us);
    EXPECT_EQ(both.server().log.ends[0].why, close_cause::by_peer);
}

TEST(cat_tp_two_links, any_single_datagram_may_be_lost) {
    const auto datagrams = datagrams_of_a_talk();
    ASSERT_GT(datagrams, 40u);
    for (std::uint64_t nth = 1; nth <= datagrams; ++nth) {
        SCOPED_TRACE("datagram " + std::to_string(nth));
        two_links both({}, nth);
        both.line.lose(nth);
        talk(both);
        ASSERT_TRUE(both.run_until([&] { return all_said(both); }));
        expect_all_heard(both);
        both.close(0);
        ASSERT_TRUE(both.run_until([&] { return both.both_over(); })) << "idleness ends who did not hear the RST";
    }
}

TEST(cat_tp_two_links, a_line_that_goes_dead_at_any_datagram_ends_both_with_a_cause) {
    const auto datagrams = datagrams_of_a_talk();
    for (std::uint64_t nth = 1; nth <= datagrams; ++nth) {
        SCOPED_TRACE("datagram " + std::to_string(nth));
        two_links both({}, nth);
        both.line.cut_from(nth);
        talk(both);
        both.run_until([&] { return all_said(both); });
        both.close(0);
        both.run_until([&] { return both.both_over(); });
        ASSERT_TRUE(both.both_over());
        ASSERT_EQ(both.card().log.ends.size(), 1u);
        if (both.server().log.openings != 0) {
            ASSERT_EQ(both.server().log.ends.size(), 1u);
        }
        const auto why = both.card().log.ends[0].why;
        EXPECT_TRUE(why == close_cause::retries_exhausted || why == close_cause::by_us || why == close_cause::idle);
        if (why == close_cause::by_us) expect_all_heard(both);  // closing drains: nothing is missing where it succeeded
    }
}

TEST(cat_tp_two_links, closing_at_once_after_sending_loses_nothing) {
    two_links both({.loss = 0.2}, 11);
    both.card().settings.retries = both.card().settings.set_up_retries = 20;
    both.server().settings = both.card().settings;
    both.connect(7);
    ASSERT_TRUE(both.run_until([&] { return both.card().log.openings == 1; }));
    for (std::uint8_t i = 0; i < 20; ++i) both.card().waiting.push_back(sdu(5000, i));
    ASSERT_TRUE(both.run_until([&] { return both.card().waiting.empty(); }));
    both.close(0);
    ASSERT_TRUE(both.run_until([&] { return both.both_over(); }));
    EXPECT_EQ(both.server().log.sdus.size(), 20u);
    EXPECT_EQ(both.card().log.ends.at(0).why, close_cause::by_us);
}

TEST(cat_tp_two_links, a_server_that_restarts_is_noticed_by_the_next_word) {
    two_links both({}, 3);
    both.connect(7);
    ASSERT_TRUE(both.run_until([&] { return both.server().log.openings == 1; }));
    both.restart(1);
    both.card().waiting.push_back(sdu(10, 1));
    ASSERT_TRUE(both.run_until([&] { return !both.card().log.ends.empty(); }, 1s));
    EXPECT_EQ(both.card().log.ends[0].why, close_cause::half_open);
}

TEST(cat_tp_two_links, a_card_that_restarts_opens_again_by_itself) {
    for (std::uint16_t first = 0; first < 30; ++first) {  // the numbers in the old window among them
        two_links both({}, 3);
        both.connect(7);
        ASSERT_TRUE(both.run_until([&] { return both.server().log.openings == 1; }));
        both.restart(0);
        both.connect(first);
        const bool opened = both.run_until([&] { return both.server().log.openings == 2; }, 30s);
        ASSERT_EQ(both.server().log.ends.size(), first == 7 ? 0u : 1u) << first;
        if (first == 7) continue;  // the same number as before cannot be told from a repeated SYN
        EXPECT_EQ(both.server().log.ends[0].why, close_cause::half_open);
        const bool told = first > 7 && first <= 18;  // its SYN stood in the window: it is refused, and may try again
        EXPECT_EQ(opened, !told) << first;
        if (told) {
            EXPECT_EQ(both.card().log.ends.at(0).why, close_cause::refused);
        }
    }
}

TEST(cat_tp_two_links, keep_alive_holds_a_quiet_link_for_hours) {
    two_links both({.loss = 0.02}, 5);
    both.connect(7);
    ASSERT_TRUE(both.run_until([&] { return both.server().log.openings == 1; }));
    both.work_pending(1, true);
    both.run_for(12h);
    EXPECT_TRUE(both.card().log.ends.empty());
    EXPECT_TRUE(both.server().log.ends.empty());
    both.work_pending(1, false);
    EXPECT_TRUE(both.run_until([&] { return both.both_over(); }, 5min));
    const auto cards = both.card().log.ends.at(0).why, servers = both.server().log.ends.at(0).why;
    EXPECT_TRUE(cards == close_cause::idle || servers == close_cause::idle);
}

TEST(cat_tp_two_links, a_full_server_tells_the_card_to_come_again) {
    two_links both({}, 5);
    both.server().listens = false;
    both.connect(7);
    ASSERT_TRUE(both.run_until([&] { return !both.card().log.ends.empty(); }));
    EXPECT_EQ(both.card().log.ends[0].why, close_cause::refused);
    EXPECT_EQ(both.card().log.ends[0].reason, reset_reason::temporarily_unable);
}

}  // namespace ota::cat_tp
