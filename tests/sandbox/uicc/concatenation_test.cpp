#include "tests/sandbox/uicc/card_bench.hpp"

namespace ota::sandbox {
namespace {

using sc::response_status;

/// SELECT and many READs: a packet of two segments (8-bit reference), ending in an UPDATE.
std::string long_script(int reads = 30) {
    std::string out = "00a4000c026f46";
    for (int i = 0; i < reads; ++i) out += "00b000000a";
    return out + "00d60000020102";
}

std::vector<wire::octets> segments(const wire::octets& packet, std::uint16_t reference, bool wide = false) {
    return sc::split_packet(packet, sc::packet_kind::command, reference, wide).value();
}

card_answer feed(card_bench& card, const wire::octets& segment) {
    return on_message(card.model, card.one, card.identity, segment, {});
}

TEST(uicc_concatenation, runs_a_packet_when_its_last_segment_arrives) {
    card_bench card;
    const auto parts = segments(card.packet(11, long_script()), 17);
    ASSERT_EQ(parts.size(), 2U);
    const auto first = feed(card, parts[0]);
    EXPECT_EQ(first.how, acknowledgement::accepted);
    EXPECT_FALSE(first.report);
    EXPECT_FALSE(first.packet);
    const auto last = feed(card, parts[1]);
    ASSERT_TRUE(last.report);
    EXPECT_EQ(wire::to_hex(card.open(*last.report).value.data), "209000");
    EXPECT_FALSE(card.one.pending);
}

TEST(uicc_concatenation, takes_segments_in_any_order_and_twice_with_wide_references_too) {
    for (const bool wide : {false, true}) {
        card_bench card;
        const auto parts = segments(card.packet(11, long_script(60)), wide ? 0x1234 : 3, wide);
        ASSERT_EQ(parts.size(), 3U);
        EXPECT_FALSE(feed(card, parts[2]).report);
        EXPECT_FALSE(feed(card, parts[2]).report);
        EXPECT_FALSE(feed(card, parts[0]).report);
        const auto last = feed(card, parts[1]);
        ASSERT_TRUE(last.packet);
        EXPECT_EQ(last.packet->status, response_status::por_ok);
    }
}

TEST(uicc_concatenation, swallows_reference_zero_without_a_word) {
    card_bench card;
    auto parts = segments(card.packet(11, long_script()), 5);
    for (auto& part : parts) {
        part[3] = 0;
        const auto answer = feed(card, part);
        EXPECT_EQ(answer.how, acknowledgement::accepted);
        EXPECT_FALSE(answer.report);
        EXPECT_FALSE(answer.packet);
    }
}

TEST(uicc_concatenation, has_room_for_one_message_only) {
    card_bench card;
    const auto one = segments(card.packet(11, long_script()), 1);
    const auto two = segments(card.packet(12, long_script()), 2);
    feed(card, one[0]);
    feed(card, two[0]);
    EXPECT_FALSE(feed(card, one[1]).packet);
    EXPECT_FALSE(feed(card, two[1]).packet);
    EXPECT_TRUE(feed(card, two[0]).packet);
}

TEST(uicc_concatenation, takes_no_more_segments_than_its_buffer_holds) {
    auto profile = bench_profile();
    profile.max_segments = 2;
    card_bench card(std::move(profile));
    for (const auto& part : segments(card.packet(11, long_script(60)), 9)) EXPECT_FALSE(feed(card, part).packet);
    const auto parts = segments(card.packet(11, long_script()), 10);
    feed(card, parts[0]);
    EXPECT_TRUE(feed(card, parts[1]).packet);
}

TEST(uicc_concatenation, wants_the_packet_identifier_in_the_first_segment) {
    card_bench card;
    const auto packet = card.packet(11, long_script());
    const auto cut = static_cast<std::ptrdiff_t>(100);
    wire::octets first =
                     hex("0500030102"
                         "01"),
                 second =
                     hex("0500030102"
                         "02");
    first.insert(first.end(), packet.begin(), packet.begin() + cut);
    second.insert(second.end(), packet.begin() + cut, packet.end());
    feed(card, first);
    EXPECT_FALSE(feed(card, second).packet);
}

TEST(uicc_concatenation, searches_the_header_for_its_elements_whatever_their_order) {
    card_bench card;
    const auto packet = card.packet(11, long_script());
    const auto cut = static_cast<std::ptrdiff_t>(100);
    wire::octets first =
                     hex("07"
                         "7000"
                         "0003010201"),
                 second =
                     hex("0500030102"
                         "02");
    first.insert(first.end(), packet.begin(), packet.begin() + cut);
    second.insert(second.end(), packet.begin() + cut, packet.end());
    feed(card, first);
    ASSERT_TRUE(feed(card, second).packet);
}

}  // namespace
}  // namespace ota::sandbox
