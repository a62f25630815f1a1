#include "sandbox/uicc/push_order.hpp"

#include <gtest/gtest.h>

namespace ota::sandbox {
namespace {

wire::octets hex(std::string_view text) { return wire::from_hex(text).value(); }

std::optional<push_order> order(std::string_view text) {
    const auto command = hex(text);
    const auto read = read_push(read_apdu(command));
    if (const auto* out = std::get_if<push_order>(&read)) return *out;
    return std::nullopt;
}
std::uint16_t refusal(std::string_view text) {
    const auto command = hex(text);
    const auto read = read_push(read_apdu(command));
    const auto* out = std::get_if<std::uint16_t>(&read);
    return out == nullptr ? std::uint16_t{0x9000} : *out;
}

// Vectors of other implementations, see docs/unconfirmed.md for the rest.
constexpr auto open_udp = "80ec01011e35010339020578470908696e7465726e65743c030123283e0521c000020a";
constexpr auto cat_tp_link = "80ec0102153c03001f9039020400360a98101032547698103214";
constexpr auto open_tcp = "80ec01031e35010339020578470908696e7465726e65743c030223293e0521c000020a";
constexpr auto identification = "80ec01040c360a98101032547698103214";

TEST(push_order, reads_the_four_requests) {
    const channel_request udp{.bearer = {3},
                              .buffer_size = 1400,
                              .access_name = hex("08696e7465726e6574"),
                              .protocol = 1,
                              .port = 9000,
                              .address = {192, 0, 2, 10}};
    auto tcp = udp;
    tcp.protocol = 2;
    tcp.port = 9001;
    const auto who = hex("98101032547698103214");
    EXPECT_EQ(order(open_udp), push_order(channel_order{udp}));
    EXPECT_EQ(order(cat_tp_link), push_order(link_order{8080, 1024, who}));
    EXPECT_EQ(order(open_tcp), push_order(channel_order{tcp}));
    EXPECT_EQ(order(identification), push_order(identification_order{who}));
    EXPECT_EQ(order("80ec0102053c03001f90"), push_order(link_order{8080, {}, {}}));
    EXPECT_EQ(order("80ec01040436020102"), push_order(identification_order{wire::octets{1, 2}}));
    EXPECT_EQ(order("80ec010400"), push_order(identification_order{}));
}

TEST(push_order, takes_an_access_name_in_plain_text) {
    const auto read = order("80ec0103193501033c030200503e05210a0000014708696e7465726e6574");
    ASSERT_TRUE(read);
    EXPECT_EQ(wire::to_hex(std::get<channel_order>(*read).channel.access_name), "08696e7465726e6574");
}

TEST(push_order, refuses_a_server_that_it_does_not_know) {
    EXPECT_EQ(refusal("80ec0101"), 0x6A80);
    EXPECT_EQ(refusal("80ec010103350103"), 0x6A80);
    EXPECT_EQ(refusal("80ec0101053c03012328"), 0x6A80);                // no address
    EXPECT_EQ(refusal("80ec01010c3c030223283e0521c000020a"), 0x6A80);  // TCP by the order of UDP
    EXPECT_EQ(refusal("80ec0102053c03011f90"), 0x6A80);                // a protocol where CAT_TP's port belongs
    EXPECT_EQ(refusal("80ec010206360498101032"), 0x6A80);
}

TEST(push_order, refuses_what_is_malformed) {
    EXPECT_EQ(refusal("80ec0201053c03001f90"), 0x6A86);
    EXPECT_EQ(refusal("80ec0105053c03001f90"), 0x6A86);
    for (const auto* text : {open_udp, cat_tp_link, open_tcp, identification}) {
        const auto octets = hex(text);
        for (std::size_t length = 4; length < octets.size(); ++length) {
            const auto read = read_push(read_apdu(wire::octet_view(octets).first(length)));
            const auto* order_read = std::get_if<push_order>(&read);
            EXPECT_TRUE(order_read == nullptr || std::holds_alternative<identification_order>(*order_read))
                << text << " " << length;
        }
    }
}

}  // namespace
}  // namespace ota::sandbox
