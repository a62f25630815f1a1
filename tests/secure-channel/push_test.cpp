#include "secure-channel/push.hpp"

#include "secure-channel/push_objects.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::secure_channel::push {

namespace {

std::string written(const command& c) {
    const auto apdu = serialize(c);
    return apdu ? wire::to_hex(apdu.value()) : apdu.error().message();
}

open_channel internet() {
    return {
        .port = 9000, .address = hex("c000020a"), .buffer_size = 1400, .bearer = hex("03"), .access_name = "internet"};
}
open_channel tcp_internet() {
    auto channel = internet();
    channel.tcp = true;
    channel.port = 9001;
    return channel;
}

/// An example of others with what it says; both directions.
struct example {
    std::string apdu;
    command meant;
};
std::vector<example> examples() {
    return {
        {"80ec01011e35010339020578470908696e7465726e65743c030123283e0521c000020a", internet()},
        {"80ec0102153c03001f9039020400360a98101032547698103214",
         link_request{0x1F90, 0x0400, hex("98101032547698103214"), {}}},
        {"80ec01031e35010339020578470908696e7465726e65743c030223293e0521c000020a", tcp_connection{tcp_internet()}},
        {"80ec01040c360a98101032547698103214", identification_packet{hex("98101032547698103214"), {}}},
        {"80ec010103350103", open_channel{.bearer = hex("03")}},
        {"80ec0102053c03001f90", link_request{.port = 0x1F90}},
        {"80ec01040436020102", identification_packet{hex("0102"), {}}},
        {"80ec0101", open_channel{}},
        {"80ec0104", identification_packet{}},
    };
}

std::error_code fault_of(std::string_view apdu) {
    const auto read = parse(hex(apdu));
    return read ? std::error_code() : read.error();
}

}  // namespace

TEST(push, published_examples_go_both_ways) {
    for (const auto& one : examples()) {
        SCOPED_TRACE(one.apdu);
        const auto read = parse(hex(one.apdu));
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_EQ(read.value(), one.meant);
        EXPECT_EQ(written(one.meant), one.apdu);
    }
}

TEST(push, an_access_name_as_plain_text_is_taken) {
    // As a test suite of others writes it.
    const auto read = parse(hex("80ec0101193501033c030200503e05210a0000014708696e7465726e6574"));
    ASSERT_TRUE(read) << read.error().message();
    const open_channel meant{
        .tcp = true, .port = 80, .address = hex("0a000001"), .bearer = hex("03"), .access_name = "internet"};
    EXPECT_EQ(read.value(), command(meant));
    EXPECT_EQ(written(meant), "80ec01011a350103470908696e7465726e65743c030200503e05210a000001");
}

TEST(push, access_names_are_labels_to_a_card_and_dotted_text_to_people) {
    EXPECT_EQ(wire::to_hex(serialize_access_name("a.bcd.e").value()), "0161036263640165");
    EXPECT_EQ(parse_access_name(hex("0161036263640165")).value(), "a.bcd.e");
    EXPECT_EQ(parse_access_name(hex("016103626364016500")).value(), "a.bcd.e") << "with the root's empty label";
    EXPECT_EQ(parse_access_name(hex("612e626364")).value(), "a.bcd");
    const std::string longest(63, 'x');
    EXPECT_EQ(parse_access_name(serialize_access_name(longest).value()).value(), longest);
    for (const auto& bad : {std::string("a..b"), std::string(".a"), std::string("a."), std::string(64, 'x'),
                            std::string("a b"), std::string()})
        EXPECT_FALSE(serialize_access_name(bad)) << bad;
    for (const auto* bad : {"", "00", "0061", "0261", "036162", "016100016200ff", "0161ff", "02612e", "612e2e62"})
        EXPECT_FALSE(parse_access_name(hex(bad))) << bad;
}

TEST(push, login_and_password_come_both_or_not_at_all) {
    auto channel = internet();
    channel.login = "user";
    channel.password = "word";
    const std::string apdu =
        "80ec01012c35010339020578470908696e7465726e65740d0504757365720d0504776f72643c030123283e0521c000020a";
    EXPECT_EQ(written(channel), apdu);
    EXPECT_EQ(parse(hex(apdu)).value(), command(channel));
    channel.password.clear();
    EXPECT_EQ(parse(serialize(channel).value()).value(), command(channel)) << "an empty password is an empty object";
    EXPECT_EQ(fault_of("80ec0101070d050475736572"), errc::bad_push);
    EXPECT_EQ(fault_of("80ec010108"
                       "0d0204610d020062"),
              errc::bad_push)
        << "packed 7-bit text is not read";
}

