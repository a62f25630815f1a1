#include "tests/smpp/board.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::smpp {
namespace {

using namespace testing_session;
using bearer::submit_outcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(switchboard, spreads_over_the_binds_of_a_route_and_takes_answers_on_any) {
    auto r = route_named("a");
    r.binds = 2;
    board b({r});
    b.start();
    EXPECT_THAT(b.connects, ElementsAre(0u, 1u));
    b.bind_link(0);
    b.bind_link(1);
    std::vector<bearer::submission> batch;
    for (int i = 1; i <= 4; ++i) batch.push_back(b.message(i));
    b.submit(batch);
    EXPECT_EQ(b.submits(0).size(), 2u);
    EXPECT_EQ(b.submits(1).size(), 2u);
    EXPECT_EQ(b.status().window, 8u);
    EXPECT_EQ(b.status().window_used, 4u);
    b.disconnect(0);
    EXPECT_EQ(b.status().binds_up, 1u);
    b.submit(5);
    EXPECT_EQ(b.submits(1).size(), 1u);
}

TEST(switchboard, of_a_pair_submits_on_the_transmitter_and_hears_on_the_receiver) {
    auto r = route_named("a");
    r.mode = bind_mode::transmitter_receiver;
    board b({r});
    b.start();
    ASSERT_THAT(b.connects, ElementsAre(0u, 1u));
    b.connect(0);
    EXPECT_EQ(std::get<bind>(b.sent[0].at(0).what).kind, bind_kind::transmitter);
    b.hear(0, bind_resp{bind_kind::transmitter, "s", {}}, 0, 1);
    b.bind_link(1);
    b.sent.clear();
    b.submit(1);
    EXPECT_EQ(b.submits(0).size(), 1u);
    EXPECT_THAT(b.submits(1), IsEmpty());
    auto m = samples::message<deliver_sm>();
    m.short_message = samples::proof;
    b.hear(1, m, 0, 50);
    ASSERT_EQ(b.delivered.size(), 1u);
    b.answer(b.delivered[0].token, true);
    EXPECT_TRUE(std::holds_alternative<deliver_sm_resp>(b.sent[1].at(0).what));
    EXPECT_EQ(b.status().binds_up, 1u);
    EXPECT_EQ(b.status().binds_configured, 1u);
}

TEST(switchboard, delivers_what_is_ours_and_answers_the_rest_itself) {
    auto r = route_named("a");
    r.ids = {id_base::hexadecimal, id_base::decimal, false, false};
    board b({r});
    b.start();
    b.bind_link(0);
    deliver_sm chat;
    chat.short_message = {'h', 'i'};
    b.hear(0, chat, 0, 40);
    EXPECT_TRUE(b.delivered.empty());
    ASSERT_EQ(b.sent[0].size(), 1u);
    EXPECT_EQ(b.sent[0][0].command_status, 0u);
    EXPECT_EQ(b.status().counters.ignored, 1u);
    b.sent.clear();

    deliver_sm receipt;
    receipt.esm_class = esm::delivery_receipt;
    receipt.source = {1, 1, "491512345678"};
    const std::string_view text = "id:255 stat:DELIVRD err:000";
    receipt.short_message.assign(text.begin(), text.end());
    b.hear(0, receipt, 0, 41);
    ASSERT_EQ(b.delivered.size(), 1u);
    const auto& told = std::get<bearer::receipt>(b.delivered[0].what);
    EXPECT_EQ(told.message_id, "255");
    EXPECT_TRUE(b.sent[0].empty());
    b.answer(b.delivered[0].token, false);
    EXPECT_EQ(b.sent[0].at(0).command_status, 0x64u);

    b.submit(1);
    const auto sent = b.submits(0);
    b.hear(0, submit_sm_resp{{"000000FF", {}}}, 0, sent[0].sequence_number);
    EXPECT_EQ(b.submitted.at(0).message_id, told.message_id);
}

TEST(switchboard, R4_says_0x64_for_what_is_not_answered_within_five_seconds) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    auto m = samples::message<deliver_sm>();
    m.short_message = samples::proof;
    b.hear(0, m, 0, 50);
    b.pass(4900ms);
    EXPECT_TRUE(b.sent[0].empty());
    b.pass(100ms);
    ASSERT_EQ(b.sent[0].size(), 1u);
    EXPECT_EQ(b.sent[0][0].command_status, 0x64u);
    EXPECT_EQ(b.status().counters.unanswered, 1u);
    b.answer(b.delivered.at(0).token, true);
    EXPECT_EQ(b.sent[0].size(), 1u) << "too late";
}

