#include "secure-channel/remote_script.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::secure_channel {

namespace {

const std::vector<wire::octets>& select_update_read() {
    static const std::vector<wire::octets> commands{hex("00a40004022f99"), hex("00d6000003aabbcc"), hex("00b0000004")};
    return commands;
}

constexpr script_format formats[] = {script_format::compact, script_format::expanded,
                                     script_format::expanded_indefinite};

}  // namespace

TEST(remote_script, writes_the_three_formats) {
    const auto text = [](script_format f) { return wire::to_hex(serialize_script(select_update_read(), f).value()); };
    EXPECT_EQ(text(script_format::compact), "00a40004022f9900d6000003aabbcc00b0000004");
    EXPECT_EQ(text(script_format::expanded), "aa1a220700a40004022f99220800d6000003aabbcc220500b0000004");
    EXPECT_EQ(text(script_format::expanded_indefinite), "ae80220700a40004022f99220800d6000003aabbcc220500b00000040000");
}

TEST(remote_script, takes_apart_what_it_wrote) {
    for (const auto format : formats) {
        EXPECT_EQ(parse_script(serialize_script(select_update_read(), format).value(), format).value(),
                  select_update_read());
        EXPECT_TRUE(parse_script(serialize_script({}, format).value(), format).value().empty());
    }
}

TEST(remote_script, compact_knows_commands_that_ask_by_their_instruction) {
    const std::vector<wire::octets> commands{hex("a0a40000027f20"),
                                             hex("a0c0000016"),
                                             hex("00b2010420"),
                                             hex("80f2000000"),
                                             hex("80f240000f4f0da0000000871002ff33ffff8900"),
                                             hex("80cabf0c00"),
                                             hex("0070000001"),
                                             hex("8012000020"),
                                             hex("00dc01040411223344")};
    auto shorter = commands;
    shorter[4] = hex("80f24000024f00");
    const auto script = serialize_script(shorter, script_format::compact).value();
    EXPECT_EQ(parse_script(script, script_format::compact).value(), shorter);
}

TEST(remote_script, compact_refuses_commands_with_le) {
    EXPECT_EQ(serialize_script({hex("00a40004022f9900")}, script_format::compact).error(), errc::bad_script);
    EXPECT_EQ(serialize_script({hex("00b000000411223344")}, script_format::compact).error(), errc::bad_script);
    EXPECT_EQ(serialize_script({hex("00d6000003aabb")}, script_format::compact).error(), errc::bad_script);
    EXPECT_EQ(serialize_script({hex("00a40004")}, script_format::compact).error(), errc::bad_script);
    EXPECT_TRUE(serialize_script({hex("00a40004022f9900")}, script_format::expanded)) << "a full C-APDU there";
}

TEST(remote_script, expanded_lengths_grow) {
    auto long_update = hex("00d60000f0");
    long_update.resize(5 + 0xF0, 0x11);
    const auto script = serialize_script({long_update, long_update}, script_format::expanded).value();
    EXPECT_EQ(wire::to_hex(wire::octet_view(script).first(7)), "aa8201f02281f5");
    EXPECT_EQ(parse_script(script, script_format::expanded).value().size(), 2u);
}

TEST(remote_script, expanded_receiver_takes_either_template) {
    const auto definite = serialize_script(select_update_read(), script_format::expanded).value();
    EXPECT_EQ(parse_script(definite, script_format::expanded_indefinite).value(), select_update_read());
}

TEST(remote_script, every_strict_prefix_and_an_extra_octet_fail) {
    for (const auto format : {script_format::expanded, script_format::expanded_indefinite}) {
        auto script = serialize_script(select_update_read(), format).value();
        for (std::size_t n = 0; n < script.size(); ++n)
            EXPECT_FALSE(parse_script(wire::octet_view(script).first(n), format)) << n;
        script.push_back(0);
        EXPECT_FALSE(parse_script(script, format));
    }
    // Compact scripts have no length of their own: a prefix fails unless it ends with a command.
    const auto script = serialize_script(select_update_read(), script_format::compact).value();
    for (std::size_t n = 0; n < script.size(); ++n) {
        const bool whole_commands = n == 0 || n == 7 || n == 15;
        EXPECT_EQ(parse_script(wire::octet_view(script).first(n), script_format::compact).has_value(), whole_commands)
            << n;
    }
}

TEST(remote_script, unknown_objects_are_refused) {
    for (const auto* text :
         {"aa09a20700a40004022f99", "aa03810100", "aa022200", "ab00", "ae00", "ae80", "aa0523032f9000", ""})
        EXPECT_FALSE(parse_script(hex(text), script_format::expanded)) << text;
}

}  // namespace ota::secure_channel
