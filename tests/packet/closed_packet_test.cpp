#include "gateway/packet/packet_tool.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <sstream>

/// Packets whose keys nobody has at hand: what stands in the clear is told, and nothing of the rest is guessed.
namespace ota::packet_tool {

namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kic_key = "200102030405060708090a0b0c0d0e0f";
const std::string kid_key = "201102030405060708090a0b0c0d0e0f";
const std::string ciphered =
    "00381516192222b00000b72adad78cebbb484f3a335611b2abdb0180af56e948d8388d421c099322b25996ddf5ed93e8a5a2117aa2ee7d8416"
    "da";
const std::string ciphered_answer =
    "027100002412b000003373984dd37e7955239f8b8f535a0408fe8d8c43f1757e17ef7ee9f3c82f502c";

struct ran {
    int status;
    std::string out, err;
    [[nodiscard]] boost::json::object object() const { return boost::json::parse(out).as_object(); }
};

ran run_with(const std::vector<std::string>& arguments) {
    std::istringstream in;
    std::ostringstream out, err;
    const auto status = run(arguments, in, out, err);
    return {status, out.str(), err.str()};
}

std::string sealed_with(const std::string& spi, const std::string& kic, const std::string& kid) {
    auto text = run_with({"seal", "--spi", spi, "--kic", kic, "--kid", kid, "--kic-key", kic_key, "--kid-key", kid_key,
                          "--tar", "b00011", "--cntr", "0000000107", "--data", "00a4080c02"})
                    .out;
    if (!text.empty()) text.pop_back();
    return text;
}

}  // namespace

TEST(closed_packet, of_a_ciphered_command_the_clear_part_is_told_and_what_is_missing) {
    const auto r = run_with({"open", ciphered});
    EXPECT_EQ(r.status, 1) << "it was not opened";
    const auto o = r.object();
    EXPECT_EQ(o.at("cpl"), 0x38);
    EXPECT_EQ(o.at("chl"), 0x15);
    EXPECT_EQ(o.at("spi"), "1619");
    EXPECT_EQ(o.at("kic"), "22");
    EXPECT_EQ(o.at("kid"), "22");
    EXPECT_EQ(o.at("tar"), "b00000");
    EXPECT_EQ(o.at("ciphered_octets"), 48);
    EXPECT_EQ(o.at("verified"), false);
    EXPECT_EQ(o.at("reason"), "keys-needed");
    EXPECT_EQ(o.at("missing"), "ciphered: keys are needed (kic_key of version 2, kid_key of version 2)");
    for (const auto* secured : {"cntr", "pcntr", "data", "script"}) EXPECT_FALSE(o.contains(secured)) << secured;
}

TEST(closed_packet, fields_of_spi_are_named_in_opened_and_closed_packets_alike) {
    const auto closed = run_with({"open", ciphered}).object();
    const auto opened = run_with({"open", "--kic-key", kic_key, "--kid-key", kid_key, ciphered}).object();
    EXPECT_EQ(closed.at("spi_fields"),
              boost::json::parse(R"({"integrity":"cryptographic-checksum","ciphered":true,"counter":"higher",)"
                                 R"("por":"always","por_integrity":"cryptographic-checksum","por_ciphered":true,)"
                                 R"("por_by":"deliver-report"})"));
    for (const auto* clear : {"cpl", "chl", "spi", "spi_fields", "kic", "kid", "tar"})
        EXPECT_EQ(opened.at(clear), closed.at(clear)) << clear;
    const auto other = run_with({"open", sealed_with("0122", "00", "01")}).object();
    EXPECT_EQ(other.at("spi_fields"),
              boost::json::parse(R"({"integrity":"redundancy-check","ciphered":false,"counter":"none",)"
                                 R"("por":"on-error","por_integrity":"none","por_ciphered":false,"por_by":"submit"})"));
    EXPECT_EQ(other.at("verified"), true) << "a redundancy check takes no key";
}

TEST(closed_packet, one_key_of_two_is_not_enough_and_the_other_is_asked_for) {
    const auto without_kid = run_with({"open", "--kic-key", kic_key, ciphered}).object();
    EXPECT_EQ(without_kid.at("missing"), "ciphered: keys are needed (kid_key of version 2)");
    EXPECT_FALSE(without_kid.contains("cntr")) << "nobody can tell whether the key is the right one";
    const auto without_kic = run_with({"open", "--kid-key", kid_key, ciphered}).object();
    EXPECT_EQ(without_kic.at("missing"), "ciphered: keys are needed (kic_key of version 2)");
}

TEST(closed_packet, a_clear_command_is_read_whole_though_its_checksum_cannot_be_verified) {
    const auto o = run_with({"open", sealed_with("1219", "10", "12")}).object();
    EXPECT_EQ(o.at("cntr"), "0000000107");
    EXPECT_EQ(o.at("pcntr"), 0);
    EXPECT_EQ(o.at("data"), "00a4080c02");
    EXPECT_EQ(o.at("verified"), false);
    EXPECT_EQ(o.at("reason"), "keys-needed");
    EXPECT_EQ(o.at("missing"), "in the clear, not verified: keys are needed (kid_key of version 1)");
    EXPECT_FALSE(o.contains("ciphered_octets"));
}

