#include "gateway/packet/packet_tool.hpp"
#include "secure-channel/push.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <sstream>

namespace ota::packet_tool {

namespace {

namespace json = boost::json;

json::object ask(const json::object& call) {
    std::istringstream in(json::serialize(call) + "\n");
    std::ostringstream out, err;
    EXPECT_EQ(run({"batch"}, in, out, err), 0);
    return json::parse(out.str()).as_object();
}

/// What the inspector shows of a packet with that script in it.
json::object opened(const std::string& script) {
    json::object keys{{"kic_key", "200102030405060708090a0b0c0d0e0f"}, {"kid_key", "201102030405060708090a0b0c0d0e0f"}};
    auto seal = keys;
    seal.insert({{"do", "seal"},
                 {"spi", "1619"},
                 {"kic", "22"},
                 {"kid", "22"},
                 {"tar", "B20100"},
                 {"cntr", "0000000005"},
                 {"data", script}});
    auto open = keys;
    open.insert({{"do", "open"}, {"hex", ask(seal).at("packet")}});
    return ask(open).at("script").as_object();
}

std::string hex_of(const secure_channel::push::command& c) {
    return wire::to_hex(secure_channel::push::serialize(c).value());
}

}  // namespace

TEST(packet_tool, shows_the_fields_of_the_pushes_in_a_packet) {
    secure_channel::push::open_channel channel{
        .port = 9000, .address = wire::octets{192, 0, 2, 1}, .buffer_size = 1400, .bearer = wire::octets{0x03}};
    channel.access_name = "ota.example";
    channel.login = "card";
    channel.password = "kept out";
    const secure_channel::push::link_request link{.port = 9001, .max_sdu = 4096, .identification = {0xA9, 0x8A, 0x98}};
    const auto script = opened(hex_of(channel) + hex_of(link));
    const auto& pushes = script.at("pushes").as_array();
    ASSERT_EQ(pushes.size(), 2U);
    EXPECT_EQ(
        json::serialize(pushes[0]),
        R"({"command":0,"request":"open-channel","protocol":"udp","port":9000,"address":"192.0.2.1","buffer_size":1400,"bearer":"03",)"
        R"("access_name":"ota.example","login":"card","password_given":true})");
    EXPECT_EQ(json::serialize(pushes[1]),
              R"({"command":1,"request":"cat-tp-link","port":9001,"max_sdu":4096,"identification":"a98a98"})");
}

TEST(packet_tool, shows_the_requests_of_the_tcp_variant) {
    const wire::octets documentation{0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const secure_channel::push::tcp_connection tcp{{.tcp = true, .port = 9000, .address = documentation}};
    const auto first = opened(hex_of(tcp)).at("pushes").at(0);
    EXPECT_EQ(json::serialize(first),
              R"({"command":0,"request":"tcp-connection","protocol":"tcp","port":9000,"address":"2001:db8::1"})");
    const secure_channel::push::identification_packet who{.identification = {0x01}, .others = {{0x02, {0xFF}}}};
    EXPECT_EQ(
        json::serialize(opened(hex_of(who)).at("pushes").at(0)),
        R"({"command":0,"request":"identification-packet","identification":"01","others":[{"tag":"02","value":"ff"}]})");
}

TEST(packet_tool, shows_a_push_that_a_card_would_refuse_as_one) {
    const auto pushes = opened(
                            "80ec0101053c0304"
                            "2328"
                            "00a40004022f99")
                            .at("pushes")
                            .as_array();
    ASSERT_EQ(pushes.size(), 1U);
    EXPECT_EQ(pushes[0].at("command"), 0);
    EXPECT_FALSE(pushes[0].at("error").as_string().empty());
    EXPECT_FALSE(pushes[0].as_object().contains("request"));
}

TEST(packet_tool, shows_no_pushes_where_there_are_none) {
    EXPECT_FALSE(opened("00a40004022f9900d6000003aabbcc00b0000004").contains("pushes"));
}

}  // namespace ota::packet_tool