TEST(switchboard, ignores_an_answer_for_a_connection_that_is_gone) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    auto m = samples::message<deliver_sm>();
    m.short_message = samples::proof;
    b.hear(0, m, 0, 50);
    b.disconnect(0);
    b.pass(2s);
    b.bind_link(0);
    b.hear(0, m, 0, 50);
    ASSERT_EQ(b.delivered.size(), 2u);
    b.answer(b.delivered[0].token, true);
    EXPECT_TRUE(b.sent[0].empty());
    b.answer(b.delivered[1].token, true);
    EXPECT_EQ(b.sent[0].size(), 1u);
    b.answer(0xFFFFFFFFFFFFFFFF, true);
    EXPECT_EQ(b.sent[0].size(), 1u);
}

TEST(switchboard, reconnects_later_and_later_and_names_the_fault_without_the_password) {
    board b({route_named("a")});
    b.start();
    for (int i = 0; i < 8; ++i) {
        b.disconnect(0);
        b.pass(61s);
        EXPECT_EQ(b.connects.size(), static_cast<std::size_t>(i) + 2);
    }
    b.connect(0);
    b.hear(0, bind_resp{}, 0x0E, 1);
    EXPECT_THAT(b.status().last_fault, ::testing::HasSubstr("ESME_RINVPASWD"));
    EXPECT_THAT(b.status().last_fault, ::testing::Not(::testing::HasSubstr("secret")));
    const auto before = b.connects.size();
    b.pass(59s);
    EXPECT_EQ(b.connects.size(), before);
    b.pass(2s);
    EXPECT_EQ(b.connects.size(), before + 1);
}

TEST(switchboard, binds_again_when_the_smsc_says_that_it_is_not_bound) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    b.submit(1);
    const auto sent = b.submits(0);
    b.hear(0, submit_sm_resp{}, 0x04, sent[0].sequence_number);
    EXPECT_THAT(b.outcomes(submit_outcome::temporary), ElementsAre(1));
    ASSERT_EQ(b.sent[0].size(), 1u);
    b.hear(0, unbind_resp{}, 0, b.sent[0][0].sequence_number);
    EXPECT_THAT(b.closed, ElementsAre(0u));
    b.pass(2s);
    EXPECT_EQ(b.connects.size(), 2u);
}

TEST(switchboard, refills_a_busy_window_in_lumps_but_never_waits_longer_than_a_fifth_of_a_millisecond) {
    auto r = route_named("a");
    r.window = 8;
    board b({r});
    b.start();
    b.bind_link(0);
    std::vector<bearer::submission> batch;
    for (int i = 1; i <= 20; ++i) batch.push_back(b.message(i));
    b.submit(batch);
    const auto sent = b.submits(0);
    ASSERT_EQ(sent.size(), 8u);
    for (std::size_t i = 0; i < 3; ++i) b.hear(0, submit_sm_resp{{"x", {}}}, 0, sent[i].sequence_number);
    EXPECT_THAT(b.submits(0), IsEmpty());
    EXPECT_EQ(b.machine.wake_at(b.now), b.now + 200us);
    EXPECT_TRUE(b.machine.gathering(0, b.now)) << "answers may be read together";
    EXPECT_FALSE(b.machine.gathering(0, b.now + 200us));
    b.hear(0, submit_sm_resp{{"x", {}}}, 0, sent[3].sequence_number);
    EXPECT_EQ(b.submits(0).size(), 4u);
    EXPECT_FALSE(b.machine.gathering(0, b.now));
    b.hear(0, submit_sm_resp{{"x", {}}}, 0, sent[4].sequence_number);
    EXPECT_THAT(b.submits(0), IsEmpty());
    b.pass(1ms);
    EXPECT_EQ(b.submits(0).size(), 1u);
}

