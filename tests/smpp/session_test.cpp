#include "gateway/smpp/session.hpp"

#include "tests/smpp/samples.hpp"
#include "tests/smpp/wire_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace ota::smpp {
namespace {

using namespace testing_session;
using samples::message;

struct session_test : ::testing::Test {
    session machine{esme_settings()};
    actions out;
    time_point now = epoch;
};

TEST_F(session_test, binds_when_connected_and_says_when_it_is_bound) {
    machine.on_connected(now, out);
    const auto asked = the_pdu(out);
    EXPECT_EQ(asked.sequence_number, 1u);
    EXPECT_EQ(std::get<bind>(asked.what).system_id, "gateway");
    EXPECT_EQ(std::get<bind>(asked.what).interface_version, 0x34);
    EXPECT_FALSE(machine.can_submit());
    EXPECT_FALSE(machine.submit(message<submit_sm>(), 1, now, out));
    hear(machine, bind_resp{bind_kind::transceiver, "smsc", {}}, 0, 1, now, out);
    EXPECT_EQ(the_event<bound>(out).system_id, "smsc");
    EXPECT_TRUE(machine.can_submit());
}

TEST_F(session_test, ends_when_the_bind_is_refused) {
    machine.on_connected(now, out);
    hear(machine, bind_resp{bind_kind::transceiver, {}, {}}, 0x0E, the_pdu(out).sequence_number, now, out);
    const auto events = events_of(out);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(std::get<bind_refused>(events[0]).command_status, 0x0Eu);
    EXPECT_EQ(std::get<ended>(events[1]).reason, end_reason::bind_refused);
}

TEST_F(session_test, ends_when_the_bind_is_refused_by_generic_nack) {
    machine.on_connected(now, out);
    hear(machine, generic_nack{}, 3, the_pdu(out).sequence_number, now, out);
    EXPECT_EQ(only<bind_refused>(events_of(out)).at(0).command_status, 3u);
}

TEST_F(session_test, ends_when_the_bind_stays_unanswered) {
    machine.on_connected(now, out);
    pass(machine, now, 29s, out);
    EXPECT_TRUE(out.events.empty());
    pass(machine, now, 1s, out);
    EXPECT_EQ(the_event<ended>(out).reason, end_reason::bind_timeout);
}

TEST_F(session_test, submits_up_to_the_window_and_on_each_answer_one_more) {
    bind_esme(machine, now, out);
    for (std::uint64_t i = 0; i < 10; ++i) EXPECT_TRUE(machine.submit(message<submit_sm>(), i, now, out));
    EXPECT_EQ(machine.room(), 0u);
    EXPECT_FALSE(machine.submit(message<submit_sm>(), 10, now, out));
    const auto pdus = written(out);
    ASSERT_EQ(pdus.size(), 10u);
    hear(machine, submit_sm_resp{{"id-3", {}}}, 0, pdus[3].sequence_number, now + 5ms, out);
    const auto answer = the_event<answered>(out);
    EXPECT_EQ(answer.token, 3u);
    EXPECT_EQ(answer.message_id, "id-3");
    EXPECT_EQ(answer.waited, 5ms);
    EXPECT_TRUE(machine.submit(message<submit_sm>(), 10, now, out));
    EXPECT_EQ(machine.room(), 0u);
}

TEST_F(session_test, tells_the_status_and_the_congestion_of_an_answer) {
    bind_esme(machine, now, out);
    ASSERT_TRUE(machine.submit(message<submit_sm>(), 1, now, out));
    ASSERT_TRUE(machine.submit(message<submit_sm>(), 2, now, out));
    const auto pdus = written(out);
    hear(machine, submit_sm_resp{{"", {{tag::congestion_state, {85}}}}}, 0x58, pdus[0].sequence_number, now, out);
    const auto throttled = the_event<answered>(out);
    EXPECT_EQ(throttled.command_status, 0x58u);
    EXPECT_EQ(throttled.congestion, 85);
    hear(machine, generic_nack{}, 0, pdus[1].sequence_number, now, out);
    EXPECT_EQ(the_event<answered>(out).command_status, status::system_error);
}

TEST_F(session_test, reports_a_response_that_does_not_come_and_counts_it_when_it_comes_late) {
    bind_esme(machine, now, out);
    ASSERT_TRUE(machine.submit(message<submit_sm>(), 7, now, out));
    const auto sent = the_pdu(out);
    for (int i = 0; i < 29; ++i) {
        pass(machine, now, 1s, out);
        hear(machine, enquire_link_resp{}, 0, 999, now, out);
    }
    EXPECT_TRUE(events_of(out).empty());
    pass(machine, now, 1s, out);
    const auto late = the_event<unanswered>(out);
    EXPECT_EQ(late.token, 7u);
    EXPECT_TRUE(late.timed_out);
    hear(machine, submit_sm_resp{{"x", {}}}, 0, sent.sequence_number, now, out);
    EXPECT_TRUE(out.events.empty());
    EXPECT_EQ(machine.counters().stray_responses, 1u);
}

TEST_F(session_test, R4_answers_what_arrives_when_told_and_with_0x64_when_not_told_in_time) {
    bind_esme(machine, now, out);
    hear(machine, message<deliver_sm>(), 0, 21, now, out);
    hear(machine, samples::data_message(), 0, 22, now, out);
    const auto arrived = only<received>(events_of(out));
    ASSERT_EQ(arrived.size(), 2u);
    EXPECT_EQ(out.write.size(), 0u) << "nothing is answered before it is told to";
    EXPECT_TRUE(machine.answer(arrived[0].request, 0, {}, true, out));
    const auto answer = the_pdu(out);
    EXPECT_EQ(answer.sequence_number, 21u);
    EXPECT_EQ(answer.command_status, 0u);
    EXPECT_TRUE(std::holds_alternative<deliver_sm_resp>(answer.what));
    pass(machine, now, 5s, out);
    const auto refusal = the_pdu(out);
    EXPECT_EQ(refusal.sequence_number, 22u);
    EXPECT_EQ(refusal.command_status, 0x64u);
    EXPECT_TRUE(std::holds_alternative<data_sm_resp>(refusal.what));
    EXPECT_EQ(the_event<answered_late>(out).request, arrived[1].request);
    EXPECT_FALSE(machine.answer(arrived[1].request, 0, {}, true, out));
    EXPECT_EQ(out.write.size(), 0u);
}

TEST_F(session_test, answers_two_messages_that_carry_the_same_sequence_number) {
    bind_esme(machine, now, out);
    hear(machine, message<deliver_sm>(), 0, 5, now, out);
    hear(machine, message<deliver_sm>(), 0, 5, now, out);
    const auto arrived = only<received>(events_of(out));
    ASSERT_EQ(arrived.size(), 2u);
    EXPECT_NE(arrived[0].request, arrived[1].request);
    for (const auto& one : arrived) EXPECT_TRUE(machine.answer(one.request, 0, {}, true, out));
    EXPECT_EQ(written(out).size(), 2u);
}

TEST_F(session_test, refuses_more_unanswered_messages_than_it_may_hold) {
    auto settings = esme_settings();
    settings.open_requests = 2;
    session small(settings);
    bind_esme(small, now, out);
    for (std::uint32_t i = 1; i <= 3; ++i) hear(small, message<deliver_sm>(), 0, i, now, out);
    EXPECT_EQ(only<received>(events_of(out)).size(), 2u);
    EXPECT_EQ(the_pdu(out).command_status, 0x64u);
}

TEST_F(session_test, nacks_an_unknown_command_and_goes_on) {
    bind_esme(machine, now, out);
    machine.on_octets(samples::hex("000000140000005500000000000000090000abcd"), now, out);
    const auto answer = the_pdu(out);
    EXPECT_TRUE(std::holds_alternative<generic_nack>(answer.what));
    EXPECT_EQ(answer.command_status, 3u);
    EXPECT_EQ(answer.sequence_number, 9u);
    machine.on_octets(samples::hex("00000010800000550000000000000009"), now, out);
    EXPECT_EQ(out.write.size(), 0u) << "a response is never answered";
    EXPECT_TRUE(machine.is_bound());
}

TEST_F(session_test, closes_on_a_length_that_cannot_be) {
    bind_esme(machine, now, out);
    ASSERT_TRUE(machine.submit(message<submit_sm>(), 4, now, out));
    written(out);
    machine.on_octets(samples::hex("4745542f20485454502f312e310d0a0d"), now, out);
    EXPECT_TRUE(std::holds_alternative<generic_nack>(the_pdu(out).what));
    const auto events = events_of(out);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(std::get<unanswered>(events[0]).token, 4u);
    EXPECT_EQ(std::get<ended>(events[1]).reason, end_reason::unreadable);
}

TEST_F(session_test, reads_a_stream_cut_anywhere) {
    wire::octets stream;
    for (std::uint32_t i = 1; i <= 3; ++i) {
        const auto one = serialize({0, i, message<deliver_sm>()});
        stream.insert(stream.end(), one.begin(), one.end());
    }
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        session fresh(esme_settings());
        actions told;
        bind_esme(fresh, now, told);
        fresh.on_octets(wire::octet_view(stream).first(cut), now, told);
        fresh.on_octets(wire::octet_view(stream).subspan(cut), now, told);
        ASSERT_EQ(only<received>(events_of(told)).size(), 3u) << cut;
    }
    bind_esme(machine, now, out);
    for (auto octet : stream) machine.on_octets({&octet, 1}, now, out);
    EXPECT_EQ(only<received>(events_of(out)).size(), 3u);
}

