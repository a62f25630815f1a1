#include "gateway/smpp/pdu.hpp"

#include "gateway/smpp/errc.hpp"
#include "gateway/smpp/framing.hpp"
#include "tests/smpp/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::smpp {
namespace {

using samples::hex;

bool same(const pdu& a, const pdu& b) {
    return a.command_status == b.command_status && a.sequence_number == b.sequence_number && a.what == b.what;
}

TEST(pdu, of_every_kind_survives_the_wire) {
    for (const auto& sample : samples::all()) {
        const auto octets = serialize(sample);
        const auto read = parse(octets);
        ASSERT_TRUE(read) << wire::to_hex(octets);
        EXPECT_TRUE(same(read.value(), sample)) << wire::to_hex(octets);
        EXPECT_EQ(read.value().dropped_tlvs, 0);
    }
}

TEST(pdu, recorded_from_another_program_is_written_back_octet_for_octet) {
    for (auto text : {samples::bind_transceiver, samples::bind_transceiver_resp, samples::submit_command_packet,
                      samples::deliver_proof, samples::submit_resp_without_id, samples::deliver_resp}) {
        const auto read = parse(hex(text));
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(wire::to_hex(serialize(read.value())), text);
    }
}

TEST(pdu, of_a_command_packet_has_the_fields_of_the_record) {
    const auto read = parse(hex(samples::submit_command_packet));
    ASSERT_TRUE(read);
    const auto& m = std::get<submit_sm>(read.value().what);
    EXPECT_EQ(read.value().sequence_number, 15u);
    EXPECT_EQ(m.source, (address{1, 1, "12"}));
    EXPECT_EQ(m.destination, (address{1, 1, "23"}));
    EXPECT_EQ(m.esm_class, 0x40);
    EXPECT_EQ(m.protocol_id, 0x7F);
    EXPECT_EQ(m.data_coding, 0x04);
    EXPECT_EQ(m.short_message.size(), 61u);
    EXPECT_EQ(wire::to_hex(wire::octet_view(m.short_message).first(5)), "0270000038");
}

TEST(pdu, cut_anywhere_asks_for_more_and_is_never_read) {
    for (const auto& sample : samples::all()) {
        const auto octets = serialize(sample);
        for (std::size_t n = 0; n < octets.size(); ++n) {
            const auto prefix = wire::octet_view(octets).first(n);
            EXPECT_EQ(look(prefix).what, framing::more) << n;
            EXPECT_FALSE(parse(prefix)) << n;
        }
        EXPECT_EQ(look(octets).what, framing::whole);
        EXPECT_EQ(look(octets).length, octets.size());
    }
}

/// The body cut off at n octets, with a command_length that says so.
wire::octets shortened(wire::octets octets, std::size_t n) {
    octets.resize(n);
    octets[2] = static_cast<std::uint8_t>(n >> 8);
    octets[3] = static_cast<std::uint8_t>(n);
    return octets;
}

TEST(pdu, whose_mandatory_fields_are_cut_off_is_refused) {
    for (const auto& sample : samples::all()) {
        const bool has_mandatory =
            std::holds_alternative<submit_sm>(sample.what) || std::holds_alternative<deliver_sm>(sample.what) ||
            std::holds_alternative<data_sm>(sample.what) || std::holds_alternative<bind>(sample.what) ||
            std::holds_alternative<outbind>(sample.what) || std::holds_alternative<alert_notification>(sample.what);
        if (!has_mandatory) continue;
        auto bare = sample;
        std::visit(
            [](auto& what) {
                if constexpr (requires { what.tlvs; }) what.tlvs.clear();
            },
            bare.what);
        const auto octets = serialize(bare);
        for (std::size_t n = header_octets; n < octets.size(); ++n) {
            const auto read = parse(shortened(octets, n));
            ASSERT_FALSE(read) << wire::to_hex(octets) << " at " << n;
            EXPECT_EQ(read.error(), make_error_code(wire::errc::truncated));
        }
    }
}

TEST(pdu, with_an_octet_behind_it_is_refused) {
    for (const auto& sample : samples::all()) {
        auto octets = serialize(sample);
        octets.push_back(0);
        const auto read = parse(octets);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(), make_error_code(wire::errc::trailing_octets));
    }
}

TEST(pdu, of_an_unknown_command_is_named_as_such) {
    const auto read = parse(hex("00000010000000550000000000000001"));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), make_error_code(errc::unknown_command));
    EXPECT_THAT(read.error().message(), ::testing::HasSubstr("command_id"));
}

TEST(pdu, longer_than_a_short_message_rides_in_message_payload) {
    auto m = samples::message<submit_sm>();
    m.tlvs.clear();
    m.short_message.assign(300, 0x5A);
    const auto read = parse(serialize({0, 1, m}));
    ASSERT_TRUE(read);
    const auto& back = std::get<submit_sm>(read.value().what);
    EXPECT_TRUE(back.short_message.empty());
    EXPECT_EQ(wire::to_hex(content(back)), wire::to_hex(m.short_message));
}

TEST(pdu, never_carries_a_text_beyond_its_first_nul) {
    auto m = samples::message<submit_sm>();
    m.destination.digits = std::string(
        "49\0"
        "151",
        6);
    const auto read = parse(serialize({0, 1, m}));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<submit_sm>(read.value().what).destination.digits, "49");
}

TEST(framing, refuses_lengths_that_cannot_be) {
    EXPECT_EQ(look(hex("0000000f")).what, framing::absurd);
    EXPECT_EQ(look(hex("00000000")).what, framing::absurd);
    EXPECT_EQ(look(hex("47455420")).what, framing::absurd);
    EXPECT_EQ(look(hex("00011171")).what, framing::absurd);
    EXPECT_EQ(look(hex("00011170")).what, framing::more);
    EXPECT_EQ(look(hex("000000")).what, framing::more);
}

TEST(tables, know_the_classes_of_the_statuses_that_steer_sending) {
    using enum status_class;
    for (auto code : {0x58u, 0x14u}) EXPECT_EQ(describe(code).kind, throttle);
    for (auto code : {0x08u, 0x45u, 0x64u, 0xFEu, 0xFFu}) EXPECT_EQ(describe(code).kind, temporary);
    for (auto code : {0x03u, 0x04u, 0x05u, 0x0Du, 0x0Eu, 0x0Fu}) EXPECT_EQ(describe(code).kind, session);
    for (auto code : {0x01u, 0x0Au, 0x0Bu, 0x62u, 0x65u, 0xC4u, 0x104u, 0x410u, 0x99999u})
        EXPECT_EQ(describe(code).kind, permanent);
    EXPECT_EQ(describe(0).kind, success);
    EXPECT_EQ(describe(0x0B).name, "ESME_RINVDSTADR");
    EXPECT_EQ(describe(0x410).name, "vendor");
    for (std::uint32_t code = 0; code < 0x500; ++code) EXPECT_FALSE(describe(code).sentence.empty());
}

}  // namespace
}  // namespace ota::smpp
