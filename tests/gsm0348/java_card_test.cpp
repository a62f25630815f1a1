#include "secure-channel/command_packet.hpp"
#include "secure-channel/remote_script.hpp"
#include "secure-channel/response_packet.hpp"
#include "secure-channel/short_message.hpp"
#include "tests/gsm0348/java_driver.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

/// The live card: user data of each short message in, the answer's user data out.
namespace ota::gsm0348 {

namespace {

namespace json = boost::json;
using namespace ota::secure_channel;

const wire::octets kic_key(16, 0x11);
const wire::octets kid_key(16, 0x22);

key_set keys() { return key_set(secret(wire::octets(kic_key)), secret(wire::octets(kid_key))); }

json::object send(java_driver& cards, const wire::octets& user_data, const std::string& card) {
    const json::object line{{"card", card},
                            {"user_data", wire::to_hex(user_data)},
                            {"kic_key", wire::to_hex(kic_key)},
                            {"kid_key", wire::to_hex(kid_key)}};
    return json::parse(cards.ask(json::serialize(line))).as_object();
}

command_header header(std::uint64_t cntr, std::uint8_t algorithm) {
    const auto identifier = static_cast<std::uint8_t>(0x10 | algorithm);
    return {{0x16, 0x19}, {identifier}, {identifier}, {{0xB0, 0x00, 0x10}}, {cntr}};
}

opened_response open_answer(const json::object& answer, const command_header& h) {
    const auto user_data = wire::from_hex(std::string(answer.at("user_data").at(0).as_string())).value();
    return open_response(wire::octet_view(user_data).subspan(3), user_data, {h.spi, h.kic, h.kid, true}, keys())
        .value();
}

}  // namespace

TEST(java_card, answers_a_thousand_commands) {
    java_driver cards("card");
    for (std::uint64_t n = 1; n <= 1000 && !HasFailure(); ++n) {
        const auto h = header(n, n % 2 ? 2 : 5);
        const std::vector<wire::octets> commands{{0x00, 0xA4, 0x00, 0x04, 0x02, 0x6F, 0x46},
                                                 {0x00, 0xD6, 0x00, 0x00, 0x02, static_cast<std::uint8_t>(n), 0x00}};
        const auto packet = seal_command(h, serialize_script(commands, script_format::compact).value(), keys()).value();
        const auto segments = split_packet(packet, packet_kind::command, 1).value();
        const auto answer = send(cards, segments.at(0), "card");
        ASSERT_FALSE(answer.contains("error")) << json::serialize(answer);
        EXPECT_EQ(answer.at("verified"), true);
        const auto por = open_answer(answer, h);
        EXPECT_EQ(por.integrity, verification::verified);
        EXPECT_EQ(por.value.cntr.value, n);
        EXPECT_EQ(por.value.status, response_status::por_ok);
        EXPECT_EQ(por.value.data, (wire::octets{2, 0x90, 0x00}));
    }
}

TEST(java_card, joins_the_parts_of_a_long_command) {
    java_driver cards("card");
    const auto h = header(1, 2);
    const std::vector<wire::octets> commands(40, wire::octets{0x00, 0xB0, 0x00, 0x00, 0x10});
    const auto packet = seal_command(h, serialize_script(commands, script_format::compact).value(), keys()).value();
    auto segments = split_packet(packet, packet_kind::command, 7).value();
    ASSERT_EQ(segments.size(), 2u);
    EXPECT_TRUE(send(cards, segments[1], "card").at("user_data").as_array().empty());
    const auto por = open_answer(send(cards, segments[0], "card"), h);
    EXPECT_EQ(por.value.data, (wire::octets{40, 0x90, 0x00}));
}

TEST(java_card, refuses_a_counter_that_it_has_seen) {
    java_driver cards("card");
    const auto h = header(9, 2);
    const auto segments = split_packet(seal_command(h, {}, keys()).value(), packet_kind::command, 1).value();
    EXPECT_EQ(open_answer(send(cards, segments[0], "one"), h).value.status, response_status::por_ok);
    EXPECT_EQ(open_answer(send(cards, segments[0], "one"), h).value.status, response_status::counter_low);
    EXPECT_EQ(open_answer(send(cards, segments[0], "other"), h).value.status, response_status::por_ok);
}

}  // namespace ota::gsm0348
