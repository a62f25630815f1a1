#include "secure-channel/wire/crc.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::wire {

TEST(crc, agrees_with_the_published_check_values) {
    EXPECT_EQ(crc16(as_octets("123456789")), 0x906E);
    EXPECT_EQ(crc32(as_octets("123456789")), 0xCBF43926u);
}

TEST(crc, agrees_with_cards) {
    EXPECT_EQ(crc16(hex("0102030405")), 0x22EC);
    EXPECT_EQ(crc16(hex("0102030405060708")), 0x6DD4);
    EXPECT_EQ(crc32(hex("0102030405")), 0x470B99F4u);
    EXPECT_EQ(crc32(hex("0102030405060708")), 0x3FCA88C5u);
}

TEST(crc, two_parts_count_as_one) {
    const auto whole = hex("00112233445566778899");
    const octet_view all(whole);
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        EXPECT_EQ(crc16(all.first(cut), all.subspan(cut)), crc16(all));
        EXPECT_EQ(crc32(all.first(cut), all.subspan(cut)), crc32(all));
    }
}

}  // namespace ota::wire
