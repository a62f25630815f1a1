#include "management-object/control_file.hpp"

#include "management-object/fault.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

control_file two_objects() {
    control_file out;
    out.generation = 0x0102;
    out.entries.push_back({.file = 0x6432, .generation = 7, .ask = true, .used = 3, .crc = 0x352441C2});  // "abc"
    out.entries.push_back({.file = 0x6433, .generation = 0xFFFF, .autonomous = true, .active = false, .secret = true});
    return out;
}

}  // namespace

TEST(control_file, is_laid_out_as_drawn) {
    const auto octets = serialize_control_file(two_objects()).value();
    EXPECT_EQ(octets.size(), control_file_octets(2));
    const auto text = wire::to_hex(octets);
    EXPECT_EQ(text.substr(0, 14), "444d0100010202");
    // The check sum was computed with zlib.crc32 of Python over header and entries.
    EXPECT_EQ(text.substr(14, 8), "4cd68e01");
    EXPECT_EQ(text.substr(22),
              "643200070500"
              "03352441c2"
              "6433ffff0a000000000000");
}

TEST(control_file, comes_back_and_bears_padding) {
    auto octets = serialize_control_file(two_objects()).value();
    EXPECT_EQ(parse_control_file(octets).value(), two_objects());
    octets.resize(200, 0xFF);
    EXPECT_EQ(parse_control_file(octets).value(), two_objects());
    EXPECT_EQ(parse_control_file(serialize_control_file({}).value()).value(), control_file{});
}

TEST(control_file, every_strict_prefix_and_one_octet_more_fail) {
    auto octets = serialize_control_file(two_objects()).value();
    for (std::size_t n = 0; n < octets.size(); ++n)
        EXPECT_EQ(parse_control_file(wire::octet_view(octets).first(n)).error(), wire::errc::truncated) << n;
    octets.push_back(0x00);
    EXPECT_EQ(parse_control_file(octets).error(), wire::errc::trailing_octets);
}

TEST(control_file, every_changed_bit_fails) {
    const auto octets = serialize_control_file(two_objects()).value();
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
        auto changed = octets;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        EXPECT_FALSE(parse_control_file(changed)) << bit;
    }
    auto newer = octets;
    newer[2] = 2;
    EXPECT_EQ(parse_control_file(newer).error(), document_errc::unknown_version);
    EXPECT_EQ(parse_control_file(wire::octets(64, 0xFF)).error(), document_errc::bad_value);
}

TEST(control_file, confirms_only_the_image_that_it_speaks_of) {
    const auto entry = two_objects().entries[0];
    EXPECT_TRUE(confirms(entry, wire::as_octets("abc\xFF\xFF")));
    EXPECT_FALSE(confirms(entry, wire::as_octets("abd\xFF\xFF")));
    EXPECT_FALSE(confirms(entry, wire::as_octets("ab")));
    EXPECT_TRUE(confirms(control_entry{}, {}));
}

TEST(control_file, follows_an_image_and_counts_generations_around) {
    const auto image = wire::as_octets("abcd\xFF");
    const auto next = with_image(two_objects(), 0x6433, 0x6434, image).value();
    EXPECT_EQ(next.find(0x6433), nullptr);
    ASSERT_NE(next.find(0x6434), nullptr);
    const auto& entry = *next.find(0x6434);
    EXPECT_EQ(entry.generation, 0);  // after FFFF
    EXPECT_EQ(next.generation, 0x0103);
    EXPECT_EQ(entry.used, 4);
    EXPECT_TRUE(confirms(entry, image));
    EXPECT_TRUE(entry.autonomous && entry.secret && !entry.active);
    EXPECT_EQ(*next.find(0x6432), two_objects().entries[0]);
    EXPECT_FALSE(with_image(two_objects(), 0x6440, 0x6440, image));
}

TEST(control_file, holds_255_objects_and_no_more) {
    control_file many;
    many.entries.resize(255);
    EXPECT_EQ(parse_control_file(serialize_control_file(many).value()).value(), many);
    many.entries.emplace_back();
    EXPECT_EQ(serialize_control_file(many).error(), document_errc::too_large);
}

TEST(control_file, the_used_length_leaves_padding_out) {
    EXPECT_EQ(used_length({}), 0u);
    EXPECT_EQ(used_length(wire::octets(9, 0xFF)), 0u);
    EXPECT_EQ(used_length(wire::octets{0x03, 0xFF, 0x01, 0xFF, 0xFF}), 3u);
}