TEST_F(session_test, unbinds_when_told_and_ends_with_the_answer) {
    bind_esme(machine, now, out);
    hear(machine, message<deliver_sm>(), 0, 30, now, out);
    events_of(out);
    machine.unbind(now, out);
    const auto pdus = written(out);
    ASSERT_EQ(pdus.size(), 2u);
    EXPECT_EQ(pdus[0].command_status, 0x64u) << "what waits for an answer comes again later";
    EXPECT_TRUE(std::holds_alternative<unbind>(pdus[1].what));
    hear(machine, message<deliver_sm>(), 0, 31, now, out);
    EXPECT_EQ(the_pdu(out).command_status, 0x64u);
    hear(machine, unbind_resp{}, 0, pdus[1].sequence_number, now, out);
    EXPECT_EQ(the_event<ended>(out).reason, end_reason::unbound);
}

TEST_F(session_test, ends_an_unbind_that_stays_unanswered) {
    bind_esme(machine, now, out);
    machine.unbind(now, out);
    pass(machine, now, 30s, out);
    EXPECT_EQ(the_event<ended>(out).reason, end_reason::unbound);
}

TEST_F(session_test, tolerates_what_is_not_meant_for_it) {
    bind_esme(machine, now, out);
    hear(machine, outbind{"a", "b"}, 0, 1, now, out);
    hear(machine, alert_notification{{1, 1, "49"}, {1, 1, "12"}, {}}, 0, 2, now, out);
    hear(machine, unbind_resp{}, 0, 3, now, out);
    hear(machine, generic_nack{}, 3, 4000, now, out);
    EXPECT_EQ(out.write.size(), 0u);
    EXPECT_TRUE(events_of(out).empty());
    hear(machine, message<submit_sm>(), 0, 5, now, out);
    EXPECT_EQ(the_pdu(out).command_status, status::wrong_bind_state);
    hear(machine, bind{}, 0, 6, now, out);
    EXPECT_EQ(the_pdu(out).command_status, status::wrong_bind_state);
    EXPECT_TRUE(machine.is_bound());
}

