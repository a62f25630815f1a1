#include "gateway/store/digits.hpp"
#include "gateway/store/key_hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ota::store {

TEST(digits, packs_two_digits_of_an_iccid_per_octet) {
    EXPECT_EQ(pack_iccid("8988"), "\x89\x88");
    EXPECT_EQ(pack_iccid("898"), "\x89\x8F");
    for (const char* iccid : {"1", "898830300000000001", "8988303000000000017", "89883030000000000176"})
        EXPECT_EQ(unpack_iccid(pack_iccid(iccid).value()), iccid);
}

TEST(digits, refuses_what_is_no_iccid) {
    for (const char* text : {"", "898830300000000001761", "8988 3030", "89A", "-1"})
        EXPECT_FALSE(pack_iccid(text)) << text;
}

TEST(digits, holds_every_iccid_of_a_prefix_in_its_range) {
    for (const char* prefix : {"", "8", "89", "898", "89883030000000000176"}) {
        const auto range = range_of_prefix(prefix).value();
        for (const char* iccid : {"898", "8989", "89000000000000000000", "89999999999999999999", "8988303000000000017",
                                  "89883030000000000176", "90", "7999", "8", "9"}) {
            const auto packed = pack_iccid(iccid).value();
            if (std::string_view(iccid).starts_with(prefix)) {
                EXPECT_LE(range.first, packed) << prefix << " " << iccid;
                EXPECT_GE(range.last, packed) << prefix << " " << iccid;
            } else if (std::string_view(iccid).size() >= std::string_view(prefix).size()) {
                EXPECT_TRUE(packed < range.first || packed > range.last) << prefix << " " << iccid;
            }
        }
    }
}

TEST(digits, keeps_the_leading_zeros_of_a_number) {
    for (const char* number : {"", "0", "00", "00491701234567", "491701234567", "999999999999999999"})
        EXPECT_EQ(unpack_number(pack_number(number).value()), number);
    EXPECT_NE(pack_number("0"), pack_number("00"));
    for (const char* text : {"+49170", "1234567890123456789", "49 170"}) EXPECT_FALSE(pack_number(text)) << text;
}

TEST(key_hash, meets_the_reference_vectors_of_siphash_2_4) {  // vectors.h of the reference implementation
    const hash_key key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
    std::string in;
    EXPECT_EQ(siphash(key, in), 0x726fdb47dd0e0e31u);
    in.push_back('\0');
    EXPECT_EQ(siphash(key, in), 0x74f839c593dc67fdu);
    for (char c = 1; c < 15; ++c) in.push_back(c);
    EXPECT_EQ(siphash(key, in), 0xa129ca6149be45e5u);
}

TEST(key_hash, tells_pairs_apart_that_join_to_the_same_text) {
    const hash_key key{1, 2};
    EXPECT_NE(hash_of(key, "a", "bc"), hash_of(key, "ab", "c"));
    EXPECT_NE(hash_of(key, "", "abc"), hash_of(key, "abc", ""));
    EXPECT_NE(hash_of(key, "a", "b"), hash_of({1, 3}, "a", "b"));
}

}  // namespace ota::store
