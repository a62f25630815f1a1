#include "gateway/packet/packet_tool.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <sstream>

namespace ota::packet_tool {

namespace {

struct ran {
    int status;
    std::string out, err;
    [[nodiscard]] boost::json::object object() const { return boost::json::parse(out).as_object(); }
};

ran run_with(const std::vector<std::string>& arguments, const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream out, err;
    const auto status = run(arguments, in, out, err);
    return {status, out.str(), err.str()};
}

const std::string kic_key = "200102030405060708090a0b0c0d0e0f";
const std::string kid_key = "201102030405060708090a0b0c0d0e0f";
const std::string packet =
    "00381516192222b00000b72adad78cebbb484f3a335611b2abdb0180af56e948d8388d421c099322b25996ddf5ed93e8a5a2117aa2ee7d8416"
    "da";
const std::string answer = "027100002412b000003373984dd37e7955239f8b8f535a0408fe8d8c43f1757e17ef7ee9f3c82f502c";

std::vector<std::string> sealing(const std::string& spi = "1619") {
    return {"seal",
            "--spi",
            spi,
            "--kic",
            "22",
            "--kid",
            "22",
            "--kic-key",
            kic_key,
            "--kid-key",
            kid_key,
            "--tar",
            "B00000",
            "--cntr",
            "0000000005",
            "--data",
            "00a40004022f9900d6000003aabbcc00b0000004"};
}

}  // namespace

TEST(packet_tool, seal_prints_the_packet) {
    const auto r = run_with(sealing());
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out, packet + "\n");
}

TEST(packet_tool, open_prints_what_is_inside) {
    const auto r = run_with({"open", "--kic-key", kic_key, "--kid-key", kid_key, packet});
    EXPECT_EQ(r.status, 0) << r.err;
    const auto o = r.object();
    EXPECT_EQ(o.at("tar"), "b00000");
    EXPECT_EQ(o.at("cntr"), "0000000005");
    EXPECT_EQ(o.at("pcntr"), 14);
    EXPECT_EQ(o.at("data"), "00a40004022f9900d6000003aabbcc00b0000004");
    EXPECT_EQ(o.at("verified"), true);
    EXPECT_EQ(o.at("script").at("commands").as_array().size(), 3u);
}

TEST(packet_tool, open_response_reads_the_answer_with_and_without_spi2) {
    for (const bool with_spi2 : {true, false}) {
        std::vector<std::string> arguments{"open-response", "--kic", "22",        "--kid", "22",
                                           "--kic-key",     kic_key, "--kid-key", kid_key, answer};
        if (with_spi2) arguments.insert(arguments.begin() + 1, {"--spi2", "19"});
        const auto r = run_with(arguments);
        EXPECT_EQ(r.status, 0) << r.err;
        const auto o = r.object();
        EXPECT_EQ(o.at("status"), 0);
        EXPECT_EQ(o.at("data"), "039000aabbcc03");
        EXPECT_EQ(o.at("verified"), true);
        EXPECT_EQ(o.at("script").at("executed"), 3);
        EXPECT_EQ(o.at("script").at("answers").at(0).at("sw"), "9000");
    }
}

TEST(packet_tool, parts_of_a_response_may_come_in_any_order) {
    const std::string first =
        "070003010201710000e412b0000051d4f80b0ad144fd26449f68112acad717f9d694a0541e30cca194b31246e1e32634ef2c49696fe6bb"
        "aa4d552b"
        "7672ec7d42393d20f00d5cc44fa667bc9d2e7a3781698e290b30a0fd4eede0b6cb34c8e5f833b6ee5ed49eeb07597cd6955f93901d4bf4"
        "c095c652"
        "d32a3bf39eb8763ac408c8b9f8808ef7b3cd68f0afe9";
    const std::string second =
        "050003010202cd8f17837aa9402693835a159d161035fa64fd8ebb2891fb986469da4c4d82fa63a3123b96ff15446e0045f9e90d238a01"
        "6042e1b2"
        "472e44e858c621d9d313a6215af24415122a9ca92ada3f1ac4f8c63a1a8a6a23143ab2ed9543399b65a2e2e211";
    const std::vector<std::string> options{"open-response", "--spi2", "39",        "--kic", "22", "--kid", "22",
                                           "--kic-key",     kic_key,  "--kid-key", kid_key};
    auto whole = options;
    whole.insert(whole.end(), {second, first});
    const auto r = run_with(whole);
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.object().at("cntr"), "0000000003");
    auto half = options;
    half.push_back(second);
    EXPECT_EQ(run_with(half).status, 2);
}

