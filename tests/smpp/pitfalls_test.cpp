#include "gateway/smpp/inbound.hpp"
#include "gateway/smpp/receipt.hpp"
#include "tests/smpp/board.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

// What users of SMPP clients suffer from most, one test each.
namespace ota::smpp {
namespace {

using namespace testing_session;
using bearer::receipt_state;
using bearer::submit_outcome;
using samples::hex;
using ::testing::ElementsAre;

deliver_sm receipt_with(std::string_view text, std::uint8_t esm_class = esm::delivery_receipt) {
    deliver_sm m;
    m.esm_class = esm_class;
    m.source = {1, 1, "491512345678"};
    m.short_message.assign(text.begin(), text.end());
    return m;
}

struct pitfall : ::testing::Test {
    session machine{esme_settings()};
    actions out;
    time_point now = epoch;
};

TEST_F(pitfall, 01_message_id_base_differs_between_response_and_receipt) {
    const id_forms forms{id_base::hexadecimal, id_base::decimal, false, false};
    const auto of_response = normalise_id("0000001A", forms.in_response, forms);
    const auto told = std::get<bearer::receipt>(classify(receipt_with("id:26 stat:DELIVRD"), forms).what);
    EXPECT_EQ(told.message_id, of_response);
    const id_forms reversed{id_base::decimal, id_base::hexadecimal, false, false};
    EXPECT_EQ(normalise_id("0000000026", reversed.in_response, reversed),
              normalise_id("1a", reversed.in_receipt, reversed));
}

TEST_F(pitfall, 02_id_normalisation_destroys_opaque_ids) {
    for (auto id : {"0012", "AbC", "c2f1e9d0-17a5-4f0e-9d3e-000000000001", "SAR-77"}) {
        EXPECT_EQ(normalise_id(id, id_base::as_is, {}), id);
        const auto told =
            std::get<bearer::receipt>(classify(receipt_with("id:" + std::string(id) + " stat:DELIVRD"), {}).what);
        EXPECT_EQ(told.message_id, id);
    }
}

TEST_F(pitfall, 03_receipt_overtakes_the_submit_response) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    b.submit(1);
    const auto sent = b.submits(0);
    b.hear(0, receipt_with("id:9 stat:DELIVRD"), 0, 60);
    ASSERT_EQ(b.delivered.size(), 1u) << "it is told though no response named the id yet";
    b.hear(0, submit_sm_resp{{"9", {}}}, 0, sent[0].sequence_number);
    EXPECT_EQ(b.submitted.at(0).message_id, std::get<bearer::receipt>(b.delivered[0].what).message_id);
}

TEST_F(pitfall, 04_receipt_text_does_not_match_the_parser) {
    const std::vector<std::pair<std::string, receipt_state>> texts{
        {"id:1 stat:DELIVRD", receipt_state::delivered},
        {"id:1 submit date:1 done date:2 stat:EXPIRED err:xyz Text:", receipt_state::expired},
        {"id:1 sub:1 dlvrd:1 submit date:20261122120000 done date:20261122120000 stat:undeliv err:4096",
         receipt_state::undeliverable},
        {"stat:REJECTD id:1", receipt_state::rejected},
        {"id:1 sub:001 dlvrd:001 submit date:2611221200 done date:2611221200 stat:ACCEPTD err:",
         receipt_state::accepted},
    };
    for (const auto& [text, state] : texts) {
        const auto told = std::get<bearer::receipt>(classify(receipt_with(text), {}).what);
        EXPECT_EQ(told.message_id, "1") << text;
        EXPECT_EQ(told.state, state) << text;
    }
    const auto garbage = classify(receipt_with("??"), {});
    EXPECT_EQ(std::get<bearer::receipt>(garbage.what).state, receipt_state::unknown);
}

TEST_F(pitfall, 05_network_error_code_misread) {
    EXPECT_EQ(parse_network_error(hex("0300d5")), 0xD5u);
    EXPECT_EQ(parse_network_error(wire::as_octets("034")), 34u);
    EXPECT_EQ(parse_network_error(hex("030400")), 0x400u);
    EXPECT_EQ(parse_network_error(hex("")), std::nullopt);
}

TEST_F(pitfall, 06_error_response_with_or_without_body) {
    bind_esme(machine, now, out);
    const std::vector<std::string> bodies{"",           "00",           "4142 00",          "4142",
                                          "0428000132", "000428000132", "4142000428000132", "04280005"};
    for (const auto& text : bodies) {
        ASSERT_TRUE(machine.submit(samples::message<submit_sm>(), 1, now, out));
        const auto sequence = the_pdu(out).sequence_number;
        std::string compact = text;
        std::erase(compact, ' ');
        const auto what = hex(compact);
        wire::writer w;
        w.u32(16 + what.size()).u32(0x80000004).u32(0x45).u32(sequence).put(what);
        machine.on_octets(w.take(), now, out);
        const auto told = the_event<answered>(out);
        EXPECT_EQ(told.command_status, 0x45u) << text;
        const bool with_congestion = compact.find("0428000132") != std::string::npos;
        EXPECT_EQ(told.congestion, with_congestion ? 0x32 : 0) << text;
    }
    EXPECT_TRUE(machine.is_bound());
}

TEST_F(pitfall, 07_malformed_tlvs_kill_the_session) {
    bind_esme(machine, now, out);
    auto m = samples::message<deliver_sm>();
    m.tlvs = {{tag::message_state, {2}}};
    const std::vector<std::pair<std::string, std::size_t>> tails{
        {"04240040aa", 1}, {"0424", 1}, {"00", 1}, {"00001e00023700", 2}};
    for (const auto& [tail, expected_tlvs] : tails) {
        auto with = m;
        if (tail.starts_with("00001e")) with.tlvs.clear();  // a stray NUL between short_message and the TLVs
        auto octets = serialize({0, 9, with});
        const auto extra = hex(tail.starts_with("00001e") ? "00"
                                                            "042700010200"
                                                            "1e00023700"
                                                          : tail);
        octets.insert(octets.end(), extra.begin(), extra.end());
        octets[2] = static_cast<std::uint8_t>(octets.size() >> 8);
        octets[3] = static_cast<std::uint8_t>(octets.size());
        machine.on_octets(octets, now, out);
        const auto arrived = the_event<received>(out);
        const auto& read = std::get<deliver_sm>(arrived.message);
        EXPECT_EQ(read.tlvs.size(), expected_tlvs) << tail;
        EXPECT_EQ(find_number(read.tlvs, tag::message_state, 1), 2u) << tail;
        EXPECT_TRUE(machine.answer(arrived.request, 0, {}, true, out));
        EXPECT_EQ(the_pdu(out).sequence_number, 9u);
    }
    EXPECT_TRUE(machine.is_bound());
    EXPECT_EQ(machine.counters().dropped_tlvs, 2u);
    // Cut in the mandatory part: answered with an error, and the session goes on.
    machine.on_octets(hex("00000014000000050000000000000030"
                          "00010134"),
                      now, out);
    const auto refused = the_pdu(out);
    EXPECT_TRUE(std::holds_alternative<deliver_sm_resp>(refused.what));
    EXPECT_EQ(refused.command_status, status::invalid_command_length);
    EXPECT_EQ(refused.sequence_number, 0x30u);
    EXPECT_TRUE(machine.is_bound());
}

TEST_F(pitfall, 08_throttling_handled_per_message) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    std::vector<bearer::submission> parts;
    for (std::uint8_t segment = 0; segment < 4; ++segment) {
        parts.push_back(b.message(1));
        parts.back().id.segment = segment;
        parts.back().user_data.back() = segment;
    }
    b.submit(parts);
    for (const auto& p : b.submits(0)) b.hear(0, submit_sm_resp{}, 0x14, p.sequence_number);
    EXPECT_TRUE(b.submitted.empty());
    b.submit(2);
    b.pass(900ms);
    EXPECT_TRUE(b.submits(0).empty()) << "a new message does not overtake on a paused route";
    std::vector<int> order;
    for (int i = 0; i < 300 && order.size() < 5; ++i) {
        b.pass(100ms);
        for (const auto& p : b.submits(0)) {
            order.push_back(std::get<submit_sm>(p.what).short_message.back());
            b.hear(0, submit_sm_resp{{"x", {}}}, 0, p.sequence_number);
        }
    }
    EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 0));
}

