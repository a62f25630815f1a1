#include "secure-channel/short_message.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::secure_channel {

namespace {

wire::octets counting(std::size_t n) {
    wire::octets out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(i * 7);
    return out;
}

}  // namespace

TEST(short_message, one_piece_carries_no_concatenation_element) {
    const auto pieces = split_packet(counting(137), packet_kind::command, 1).value();
    ASSERT_EQ(pieces.size(), 1u);
    EXPECT_EQ(pieces[0].size(), user_data_limit);
    EXPECT_EQ(wire::to_hex(wire::octet_view(pieces[0]).first(3)), "027000");
    const auto answer = split_packet(counting(10), packet_kind::response, 1).value();
    EXPECT_EQ(wire::to_hex(wire::octet_view(answer[0]).first(3)), "027100");
}

// Cut as a software card takes it.
TEST(short_message, two_pieces_are_cut_as_a_card_takes_them) {
    const auto packet = counting(186);
    const auto pieces = split_packet(packet, packet_kind::command, 0x11).value();
    ASSERT_EQ(pieces.size(), 2u);
    EXPECT_EQ(wire::to_hex(wire::octet_view(pieces[0]).first(8)), "0700031102017000");
    EXPECT_EQ(pieces[0].size(), 140u);
    EXPECT_EQ(wire::to_hex(wire::octet_view(pieces[1]).first(6)), "050003110202");
    EXPECT_EQ(pieces[1].size(), 6u + 186 - 132);
}

TEST(short_message, wide_reference_takes_an_octet_more) {
    const auto pieces = split_packet(counting(200), packet_kind::command, 0x1234, true).value();
    ASSERT_EQ(pieces.size(), 2u);
    EXPECT_EQ(wire::to_hex(wire::octet_view(pieces[0]).first(9)), "080804123402017000");
    EXPECT_EQ(wire::to_hex(wire::octet_view(pieces[1]).first(7)), "06080412340202");
    EXPECT_EQ(pieces[0].size(), 140u);
}

TEST(short_message, capacities_are_those_of_n_pieces) {
    const std::size_t narrow[] = {0, 137, 266, 400, 534, 668};
    for (std::size_t n = 0; n < 6; ++n) EXPECT_EQ(segments_capacity(n), narrow[n]);
    EXPECT_EQ(segments_capacity(1, true), 137u);
    EXPECT_EQ(segments_capacity(2, true), 131u + 133);
    for (const bool wide : {false, true})
        for (std::size_t length = 0; length < 1500; ++length) {
            const auto pieces = split_packet(counting(length), packet_kind::command, 9, wide).value();
            ASSERT_EQ(pieces.size(), segments_needed(length, wide));
            ASSERT_LE(length, segments_capacity(pieces.size(), wide));
            ASSERT_TRUE(pieces.size() == 1 || length > segments_capacity(pieces.size() - 1, wide));
            for (const auto& piece : pieces) ASSERT_LE(piece.size(), user_data_limit);
        }
}

TEST(short_message, reference_zero_is_refused) {
    EXPECT_EQ(split_packet(counting(10), packet_kind::command, 0).error(), errc::bad_reference);
    EXPECT_EQ(split_packet(counting(300), packet_kind::command, 0, true).error(), errc::bad_reference);
    EXPECT_EQ(split_packet(counting(300), packet_kind::command, 256).error(), errc::bad_reference);
    EXPECT_TRUE(split_packet(counting(300), packet_kind::command, 256, true));
}

TEST(short_message, more_than_255_pieces_are_refused) {
    EXPECT_TRUE(split_packet(counting(segments_capacity(255)), packet_kind::command, 1));
    EXPECT_EQ(split_packet(counting(segments_capacity(255) + 1), packet_kind::command, 1).error(), errc::too_long);
}

TEST(short_message, elements_come_in_any_order) {
    for (const auto* text : {"0700030502017000aabb", "0770000003050201aabb", "0a24011570000003050201aabb"}) {
        const auto parsed = parse_short_message(hex(text)).value();
        EXPECT_EQ(parsed.kind, packet_kind::command) << text;
        ASSERT_TRUE(parsed.part) << text;
        EXPECT_EQ(parsed.part->reference, 5);
        EXPECT_EQ(parsed.part->total, 2);
        EXPECT_EQ(parsed.part->sequence, 1);
        EXPECT_EQ(wire::to_hex(parsed.payload), "aabb");
        EXPECT_EQ(wire::to_hex(parsed.header) + "aabb", text);
    }
}

TEST(short_message, user_data_without_a_packet_parses_too) {
    const auto parsed = parse_short_message(hex("00414243")).value();
    EXPECT_FALSE(parsed.kind);
    EXPECT_FALSE(parsed.part);
    EXPECT_EQ(wire::to_hex(parsed.payload), "414243");
}

TEST(short_message, impossible_concatenation_is_ignored) {
    for (const auto* text : {"050003050001", "050003050200", "050003050203", "0400020502"})
        EXPECT_FALSE(parse_short_message(hex(text)).value().part) << text;
}

TEST(short_message, empty_user_data_fails) { EXPECT_EQ(parse_short_message({}).error(), wire::errc::truncated); }

TEST(short_message, header_beyond_the_octets_fails) {
    const auto header = hex("0700030502017000");
    for (std::size_t n = 0; n < header.size(); ++n)
        EXPECT_FALSE(parse_short_message(wire::octet_view(header).first(n))) << n;
    for (const auto* text : {"027001", "0170", "03700000", "0500030502"})
        EXPECT_EQ(parse_short_message(hex(text)).error(), errc::bad_user_data_header) << text;
}

}  // namespace ota::secure_channel
