#include "gateway/store/digits.hpp"
#include "gateway/store/key_hash.hpp"
#include "gateway/store/store.hpp"

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

TEST(id_source, grows_in_a_full_millisecond_and_when_the_clock_is_set_back) {
    id_source ids(7);
    const wall_time now{std::chrono::milliseconds(1'790'000'000'000)};
    auto last = ids.next(now);
    for (int i = 0; i < 50'000; ++i) {
        const auto id = ids.next(i < 40'000 ? now : now - std::chrono::hours(1));
        ASSERT_GT(id, last);
        ASSERT_EQ(id >> 14 & 0xFF, 7) << "never an id of another instance";
        last = id;
    }
    EXPECT_GT(ids.next(now + std::chrono::hours(1)), last);
}

TEST(id_source, goes_on_from_the_highest_id_of_the_store) {
    const wall_time now{std::chrono::milliseconds(1'790'000'000'000)};
    id_source other(9), ids(7);
    const auto highest = other.next(now + std::chrono::hours(1));
    ids.follow(highest);
    const auto next = ids.next(now);
    EXPECT_GT(next, highest);
    EXPECT_EQ(next >> 14 & 0xFF, 7);
}

TEST(id_source, is_still_positive_in_2090) {
    id_source ids(255);
    const wall_time late = std::chrono::sys_days(std::chrono::year(2090) / 1 / 1);
    EXPECT_GT(ids.next(late), 0);
}

TEST(key_hash, tells_pairs_apart_that_join_to_the_same_text) {
    const hash_key key{1, 2};
    EXPECT_NE(hash_of(key, "a", "bc"), hash_of(key, "ab", "c"));
    EXPECT_NE(hash_of(key, "", "abc"), hash_of(key, "abc", ""));
    EXPECT_NE(hash_of(key, "a", "b"), hash_of({1, 3}, "a", "b"));
}

}  // namespace ota::store