TEST(closed_packet, user_data_of_short_messages_is_joined_and_its_header_told) {
    const auto one = run_with({"open", "027000" + ciphered}).object();
    EXPECT_EQ(one.at("udh"), "027000");
    EXPECT_EQ(one.at("cpl"), 0x38);
    const std::string first = "0700030702017000" + ciphered.substr(0, 40),
                      second = "050003070202" + ciphered.substr(40);
    auto both = run_with({"open", second, first, "--kic-key", kic_key, "--kid-key", kid_key});
    EXPECT_EQ(both.status, 0) << both.err;
    EXPECT_EQ(both.object().at("udh"), "0700030702017000");
    EXPECT_EQ(both.object().at("cntr"), "0000000005");
    const auto half = run_with({"open", first});
    EXPECT_EQ(half.status, 2);
    EXPECT_THAT(half.err, HasSubstr("parts of the command are missing"));
    EXPECT_EQ(run_with({"open", ciphered, ciphered}).status, 2);
    EXPECT_EQ(run_with({"open", ciphered_answer}).status, 1) << "a response";
}

TEST(closed_packet, on_a_data_bearer_lengths_are_told_as_they_were_sent) {
    auto sealing =
        run_with({"seal", "--framing", "data", "--spi", "1619", "--kic", "12", "--kid", "12", "--kic-key", kic_key,
                  "--kid-key", kid_key, "--tar", "b00011", "--cntr", "0000000001", "--data", std::string(300, '0')})
            .out;
    sealing.pop_back();
    const auto o = run_with({"open", "--framing", "data", sealing}).object();
    EXPECT_EQ(o.at("cpl").as_int64(), static_cast<std::int64_t>(sealing.size() / 2 - 3));
    EXPECT_EQ(o.at("chl"), 21);
    EXPECT_FALSE(o.contains("udh"));
}

TEST(closed_packet, an_algorithm_that_is_not_offered_leaves_the_clear_part_too) {
    auto implicit = ciphered;
    implicit.replace(10, 2, "20");
    const auto o = run_with({"open", "--kic-key", kic_key, "--kid-key", kid_key, implicit}).object();
    EXPECT_EQ(o.at("reason"), "not-offered");
    EXPECT_THAT(std::string(o.at("missing").as_string()), HasSubstr("names no algorithm"));
    EXPECT_EQ(o.at("tar"), "b00000");
}

TEST(closed_packet, of_a_response_without_keys_the_clear_part_is_told) {
    for (const auto& arguments : {std::vector<std::string>{"open-response", ciphered_answer},
                                  {"open-response", "--spi2", "19", "--kic", "22", "--kid", "22", ciphered_answer},
                                  {"open-response", "--framing", "data", "02" + ciphered_answer.substr(8)}}) {
        const auto r = run_with(arguments);
        EXPECT_EQ(r.status, 1);
        const auto o = r.object();
        EXPECT_EQ(o.at("rpl"), 0x24);
        EXPECT_EQ(o.at("rhl"), 0x12);
        EXPECT_EQ(o.at("tar"), "b00000");
        EXPECT_EQ(o.at("octets_after_tar"), 32);
        EXPECT_EQ(o.at("reason"), "keys-needed");
        EXPECT_THAT(std::string(o.at("missing").as_string()), HasSubstr("kic_key, kid_key"));
        EXPECT_FALSE(o.contains("cntr"));
        EXPECT_FALSE(o.contains("status"));
    }
}

TEST(closed_packet, what_is_ciphered_without_a_check_is_not_shown_as_if_it_were_clear) {
    const auto o = run_with({"open-response", "02710000170ab00000b72adad78cebbb484f3a335611b2abdb0180af"}).object();
    EXPECT_EQ(o.at("reason"), "keys-needed");
    EXPECT_FALSE(o.contains("cntr"));
}

TEST(closed_packet, malformed_packet_is_refused_with_and_without_keys) {
    for (const auto& bad : {ciphered + "00", ciphered.substr(0, ciphered.size() - 2), std::string("00"),
                            "0037" + ciphered.substr(4, ciphered.size() - 6), "0038ff" + ciphered.substr(6),
                            "003814" + ciphered.substr(6), std::string(40, 'f')}) {
        const auto r = run_with({"open", bad});
        EXPECT_EQ(r.status, 1) << bad;
        EXPECT_THAT(r.out, IsEmpty()) << bad;
        EXPECT_THAT(r.err, HasSubstr("otagw packet: ")) << bad;
    }
    EXPECT_EQ(run_with({"open-response", ciphered_answer + "00"}).status, 1);
    EXPECT_THAT(run_with({"open-response", ciphered_answer + "00"}).out, IsEmpty());
    const auto wrong_key = run_with({"open", "--kic-key", "0001", "--kid-key", kid_key, ciphered});
    EXPECT_THAT(wrong_key.err, HasSubstr("the key's length does not fit"));
}

}  // namespace ota::packet_tool