TEST_F(pitfall, 09_no_window_or_a_wrong_one) {
    bind_esme(machine, now, out);
    std::uint64_t taken = 0;
    while (machine.submit(samples::message<submit_sm>(), taken, now, out)) ++taken;
    EXPECT_EQ(taken, 10u);
    out.write.buffer().clear();
    for (int i = 0; i < 30; ++i) {
        pass(machine, now, 1s, out);
        hear(machine, enquire_link{}, 0, 500, now, out);
    }
    EXPECT_EQ(only<unanswered>(events_of(out)).size(), 10u) << "unanswered submits expire and make room";
    EXPECT_EQ(machine.room(), 10u);
}

TEST_F(pitfall, 10_sequence_number_races) {
    auto settings = esme_settings();
    settings.first_sequence = 0x7FFFFFFE;
    settings.window = 100;
    session near_the_end(settings);
    bind_esme(near_the_end, now, out);
    std::set<std::uint32_t> seen;
    for (std::uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(near_the_end.submit(samples::message<submit_sm>(), i, now, out));
    pass(near_the_end, now, 30s - 1ms, out);
    events_of(out);
    for (std::uint64_t i = 50; i < 100; ++i)
        ASSERT_TRUE(near_the_end.submit(samples::message<submit_sm>(), i, now, out));
    pass(near_the_end, now, 500ms, out);
    for (const auto& p : written(out)) {
        EXPECT_TRUE(seen.insert(p.sequence_number).second) << "given out twice: " << p.sequence_number;
        EXPECT_GE(p.sequence_number, 1u);
        EXPECT_LE(p.sequence_number, 0x7FFFFFFFu);
    }
    EXPECT_EQ(seen.size(), 101u) << "100 submits and an enquire_link";
}

TEST_F(pitfall, 11_enquire_link_abuse_and_neglect) {
    machine.on_connected(now, out);
    EXPECT_TRUE(std::holds_alternative<bind>(the_pdu(out).what));
    pass(machine, now, 25s, out);
    EXPECT_EQ(out.write.size(), 0u) << "never before the bind is answered";
    hear(machine, enquire_link{}, 0, 3, now, out);
    EXPECT_TRUE(std::holds_alternative<enquire_link_resp>(the_pdu(out).what)) << "the peer's is always answered";
    hear(machine, bind_resp{bind_kind::transceiver, "s", {}}, 0, 1, now, out);
    events_of(out);
    for (int i = 0; i < 10; ++i) {
        pass(machine, now, 29s, out);
        EXPECT_EQ(out.write.size(), 0u) << "a peer that talks is not asked";
        hear(machine, enquire_link{}, 0, 4, now, out);
        written(out);
    }
    pass(machine, now, 30s, out);
    const auto asked = the_pdu(out);
    EXPECT_TRUE(std::holds_alternative<enquire_link>(asked.what));
    hear(machine, enquire_link_resp{}, 0, asked.sequence_number, now, out);
    pass(machine, now, 29s, out);
    EXPECT_EQ(out.write.size(), 0u);
    pass(machine, now, 1s + 10s, out);
    EXPECT_EQ(written(out).size(), 2u) << "a miss is asked once more";
    EXPECT_TRUE(out.events.empty());
    pass(machine, now, 10s, out);
    EXPECT_EQ(the_event<ended>(out).reason, end_reason::enquire_unanswered);
}

TEST_F(pitfall, 12_response_on_the_wire_but_timed_out) {
    bind_esme(machine, now, out);
    ASSERT_TRUE(machine.submit(samples::message<submit_sm>(), 5, now, out));
    const auto sent = the_pdu(out);
    now += 60s;  // this thread was busy elsewhere; the response has been in the socket all the time
    machine.on_tick(now, out);
    EXPECT_TRUE(out.events.empty());
    hear(machine, submit_sm_resp{{"in time", {}}}, 0, sent.sequence_number, now, out);
    EXPECT_EQ(the_event<answered>(out).message_id, "in time");
}

TEST_F(pitfall, 13_registered_delivery_and_receipt_class_confusion) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    b.submit(1);
    EXPECT_EQ(std::get<submit_sm>(b.submits(0).at(0).what).registered_delivery, 0x01);
    b.hear(0, receipt_with("id:1 stat:DELIVRD", 0), 0, 70);  // esm_class forgotten
    b.hear(0, receipt_with("id:1 stat:ACCEPTD"), 0, 71);     // an extra state on the way
    b.hear(0, receipt_with("id:1", esm::intermediate_notification), 0, 72);
    data_sm by_data;
    by_data.esm_class = esm::delivery_receipt;
    by_data.tlvs = {{tag::receipted_message_id, {'1', 0}}, {tag::message_state, {2}}};
    b.hear(0, by_data, 0, 73);
    std::vector<receipt_state> states;
    for (const auto& d : b.delivered) states.push_back(std::get<bearer::receipt>(d.what).state);
    EXPECT_THAT(states, ElementsAre(receipt_state::delivered, receipt_state::accepted, receipt_state::enroute,
                                    receipt_state::delivered));
}

