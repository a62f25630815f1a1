#include "gateway/packet/packet_tool.hpp"

#include "secure-channel/response_packet.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <sstream>

namespace ota::packet_tool {

namespace {

namespace json = boost::json;

const std::string kic_key = "00112233445566778899aabbccddeeff";
const std::string kid_key = "0123456789abcdef0123456701234567";
const std::string packet = "01281516013232b0001174b207ec560d0990b43286b65badb2203e8d086a8361100b461962e2a71b4e78";

struct ran {
    int status;
    std::string out, err;
};

ran run_with(std::vector<std::string> arguments, const std::string& input = {}) {
    if (arguments[0] != "batch") arguments.insert(arguments.end(), {"--kic-key", kic_key, "--kid-key", kid_key});
    std::istringstream in(input);
    std::ostringstream out, err;
    const auto status = run(arguments, in, out, err);
    return {status, out.str(), err.str()};
}

std::vector<std::string> sealing(const std::string& framing) {
    return {"seal",
            "--spi",
            "1601",
            "--kic",
            "32",
            "--kid",
            "32",
            "--tar",
            "b00011",
            "--cntr",
            "0000000001",
            "--data",
            "00a40004022fe200b000000a",
            "--framing",
            framing};
}

/// An answer as a card on a data bearer gives it.
std::string answer() {
    using namespace secure_channel;
    const key_set keys{secret(hex(kic_key)), secret(hex(kid_key))};
    const response r{{{0xB0, 0x00, 0x11}}, {1}, 0, response_status::por_ok, hex("029000")};
    return wire::to_hex(seal_response_sdu(r, {{0x16, 0x19}, {0x32}, {0x32}, true}, keys).value());
}

}  // namespace

TEST(packet_tool_framing, packets_of_data_bearers_are_sealed_and_opened) {
    EXPECT_EQ(run_with(sealing("data")).out, packet + "\n");
    const auto opened = run_with({"open", "--framing", "data", packet});
    EXPECT_EQ(opened.status, 0) << opened.err;
    EXPECT_EQ(json::parse(opened.out).at("verified"), true);
    EXPECT_EQ(json::parse(opened.out).at("data"), "00a40004022fe200b000000a");
    EXPECT_EQ(run_with({"open", packet}).status, 1) << "it is none of SMS";
    EXPECT_EQ(run_with({"open", packet, "--framing", "usb"}).status, 2);
}

TEST(packet_tool_framing, a_check_without_the_identifier_is_another_packet) {
    const auto without = run_with(sealing("data-without-identifier"));
    EXPECT_EQ(without.status, 0) << without.err;
    EXPECT_NE(without.out, packet + "\n");
    EXPECT_EQ(run_with({"open", "--framing", "data", without.out.substr(0, without.out.size() - 1)}).status, 0);
}

TEST(packet_tool_framing, an_answer_is_one_sdu) {
    for (const bool with_spi2 : {true, false}) {
        std::vector<std::string> arguments{"open-response", "--framing", "data",  "--kic", "32",
                                           "--kid",         "32",        answer()};
        if (with_spi2) arguments.insert(arguments.end(), {"--spi2", "19"});
        const auto opened = run_with(arguments);
        EXPECT_EQ(opened.status, 0) << opened.err;
        EXPECT_EQ(json::parse(opened.out).at("verified"), true);
        EXPECT_EQ(json::parse(opened.out).at("script").at("answers").at(0).at("sw"), "9000");
    }
    EXPECT_EQ(run_with({"open-response", "--framing", "data", "--kic", "32", "--kid", "32", answer(), answer()}).status,
              2);
}

TEST(packet_tool_framing, is_a_member_of_a_batch_call) {
    const auto keys = R"("kic_key":")" + kic_key + R"(","kid_key":")" + kid_key + "\"}\n";
    const auto r = run_with({"batch"}, R"({"do":"open","framing":"data","hex":")" + packet + "\"," + keys +
                                           R"({"do":"open","framing":"post","hex":")" + packet + "\"," + keys);
    std::istringstream lines(r.out);
    std::string first, second;
    std::getline(lines, first);
    std::getline(lines, second);
    EXPECT_EQ(json::parse(first).at("verified"), true);
    EXPECT_EQ(second, R"({"error":"framing: must be sms, data or data-without-identifier"})");
}

}  // namespace ota::packet_tool
