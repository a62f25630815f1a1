#include "secure-channel/wire/internet_checksum.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ota::wire {

namespace {

/// One word at a time with the carry brought round at once, as the definition says.
std::uint16_t word_by_word(octet_view in) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < in.size(); i += 2) {
        sum += static_cast<std::uint32_t>(in[i] << 8 | (i + 1 < in.size() ? in[i + 1] : 0));
        if (sum > 0xFFFF) sum -= 0xFFFF;
    }
    return static_cast<std::uint16_t>(sum);
}

}  // namespace

TEST(internet_checksum, agrees_with_the_example_of_the_rfc) {
    EXPECT_EQ(internet_sum(hex("0001f203f4f5f6f7")), 0xDDF2);
}

TEST(internet_checksum, agrees_with_the_definition_at_every_length) {
    std::mt19937 random(1071);
    for (std::size_t length = 0; length < 200; ++length) {
        octets in(length);
        for (auto& octet : in) octet = random() % 2 == 0 ? 0xFF : static_cast<std::uint8_t>(random());
        EXPECT_EQ(internet_sum(in), word_by_word(in)) << to_hex(in);
    }
}

TEST(internet_checksum, carries_are_folded_until_none_is_left) {
    EXPECT_EQ(internet_sum(octets(65507, 0xFF)), 0xFF00);
    EXPECT_EQ(internet_sum(octets(65506, 0xFF)), 0xFFFF);
    EXPECT_EQ(internet_sum({}), 0);
}

TEST(internet_checksum, makes_the_octets_around_it_sum_to_all_ones) {
    auto around = hex("fffe000001020304ff");
    put_internet_checksum(around, 2);
    EXPECT_EQ(to_hex(around), "fffefcf901020304ff");
    EXPECT_EQ(internet_sum(around), 0xFFFF);
}

}  // namespace ota::wire