TEST_F(pitfall, 14_binary_header_and_dcs_mangled) {
    board b({route_named("a")});
    b.start();
    b.bind_link(0);
    wire::octets every_octet = hex("027000");
    for (int i = 0; every_octet.size() < 140; ++i) every_octet.push_back(static_cast<std::uint8_t>(i * 7));
    auto m = b.message(1);
    m.user_data = every_octet;
    b.submit({m});
    const auto sent = b.submits(0);
    const auto& on_wire = std::get<submit_sm>(sent.at(0).what);
    EXPECT_EQ(on_wire.short_message, every_octet);
    EXPECT_EQ(on_wire.data_coding, 0xF6);
    for (std::uint8_t esm_class : {0x40, 0x48, 0xC0}) {
        deliver_sm in;
        in.esm_class = esm_class;
        in.data_coding = 0xF6;
        in.source = {1, 1, "49"};
        in.tlvs = {{tag::message_payload, samples::proof}};
        b.hear(0, in, 0, 80);
        ASSERT_FALSE(b.delivered.empty());
        EXPECT_EQ(std::get<bearer::inbound_message>(b.delivered.back().what).user_data, samples::proof);
    }
    EXPECT_EQ(b.delivered.size(), 3u);
    deliver_sm empty;
    empty.esm_class = 0x40;
    b.hear(0, empty, 0, 81);
    EXPECT_EQ(b.delivered.size(), 3u) << "user data of no octets with a header announced is survived";
    EXPECT_EQ(b.status().counters.ignored, 1u);
}

