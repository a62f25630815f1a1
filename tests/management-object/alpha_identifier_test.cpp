#include "management-object/alpha_identifier.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

std::string coded(std::string_view text, std::size_t room) {
    auto octets = make_alpha_identifier(text, room);
    return octets ? wire::to_hex(octets.value()) : octets.error().message();
}

}  // namespace

TEST(alpha_identifier, writes_the_default_alphabet_one_octet_a_character) {
    EXPECT_EQ(coded("Test", 6), "54657374ffff");
    EXPECT_EQ(coded("@£$_", 4), "00010211");
    EXPECT_EQ(coded("ÄÖÑÜ§¿äöñüà", 11), "5b5c5d5e5f607b7c7d7e7f");
    EXPECT_EQ(coded("ΔΦΓΛΩΠΨΣΘΞ", 10),
              "101213141516171819"
              "1a");
}

TEST(alpha_identifier, escapes_the_extension_table) {
    EXPECT_EQ(coded("€[]", 6), "1b651b3c1b3e");
    EXPECT_EQ(coded("€", 1), "the value does not fit the file");
}

TEST(alpha_identifier, falls_back_to_ucs2_for_other_characters) {
    EXPECT_EQ(coded("Опера", 16), "80041e043f043504400430ffffffffff");
    EXPECT_EQ(coded("a中", 5), "8000614e2d");
    EXPECT_EQ(coded("a中", 4), "the value does not fit the file");
}

TEST(alpha_identifier, never_begins_with_an_octet_that_means_ucs2_in_the_default_alphabet) {
    for (char32_t c = 1; c < 0x80; ++c) {
        auto octets = make_alpha_identifier(std::string(1, static_cast<char>(c)), 3);
        ASSERT_TRUE(octets);
        EXPECT_TRUE(octets.value().front() < 0x80 || octets.value().front() == 0x80);
        if (octets.value().front() == 0x80) {
            EXPECT_EQ(octets.value(), (wire::octets{0x80, 0, static_cast<std::uint8_t>(c)}));
        }
    }
}

TEST(alpha_identifier, refuses_malformed_utf8_and_characters_beyond_the_basic_plane) {
    for (const std::string_view bad : {"\xC3", "\xC3\x28", "\xA0", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                                       "\xF5\x80\x80\x80", "\xF4\x90\x80\x80", "\xF0\x80\x80\x80", "\xFF"}) {
        EXPECT_FALSE(code_points(bad)) << wire::to_hex(wire::as_octets(bad));
        EXPECT_EQ(make_alpha_identifier(bad, 16).error(), errc::value_malformed);
    }
    EXPECT_TRUE(code_points("😀"));
    EXPECT_EQ(make_alpha_identifier("😀", 16).error(), errc::value_malformed);
}

TEST(alpha_identifier, is_all_ff_for_an_empty_name) { EXPECT_EQ(coded("", 3), "ffffff"); }