TEST(packet_tool, check_that_does_not_hold_is_a_failure_with_a_reason) {
    const auto wrong = run_with({"open", "--kic-key", kic_key, "--kid-key", kic_key, packet});
    EXPECT_EQ(wrong.status, 1);
    EXPECT_EQ(wrong.object().at("verified"), false);
    EXPECT_EQ(wrong.object().at("reason"), "mismatch");
    const auto bare =
        run_with({"open-response", "--spi2", "19", "--kic", "22", "--kid", "22", "027100000b0ab0001000000000000006"});
    EXPECT_EQ(bare.status, 1);
    EXPECT_EQ(bare.object().at("reason"), "unsecured");
    const auto unasked = run_with({"open-response", "027100000b0ab0001000000000000006"});
    EXPECT_EQ(unasked.status, 0);
    EXPECT_TRUE(unasked.object().at("verified").is_null());
    EXPECT_EQ(unasked.object().at("status"), 6);
}

TEST(packet_tool, malformed_packet_fails) {
    const auto r = run_with({"open", "--kic-key", kic_key, "--kid-key", kid_key, packet + "00"});
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(r.out.empty());
    EXPECT_NE(r.err.find("length"), std::string::npos);
    EXPECT_EQ(run_with(sealing("1719")).status, 1) << "a digital signature";
}

TEST(packet_tool, wrong_usage_ends_with_2) {
    EXPECT_EQ(run_with({}).status, 2);
    EXPECT_EQ(run_with({"seal"}).status, 2);
    EXPECT_EQ(run_with({"unseal"}).status, 2);
    EXPECT_EQ(run_with({"open"}).status, 2);
    EXPECT_EQ(run_with(sealing("16")).status, 2);
    EXPECT_EQ(run_with({"open", "--mac-length", "5", packet}).status, 2);
    EXPECT_EQ(run_with({"open", "xyz"}).status, 2);
}

TEST(packet_tool, help_is_good_and_names_every_option) {
    EXPECT_EQ(run_with({"--help"}).status, 0);
    const auto help = run_with({"seal", "--help"});
    EXPECT_EQ(help.status, 0);
    for (const auto* option :
         {"--spi", "--kic", "--kid", "--kic-key", "--kid-key", "--tar", "--cntr", "--mac-length", "--data"})
        EXPECT_NE(help.out.find(option), std::string::npos) << option;
    EXPECT_NE(run_with({"batch", "--help"}).out.find("open-response"), std::string::npos);
}

TEST(packet_tool, keys_never_reach_a_complaint) {
    const std::string canary = "c0ffeec0ffeec0ffeec0ffeec0ffee";
    for (const auto& bad : {canary, canary + "zz"}) {
        auto arguments = sealing();
        arguments[8] = bad;
        arguments[10] = bad;
        const auto r = run_with(arguments);
        EXPECT_NE(r.status, 0);
        EXPECT_EQ((r.out + r.err).find("c0ffee"), std::string::npos) << r.err;
    }
}

TEST(packet_tool, batch_answers_every_line) {
    const auto r = run_with(
        {"batch"},
        R"({"do":"seal","spi":"1619","kic":"22","kid":"22","kic_key":")" + kic_key + R"(","kid_key":")" + kid_key +
            R"(","tar":"b00000","cntr":"0000000005","mac_length":8,"data":"00a40004022f9900d6000003aabbcc00b0000004"})"
            "\n\nnonsense\n" +
            R"({"do":"open","hex":")" + packet + R"(","kic_key":")" + kic_key + R"(","kid_key":")" + kid_key + "\"}\n" +
            R"({"do":"open-response","hex":[")" + answer + R"("],"kic":"22","kid":"22","kic_key":")" + kic_key +
            R"(","kid_key":")" + kid_key + "\"}");
    EXPECT_EQ(r.status, 0);
    std::istringstream lines(r.out);
    std::vector<boost::json::object> answers;
    for (std::string line; std::getline(lines, line);) answers.push_back(boost::json::parse(line).as_object());
    ASSERT_EQ(answers.size(), 4u);
    EXPECT_EQ(answers[0].at("packet").as_string(), packet);
    EXPECT_TRUE(answers[1].contains("error"));
    EXPECT_EQ(answers[2].at("cntr"), "0000000005");
    EXPECT_EQ(answers[3].at("data"), "039000aabbcc03");
}

}  // namespace ota::packet_tool
