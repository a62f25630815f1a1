#include "tests/smpp/samples.hpp"
#include "tests/tshark/dissect.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

// Our PDUs as Wireshark's dissector reads them.
namespace ota::smpp {
namespace {

constexpr std::array fields{"smpp.command_id",      "smpp.command_length",
                            "smpp.command_status",  "smpp.sequence_number",
                            "smpp.system_id",       "smpp.password",
                            "smpp.source_addr_ton", "smpp.source_addr_npi",
                            "smpp.source_addr",     "smpp.destination_addr",
                            "smpp.protocol_id",     "smpp.data_coding",
                            "smpp.sm_length",       "smpp.message",
                            "smpp.message_id",      "smpp.esm.submit.features",
                            "smpp.message_payload", "smpp.user_message_reference",
                            "smpp.service_type",    "smpp.priority_flag",
                            "smpp.regdel.receipt",  "_ws.malformed"};

using tshark::row;

std::uint64_t number(const row& r, const std::string& field) { return std::stoull(r.at(field), nullptr, 0); }

std::vector<row> dissect(const std::vector<wire::octets>& pdus) {
    return tshark::dissect(
        pdus,
        {"-T 40000,2775",
         "-d tcp.port==2775,smpp -o tcp.desegment_tcp_streams:FALSE -o tcp.analyze_sequence_numbers:FALSE"},
        fields);
}

void expect_message(const row& r, const message_fields& m) {
    EXPECT_EQ(r.at("smpp.source_addr"), m.source.digits);
    EXPECT_EQ(number(r, "smpp.source_addr_ton"), m.source.ton);
    EXPECT_EQ(number(r, "smpp.source_addr_npi"), m.source.npi);
    EXPECT_EQ(r.at("smpp.destination_addr"), m.destination.digits);
    EXPECT_EQ(number(r, "smpp.protocol_id"), m.protocol_id);
    EXPECT_EQ(number(r, "smpp.data_coding"), m.data_coding);
    EXPECT_EQ(number(r, "smpp.priority_flag"), m.priority_flag);
    EXPECT_EQ(r.at("smpp.service_type"), m.service_type);
    EXPECT_EQ(number(r, "smpp.sm_length"), m.short_message.size());
    EXPECT_EQ(r.at("smpp.message"), wire::to_hex(m.short_message));
}

TEST(tshark, reads_every_pdu_as_it_was_meant) {
    const auto samples = samples::all();
    std::vector<wire::octets> pdus;
    for (const auto& s : samples) pdus.push_back(serialize(s));
    const auto rows = dissect(pdus);
    ASSERT_EQ(rows.size(), samples.size()) << "this test needs tshark and text2pcap";
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto& r = rows[i];
        SCOPED_TRACE(wire::to_hex(pdus[i]));
        EXPECT_EQ(r.at("_ws.malformed"), "");
        EXPECT_EQ(number(r, "smpp.command_id"), static_cast<std::uint64_t>(id_of(samples[i].what)));
        EXPECT_EQ(number(r, "smpp.command_length"), pdus[i].size());
        EXPECT_EQ(number(r, "smpp.sequence_number"), samples[i].sequence_number);
        if (!r.at("smpp.command_status").empty()) {
            EXPECT_EQ(number(r, "smpp.command_status"), samples[i].command_status);
        }
        if (const auto* b = std::get_if<bind>(&samples[i].what)) {
            EXPECT_EQ(r.at("smpp.system_id"), b->system_id);
            EXPECT_EQ(r.at("smpp.password"), b->password);
        }
        if (const auto* m = std::get_if<submit_sm>(&samples[i].what)) expect_message(r, *m);
        if (const auto* m = std::get_if<deliver_sm>(&samples[i].what)) expect_message(r, *m);
        if (std::holds_alternative<data_sm>(samples[i].what)) {
            EXPECT_EQ(r.at("smpp.message_payload"), wire::to_hex(samples::proof));
        }
        if (const auto* a = std::get_if<submit_sm_resp>(&samples[i].what)) {
            EXPECT_EQ(r.at("smpp.message_id"), a->message_id);
        }
    }
}

TEST(tshark, reads_random_submits_as_they_were_meant) {
    std::mt19937 random(20261122);
    std::vector<submit_sm> messages;
    std::vector<wire::octets> pdus;
    for (int i = 0; i < 300; ++i) {
        auto m = samples::message<submit_sm>();
        m.tlvs.clear();
        m.source = {static_cast<std::uint8_t>(random() % 7), static_cast<std::uint8_t>(random() % 2),
                    std::to_string(random() % 100000)};
        m.destination.digits = "49" + std::to_string(random());
        m.short_message.resize(1 + random() % 254);
        for (auto& octet : m.short_message) octet = static_cast<std::uint8_t>(random());
        m.data_coding = random() % 2 == 0 ? 0xF6 : 0x04;
        m.esm_class = 0x40;
        m.short_message[0] = 2;  // a header that the dissector can follow
        if (m.short_message.size() < 4) m.short_message = samples::hex("02700000");
        m.short_message[1] = 0x70;
        m.short_message[2] = 0;
        pdus.push_back(serialize({0, static_cast<std::uint32_t>(i + 1), m}));
        messages.push_back(std::move(m));
    }
    const auto rows = dissect(pdus);
    ASSERT_EQ(rows.size(), messages.size()) << "this test needs tshark and text2pcap";
    for (std::size_t i = 0; i < rows.size(); ++i) expect_message(rows[i], messages[i]);
}

}  // namespace
}  // namespace ota::smpp