TEST(switchboard, shuts_down_with_a_word_for_every_message) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    for (int i = 1; i <= 6; ++i) b.submit(i);
    b.pass(100ms);
    const auto sent = b.submits(0);
    ASSERT_EQ(sent.size(), 4u);
    b.shut_down();
    EXPECT_THAT(b.outcomes(submit_outcome::not_sent), ElementsAre(5, 6));
    EXPECT_TRUE(b.sent[0].empty()) << "it waits for the responses";
    b.submit(7);
    EXPECT_THAT(b.outcomes(submit_outcome::not_sent), ElementsAre(5, 6, 7));
    for (std::size_t i = 0; i < 3; ++i) b.hear(0, submit_sm_resp{{"x", {}}}, 0, sent[i].sequence_number);
    b.hear(0, submit_sm_resp{}, 0x58, sent[3].sequence_number);
    EXPECT_THAT(b.outcomes(submit_outcome::not_sent), ElementsAre(5, 6, 7, 4));
    ASSERT_EQ(b.sent[0].size(), 1u);
    EXPECT_TRUE(std::holds_alternative<unbind>(b.sent[0][0].what));
    EXPECT_FALSE(b.machine.finished());
    b.hear(0, unbind_resp{}, 0, b.sent[0][0].sequence_number);
    EXPECT_TRUE(b.machine.finished());
    EXPECT_EQ(b.connects.size(), 1u) << "it does not come back";
}

TEST(switchboard, that_gives_up_reports_unknown_for_what_has_no_answer) {
    board b({route_named("a"), route_named("b")});
    b.start();
    b.bind_link(0);
    b.submit(1);
    b.sent.clear();
    b.shut_down();
    EXPECT_TRUE(b.sent[0].empty());
    b.give_up();
    ASSERT_EQ(b.sent[0].size(), 1u);
    EXPECT_TRUE(std::holds_alternative<unbind>(b.sent[0][0].what));
    b.hear(0, unbind_resp{}, 0, b.sent[0][0].sequence_number);
    EXPECT_THAT(b.outcomes(submit_outcome::unknown), ElementsAre(1));
    EXPECT_TRUE(b.machine.finished());
}

TEST(switchboard, reports_each_message_once_wherever_its_life_is_cut) {
    for (int cut = 0; cut < 12; ++cut) {
        auto r = route_named("a");
        r.binds = 2;
        board b({r});
        b.start();
        int step = 0;
        const auto breaks = [&](link_id id) {
            if (step++ == cut) b.disconnect(id);
        };
        b.bind_link(0);
        breaks(0);
        b.bind_link(1);
        breaks(1);
        std::vector<bearer::submission> batch;
        for (int i = 1; i <= 10; ++i) batch.push_back(b.message(i));
        b.submit(batch);
        for (int round = 0; round < 5; ++round) {
            for (link_id id : {0u, 1u}) {
                breaks(id);
                b.answer_all(id, round == 0 ? 0x58 : 0);
            }
            b.pass(3s);
        }
        b.shut_down();
        b.give_up();
        b.disconnect(0);
        b.disconnect(1);
        std::vector<std::int64_t> told;
        for (const auto& s : b.submitted) told.push_back(s.id.packet);
        std::ranges::sort(told);
        EXPECT_THAT(told, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)) << "cut at " << cut;
    }
}

}  // namespace
}  // namespace ota::smpp
