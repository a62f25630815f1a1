#include "secure-channel/short_message.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ota::secure_channel {

namespace {

wire::octets counting(std::size_t n, std::uint8_t step = 7) {
    wire::octets out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(i * step);
    return out;
}

std::vector<wire::octets> pieces_of(const wire::octets& packet, std::uint16_t reference, bool wide = false) {
    return split_packet(packet, packet_kind::response, reference, wide).value();
}

}  // namespace

TEST(reassembly, a_single_message_is_whole_at_once) {
    reassembly parts;
    const auto whole = parts.on_segment("1", hex("027100aabb"), 0).value();
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->kind, packet_kind::response);
    EXPECT_EQ(wire::to_hex(whole->packet), "aabb");
    EXPECT_EQ(wire::to_hex(whole->first_segment), "027100aabb");
    EXPECT_EQ(parts.groups(), 0u);
}

TEST(reassembly, joins_in_any_order_with_duplicates) {
    std::mt19937 random(3);
    const auto packet = counting(600);
    for (const bool wide : {false, true}) {
        auto pieces = pieces_of(packet, 77, wide);
        const auto first = pieces.front();
        for (int round = 0; round < 50; ++round) {
            std::shuffle(pieces.begin(), pieces.end(), random);
            reassembly parts;
            for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
                ASSERT_FALSE(parts.on_segment("1", pieces[i], 0).value());
                ASSERT_FALSE(parts.on_segment("1", pieces[i], 0).value());
            }
            const auto whole = parts.on_segment("1", pieces.back(), 0).value();
            ASSERT_TRUE(whole);
            ASSERT_EQ(whole->packet, packet);
            ASSERT_EQ(whole->first_segment, first);
            ASSERT_EQ(parts.groups(), 0u);
        }
    }
}

TEST(reassembly, senders_and_reference_kinds_do_not_mix) {
    const auto one = pieces_of(counting(200, 3), 5);
    const auto other = pieces_of(counting(200, 5), 5);
    const auto wide = pieces_of(counting(200, 9), 5, true);
    reassembly parts;
    EXPECT_FALSE(parts.on_segment("1", one[0], 0).value());
    EXPECT_FALSE(parts.on_segment("2", other[0], 0).value());
    EXPECT_FALSE(parts.on_segment("1", wide[0], 0).value());
    EXPECT_EQ(parts.groups(), 3u);
    EXPECT_EQ(parts.on_segment("1", one[1], 0).value()->packet, counting(200, 3));
    EXPECT_EQ(parts.on_segment("2", other[1], 0).value()->packet, counting(200, 5));
    EXPECT_EQ(parts.on_segment("1", wide[1], 0).value()->packet, counting(200, 9));
}

TEST(reassembly, contradiction_starts_the_group_anew) {
    const auto before = pieces_of(counting(200, 3), 5);
    const auto after = pieces_of(counting(200, 5), 5);
    const auto longer = pieces_of(counting(400, 5), 5);
    reassembly parts;
    EXPECT_FALSE(parts.on_segment("1", before[0], 0).value());
    EXPECT_FALSE(parts.on_segment("1", after[0], 0).value()) << "the same number with other octets";
    EXPECT_EQ(parts.on_segment("1", after[1], 0).value()->packet, counting(200, 5));
    EXPECT_FALSE(parts.on_segment("1", before[0], 0).value());
    EXPECT_FALSE(parts.on_segment("1", longer[1], 0).value()) << "another total";
    EXPECT_FALSE(parts.on_segment("1", longer[0], 0).value());
    EXPECT_EQ(parts.on_segment("1", longer[2], 0).value()->packet, counting(400, 5));
}

TEST(reassembly, finished_reference_may_be_used_again) {
    reassembly parts;
    for (int round = 0; round < 3; ++round) {
        const auto packet = counting(200, static_cast<std::uint8_t>(round + 1));
        const auto pieces = pieces_of(packet, 5);
        EXPECT_FALSE(parts.on_segment("1", pieces[0], 0).value());
        EXPECT_EQ(parts.on_segment("1", pieces[1], 0).value()->packet, packet);
    }
}

TEST(reassembly, message_that_says_not_what_it_carries_is_refused) {
    reassembly parts;
    EXPECT_EQ(parts.on_segment("1", hex("00414243"), 0).error(), errc::no_packet_identifier);
    EXPECT_FALSE(parts.on_segment("1", hex("050003050201aa"), 0).value());
    EXPECT_EQ(parts.on_segment("1", hex("050003050202aa"), 0).error(), errc::no_packet_identifier);
    EXPECT_EQ(parts.groups(), 0u);
    EXPECT_FALSE(parts.on_segment("1", {}, 0));
}

TEST(reassembly, old_groups_are_forgotten) {
    reassembly parts;
    const auto pieces = pieces_of(counting(200), 5);
    EXPECT_FALSE(parts.on_segment("1", pieces[0], 1000).value());
    EXPECT_FALSE(parts.on_segment("2", pieces[0], 2000).value());
    EXPECT_EQ(parts.expire(1000), 0u);
    EXPECT_EQ(parts.expire(1500), 1u);
    EXPECT_EQ(parts.groups(), 1u);
    EXPECT_FALSE(parts.on_segment("1", pieces[1], 2500).value()) << "its other part is gone";
    EXPECT_EQ(parts.on_segment("2", pieces[1], 2500).value()->packet, counting(200));
}

TEST(reassembly, oldest_group_makes_room) {
    reassembly parts(2);
    const auto pieces = pieces_of(counting(200), 5);
    EXPECT_FALSE(parts.on_segment("1", pieces[0], 1).value());
    EXPECT_FALSE(parts.on_segment("2", pieces[0], 2).value());
    EXPECT_FALSE(parts.on_segment("3", pieces[0], 3).value());
    EXPECT_EQ(parts.groups(), 2u);
    EXPECT_TRUE(parts.on_segment("2", pieces[1], 4).value());
    EXPECT_TRUE(parts.on_segment("3", pieces[1], 4).value());
    EXPECT_FALSE(parts.on_segment("1", pieces[1], 4).value());
}

}  // namespace ota::secure_channel