TEST_F(session_test, of_an_smsc_takes_submits_only_from_those_that_are_bound_for_it) {
    session smsc(smsc_settings());
    smsc.on_connected(now, out);
    hear(smsc, message<submit_sm>(), 0, 1, now, out);
    EXPECT_EQ(the_pdu(out).command_status, status::wrong_bind_state);
    bind as_receiver;
    as_receiver.kind = bind_kind::receiver;
    hear(smsc, as_receiver, 0, 2, now, out);
    EXPECT_EQ(the_event<bind_asked>(out).what.kind, bind_kind::receiver);
    smsc.answer_bind(0, "smsc", out);
    EXPECT_TRUE(std::holds_alternative<bind_resp>(the_pdu(out).what));
    hear(smsc, message<submit_sm>(), 0, 3, now, out);
    EXPECT_EQ(the_pdu(out).command_status, status::wrong_bind_state);
    hear(smsc, as_receiver, 0, 4, now, out);
    EXPECT_EQ(the_pdu(out).command_status, status::already_bound);
    EXPECT_TRUE(smsc.deliver(message<deliver_sm>(), 9, now, out));
    hear(smsc, deliver_sm_resp{{"", {}}}, 0x64, the_pdu(out).sequence_number, now, out);
    EXPECT_EQ(the_event<answered>(out).command_status, 0x64u);
}

TEST_F(session_test, of_an_smsc_that_refuses_a_bind_ends) {
    session smsc(smsc_settings());
    smsc.on_connected(now, out);
    hear(smsc, bind{}, 0, 2, now, out);
    events_of(out);
    smsc.answer_bind(0x0E, "", out);
    const auto refused = the_pdu(out);
    EXPECT_EQ(refused.command_status, 0x0Eu);
    EXPECT_EQ(the_event<ended>(out).reason, end_reason::bind_refused);
}