TEST(push, an_ipv6_address_goes_both_ways) {
    const open_channel channel{.address = hex("20010db8000000000000000000000001")};
    EXPECT_EQ(written(channel), "80ec0101133e115720010db8000000000000000000000001");
    EXPECT_EQ(parse(serialize(channel).value()).value(), command(channel));
    EXPECT_FALSE(serialize(open_channel{.address = hex("0102030405")}));
}

TEST(push, unknown_objects_are_kept_and_tags_may_require_comprehension) {
    const auto channel =
        parse(hex("80ec010110"
                  "85024142"
                  "b50103"
                  "0702aabb"
                  "bc03012328"));
    ASSERT_TRUE(channel) << channel.error().message();
    const open_channel meant{.port = 9000, .bearer = hex("03"), .others = {{0x85, hex("4142")}, {0x07, hex("aabb")}}};
    EXPECT_EQ(channel.value(), command(meant));
    EXPECT_EQ(written(meant),
              "80ec010110"
              "350103"
              "3c03012328"
              "85024142"
              "0702aabb");
    auto hidden = meant;
    hidden.others = {{0xB5, hex("03")}};
    EXPECT_FALSE(serialize(hidden)) << "an object with a place of its own is none of the others";
}

TEST(push, what_breaks_a_rule_is_refused) {
    EXPECT_EQ(fault_of("00ec0101"), errc::bad_push) << "another class";
    EXPECT_EQ(fault_of("80ec8001"), errc::bad_push) << "P1 80 belongs to the application";
    EXPECT_EQ(fault_of("80ec0100"), errc::bad_push);
    EXPECT_EQ(fault_of("80ec0105"), errc::bad_push);
    EXPECT_EQ(fault_of("80ec0102"), errc::bad_push) << "a link without a port";
    EXPECT_EQ(fault_of("80ec0102053c03011f90"), errc::bad_push) << "a link over UDP";
    EXPECT_EQ(fault_of("80ec0101053c03001f90"), errc::bad_push) << "a channel over CAT_TP";
    EXPECT_EQ(fault_of("80ec0103053c03022329"), errc::bad_push) << "a connection without an address";
    EXPECT_EQ(fault_of("80ec01030c3c030123293e0521c000020a"), errc::bad_push) << "a connection over UDP";
    EXPECT_EQ(fault_of("80ec010106350103350103"), errc::bad_push) << "twice the same";
    EXPECT_EQ(fault_of("80ec01010e3e0521c000020a3e0521c000020a"), errc::bad_push) << "a local address";
    EXPECT_EQ(fault_of("80ec0101043602aabb"), errc::bad_push) << "data of another request";
    EXPECT_EQ(fault_of("80ec010404390204"), wire::errc::truncated);
    EXPECT_EQ(fault_of("80ec01040439020400"), errc::bad_push);
    EXPECT_EQ(fault_of("80ec010103390105"), errc::bad_push) << "a buffer size of one octet";
    EXPECT_EQ(fault_of("80ec0101037f0101"), errc::bad_push) << "a tag of three octets";
    EXPECT_EQ(serialize(tcp_connection{internet()}).error(), errc::bad_push);
    EXPECT_EQ(serialize(link_request{.identification = wire::octets(250)}).error(), errc::too_long);
}

TEST(push, every_strict_prefix_and_an_extra_octet_fail) {
    for (const auto& one : examples()) {
        auto apdu = hex(one.apdu);
        for (std::size_t n = 0; n < apdu.size(); ++n) {
            // Four octets alone are a command where no object must be there.
            const bool bare = n == 4 && (apdu[3] == 1 || apdu[3] == 4);
            EXPECT_EQ(parse(wire::octet_view(apdu).first(n)).has_value(), bare) << one.apdu << ' ' << n;
        }
        const bool empty = apdu.size() == 4;
        apdu.push_back(0);
        EXPECT_EQ(parse(apdu).has_value(), empty) << "an Lc of 0 says that there is nothing";
    }
}

}  // namespace ota::secure_channel::push