TEST_F(pitfall, 15_reconnect_and_shutdown) {
    for (int life = 0; life < 3; ++life) {  // one session object binds again and again
        bind_esme(machine, now, out);
        ASSERT_TRUE(machine.submit(samples::message<submit_sm>(), 1, now, out));
        EXPECT_EQ(the_pdu(out).sequence_number, 2u);
        hear(machine, unbind{}, 0, 9, now, out);
        EXPECT_TRUE(std::holds_alternative<unbind_resp>(the_pdu(out).what)) << "written before the connection closes";
        const auto events = events_of(out);
        ASSERT_EQ(events.size(), 2u);
        EXPECT_TRUE(std::holds_alternative<unanswered>(events[0]));
        EXPECT_EQ(std::get<ended>(events[1]).reason, end_reason::peer_unbound);
    }
    // The connection is closed only behind the unbind_resp, also when the socket is still busy.
    switchboard busy({{route_named("a")}, 1});
    turn t;
    const moment at{epoch, {}};
    busy.start(at, t);
    busy.on_connected(0, at, t);
    ASSERT_THAT(t.write, ElementsAre(0u));  // the bind; not yet in the socket
    t.clear();
    busy.on_octets(0, serialize({0, 1, bind_resp{}}), at, t);
    busy.on_octets(0, serialize({0, 9, unbind{}}), at, t);
    EXPECT_TRUE(t.write.empty());
    EXPECT_TRUE(t.close.empty());
    busy.on_written(0, at, t);
    EXPECT_THAT(t.write, ElementsAre(0u));
    EXPECT_THAT(t.close, ElementsAre(0u));
}

}  // namespace
}  // namespace ota::smpp