TEST_F(session_test, of_both_roles_understand_each_other) {
    session smsc(smsc_settings());
    actions theirs;
    smsc.on_connected(now, theirs);
    machine.on_connected(now, out);
    const auto exchange = [&] {
        while (out.write.size() != 0 || theirs.write.size() != 0) {
            auto to_smsc = out.write.take();
            out.write.buffer().clear();
            smsc.on_octets(to_smsc, now, theirs);
            for (auto& e : only<bind_asked>(theirs.events)) smsc.answer_bind(0, "for " + e.what.system_id, theirs);
            for (auto& e : only<received>(theirs.events))
                smsc.answer(e.request, 0, {"id-" + std::to_string(e.request), {}}, true, theirs);
            theirs.events.clear();
            auto to_esme = theirs.write.take();
            theirs.write.buffer().clear();
            machine.on_octets(to_esme, now, out);
        }
    };
    exchange();
    EXPECT_EQ(the_event<bound>(out).system_id, "for gateway");
    for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(machine.submit(message<submit_sm>(), i, now, out));
    exchange();
    const auto answers = only<answered>(events_of(out));
    ASSERT_EQ(answers.size(), 5u);
    EXPECT_EQ(answers[4].message_id, "id-5");
    machine.unbind(now, out);
    exchange();
    EXPECT_EQ(the_event<ended>(out).reason, end_reason::unbound);
}

// The same life of a session, broken off after each of its steps.
// --------------------------------------------------------

struct life {
    session machine{esme_settings()};
    actions out;
    time_point now = epoch;
    std::set<std::uint64_t> open;  ///< tokens of submits without a report
    std::vector<std::uint32_t> sequences;

    void note() {
        for (const auto& p : written(out)) sequences.push_back(p.sequence_number);
        for (const auto& e : events_of(out)) {
            if (const auto* a = std::get_if<answered>(&e)) told(a->token);
            if (const auto* u = std::get_if<unanswered>(&e)) told(u->token);
        }
    }
    void told(std::uint64_t token) { EXPECT_EQ(open.erase(token), 1u) << "token " << token; }
    void submit(std::uint64_t token) {
        if (machine.submit(message<submit_sm>(), token, now, out)) open.insert(token);
    }
};

const std::vector<std::function<void(life&)>> steps{
    [](life& l) { l.machine.on_connected(l.now, l.out); },
    [](life& l) {
        hear(l.machine, bind_resp{bind_kind::transceiver, "smsc", {}}, 0, 1, l.now, l.out);
    },
    [](life& l) { l.submit(1); },
    [](life& l) { l.submit(2); },
    [](life& l) {
        hear(l.machine, submit_sm_resp{{"a", {}}}, 0, 2, l.now, l.out);
    },
    [](life& l) { hear(l.machine, message<deliver_sm>(), 0, 70, l.now, l.out); },
    [](life& l) { l.submit(3); },
    [](life& l) { l.machine.answer(1, 0, {}, true, l.out); },
    [](life& l) { hear(l.machine, enquire_link{}, 0, 71, l.now, l.out); },
    [](life& l) {
        hear(l.machine, submit_sm_resp{{"", {}}}, 0x58, 3, l.now, l.out);
    },
    [](life& l) { pass(l.machine, l.now, 31s, l.out); },
    [](life& l) { l.machine.unbind(l.now, l.out); },
};

using ending = std::function<void(life&)>;

class broken_session : public ::testing::TestWithParam<int> {};

TEST_P(broken_session, reports_every_submit_once_and_binds_again) {
    const std::vector<ending> endings{
        [](life& l) { l.machine.on_disconnected(l.out); },
        [](life& l) { l.machine.on_octets(samples::hex("ffffffff"), l.now, l.out); },
        [](life& l) { hear(l.machine, unbind{}, 0, 80, l.now, l.out); },
        [](life& l) { l.machine.unbind(l.now, l.out); },
        [](life& l) { pass(l.machine, l.now, 90s, l.out); },
    };
    for (std::size_t broken_after = 1; broken_after <= steps.size(); ++broken_after) {
        life l;
        for (std::size_t i = 0; i < broken_after; ++i) {
            steps[i](l);
            l.note();
        }
        endings[static_cast<std::size_t>(GetParam())](l);
        l.note();
        l.machine.on_disconnected(l.out);
        l.note();
        EXPECT_TRUE(l.open.empty()) << "after step " << broken_after;
        l.machine.on_disconnected(l.out);
        EXPECT_TRUE(l.out.events.empty()) << "it ends once";
        bind_esme(l.machine, l.now, l.out);
        l.submit(99);
        EXPECT_EQ(l.open.size(), 1u) << "after step " << broken_after;
        EXPECT_EQ(l.machine.in_flight(), 1u);
    }
}

INSTANTIATE_TEST_SUITE_P(endings, broken_session, ::testing::Range(0, 5));

}  // namespace
}  // namespace ota::smpp
