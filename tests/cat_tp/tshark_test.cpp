#include "secure-channel/cat_tp/pdu.hpp"

#include "tests/cat_tp/random_pdu.hpp"
#include "tests/cat_tp/two_links.hpp"
#include "tests/tshark/dissect.hpp"

#include <gtest/gtest.h>

#include <array>
#include <sstream>

// Our PDUs as Wireshark's dissector reads them.
namespace ota::cat_tp {
namespace {

constexpr std::array fields{"cattp.flags.syn",
                            "cattp.flags.ack",
                            "cattp.flags.eak",
                            "cattp.flags.rst",
                            "cattp.flags.nul",
                            "cattp.flags.seg",
                            "cattp.version",
                            "cattp.hlen",
                            "cattp.srcport",
                            "cattp.dstport",
                            "cattp.datalen",
                            "cattp.seq",
                            "cattp.ack",
                            "cattp.windowsize",
                            "cattp.checksum.status",
                            "cattp.idlen",
                            "cattp.identification",
                            "cattp.iccid",
                            "cattp.maxpdu",
                            "cattp.maxsdu",
                            "cattp.rc",
                            "cattp.eak",
                            "data.data",
                            "_ws.malformed",
                            "_ws.expert.message"};

using tshark::row;

bool flag(const row& r, const std::string& field) { return r.at(field) == "1" || r.at(field) == "True"; }
std::uint64_t number(const row& r, const std::string& field) {
    return r.at(field).empty() ? ~0ULL : std::stoull(r.at(field), nullptr, 0);
}

std::vector<row> dissect(const std::vector<wire::octets>& pdus) {
    return tshark::dissect(pdus, {"-u 40000,9000", "-d udp.port==9000,cattp"}, fields);
}

void expect_same(const row& r, const set_up& s) {
    EXPECT_EQ(number(r, "cattp.maxpdu"), s.max_pdu);
    EXPECT_EQ(number(r, "cattp.maxsdu"), s.max_sdu);
    EXPECT_EQ(number(r, "cattp.idlen"), s.identification.size());
    // One that looks like EF.ICCID is shown as a number in place of octets.
    if (!s.identification.empty() && r.at("cattp.iccid").empty()) {
        EXPECT_EQ(r.at("cattp.identification"), wire::to_hex(s.identification));
    }
}

void expect_same(const row& r, const reset& s) {
    EXPECT_EQ(number(r, "cattp.rc"), static_cast<std::uint64_t>(s.reason));
}

void expect_same(const row& r, const traffic& t) {
    EXPECT_EQ(flag(r, "cattp.flags.nul"), t.nul);
    EXPECT_EQ(flag(r, "cattp.flags.seg"), t.more);
    EXPECT_EQ(r.at("data.data"), wire::to_hex(t.data));
    std::vector<std::uint16_t> held;
    std::stringstream numbers(r.at("cattp.eak"));
    for (std::string one; std::getline(numbers, one, ',');)
        held.push_back(static_cast<std::uint16_t>(std::stoul(one, nullptr, 0)));
    EXPECT_EQ(held, t.held);
}

void expect_same(const row& r, const pdu& p) {
    EXPECT_EQ(r.at("_ws.malformed"), "");
    EXPECT_EQ(r.at("cattp.checksum.status"), "1");
    EXPECT_EQ(number(r, "cattp.version"), p.version);
    EXPECT_EQ(number(r, "cattp.hlen"), header_length(p));
    EXPECT_EQ(number(r, "cattp.srcport"), p.source_port);
    EXPECT_EQ(number(r, "cattp.dstport"), p.destination_port);
    EXPECT_EQ(number(r, "cattp.seq"), p.sequence);
    EXPECT_EQ(flag(r, "cattp.flags.ack"), p.acknowledgement.has_value());
    if (p.acknowledgement) {
        EXPECT_EQ(number(r, "cattp.ack"), *p.acknowledgement);
    }
    EXPECT_EQ(number(r, "cattp.windowsize"), p.window);
    EXPECT_EQ(flag(r, "cattp.flags.syn"), std::holds_alternative<set_up>(p.body));
    EXPECT_EQ(flag(r, "cattp.flags.rst"), std::holds_alternative<reset>(p.body));
    const auto* const t = std::get_if<traffic>(&p.body);
    EXPECT_EQ(flag(r, "cattp.flags.eak"), t && !t->held.empty());
    EXPECT_EQ(number(r, "cattp.datalen"), t ? t->data.size() : 0);
    std::visit([&](const auto& body) { expect_same(r, body); }, p.body);
}

TEST(tshark, reads_random_pdus_as_they_were_meant) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_pdus some(seed);
    std::vector<pdu> pdus;
    std::vector<wire::octets> written;
    for (int i = 0; i < 1000; ++i) {
        pdus.push_back(some.next());
        written.push_back(serialize(pdus.back()).value());
    }
    const auto rows = dissect(written);
    ASSERT_EQ(rows.size(), pdus.size()) << "this test needs tshark and text2pcap";
    for (std::size_t i = 0; i < pdus.size(); ++i) {
        SCOPED_TRACE(wire::to_hex(written[i]));
        expect_same(rows[i], pdus[i]);
    }
}

TEST(tshark, finds_the_same_checksums_wrong) {
    random_pdus some(127);
    std::vector<wire::octets> damaged;
    for (int i = 0; i < 100; ++i) {
        damaged.push_back(serialize(some.next()).value());
        damaged.back().back() ^= 0x40;
        EXPECT_FALSE(checksum_holds(damaged.back()));
    }
    const auto rows = dissect(damaged);
    ASSERT_EQ(rows.size(), damaged.size()) << "this test needs tshark and text2pcap";
    for (std::size_t i = 0; i < rows.size(); ++i)
        EXPECT_EQ(rows[i].at("cattp.checksum.status"), "0") << wire::to_hex(damaged[i]);
}

TEST(tshark, follows_two_links_on_a_rough_line) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::vector<wire::octets> heard;
    two_links both({.loss = 0.1, .duplication = 0.05, .reordering = 0.1}, seed);
    both.line.tap = &heard;
    both.card().settings.max_pdu = 300;
    both.card().settings.retries = both.card().settings.set_up_retries = both.server().settings.retries = 20;
    for (int i = 0; i < 10; ++i) {
        both.card().waiting.push_back(wire::octets(100, 0x55));
        both.server().waiting.push_back(wire::octets(3000, 0x66));
    }
    both.connect(65500);
    both.run_until([&] { return both.card().log.sdus.size() == 10 && both.server().log.sdus.size() == 10; });
    if (both.card().machine) both.work_pending(0, true);
    both.run_for(std::chrono::seconds(50));  // NUL
    both.close(0);
    both.run_until([&] { return both.both_over(); });
    const auto rows = dissect(heard);
    ASSERT_EQ(rows.size(), heard.size()) << "this test needs tshark and text2pcap";
    std::array<int, 4> seen{};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(wire::to_hex(heard[i]));
        expect_same(rows[i], parse(heard[i]).value());
        seen[0] += flag(rows[i], "cattp.flags.eak");
        seen[1] += flag(rows[i], "cattp.flags.seg");
        seen[2] += flag(rows[i], "cattp.flags.nul");
        seen[3] += flag(rows[i], "cattp.flags.rst");
    }
    for (const auto times : seen) EXPECT_GT(times, 0) << "EACK, SEG, NUL and RST were all said";
}

}  // namespace
}  // namespace ota::cat_tp
