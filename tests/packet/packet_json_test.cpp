#include "gateway/packet/packet_json.hpp"

#include <gtest/gtest.h>

namespace ota::packet_tool {

namespace {

std::string complaint(std::string_view line) {
    const auto parsed = parse_call(line);
    const auto* refused = std::get_if<refusal>(&parsed);
    return refused ? refused->text : "none";
}

}  // namespace

TEST(packet_json, reads_a_call) {
    const auto parsed = parse_call(R"({"do":"open-response","hex":["aa","bb"],"spi2":"19","mac_length":4})");
    const auto* call = std::get_if<packet_call>(&parsed);
    ASSERT_TRUE(call);
    EXPECT_EQ(call->what, action::open_response);
    EXPECT_EQ(call->hex, (std::vector<std::string>{"aa", "bb"}));
    EXPECT_EQ(call->spi2, "19");
    EXPECT_EQ(call->mac_length, 4u);
    EXPECT_FALSE(call->tar);
}

TEST(packet_json, complaints_name_the_member_and_never_its_value) {
    EXPECT_EQ(complaint(R"({"do":"open","kic_key":5,"hex":"00"})"), "kic_key: must be a text");
    EXPECT_EQ(complaint(R"({"do":"open","keys":"00"})"), "keys: no such member");
    EXPECT_EQ(complaint(R"({"do":"open","a1b2c3d4e5f60718":"kic_key"})"), "a member of 16 characters: no such member")
        << "it may be a key";
    EXPECT_EQ(complaint(R"({"do":"open","hex":[1]})"), "hex: must be a text, or an array of texts");
    EXPECT_EQ(complaint(R"({"do":"open","mac_length":"8"})"), "mac_length: must be 4 or 8");
    EXPECT_EQ(complaint(R"({"do":"eat"})"), "do: must be seal, open, open-response or decode-cat-tp");
    EXPECT_EQ(complaint("[]"), "not a JSON object");
    EXPECT_EQ(complaint(R"({"do":"seal")").substr(0, 17), "not a JSON object");
}

TEST(packet_json, refusal_becomes_an_error_member) {
    EXPECT_EQ(serialize_outcome(refusal{"tar: missing", true}), R"({"error":"tar: missing"})");
    EXPECT_EQ(serialize_outcome(sealed{{0xAB, 0x01}}), R"({"packet":"ab01"})");
}

}  // namespace ota::packet_tool
