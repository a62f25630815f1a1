#include "sandbox/pcsc/virtual_slot.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

#include <numeric>

namespace ota::sandbox {
namespace {

wire::octets message(std::string_view body) {
    const auto octets = hex(body);
    return wire::writer().u16(octets.size()).put(octets).take();
}

struct slot_bench : object_card {
    std::string say(std::string_view body) { return wire::to_hex(slot.on_octets(message(body))); }
    virtual_slot slot{terminal};
};

TEST(answer_to_reset, is_that_of_a_card_with_one_protocol_and_a_check_octet) {
    const auto atr = answer_to_reset();
    // [ISO/IEC 7816-3, 8.2] TS, T0, TA1, TD1, TD2, TA3, seven historical octets, TCK.
    ASSERT_EQ(atr.size(), 6 + (atr[1] & 0x0FU) + 1);
    EXPECT_EQ(atr[0], 0x3B);
    EXPECT_EQ(atr[1] >> 4, 0x9);  // TA1 and TD1
    EXPECT_EQ(atr[3], 0x80);      // T=0, TD2 follows
    EXPECT_EQ(atr[4], 0x1F);      // T=15, TA3 follows: so TCK is there
    EXPECT_EQ(std::accumulate(atr.begin() + 1, atr.end(), std::uint8_t{0}, std::bit_xor<std::uint8_t>{}), 0);
}

TEST(virtual_slot, tells_the_atr_and_answers_commands) {
    slot_bench bench;
    EXPECT_EQ(bench.say("01"), "");
    EXPECT_EQ(bench.say("04"), wire::to_hex(message(wire::to_hex(answer_to_reset()))));
    EXPECT_EQ(bench.say("00a4080c047f506432"), "00029000");
    EXPECT_EQ(bench.say("00b0000004"),
              "0006"
              "0300006a"
              "9000");
    EXPECT_EQ(bench.slot.commands(), 2U);
}

TEST(virtual_slot, loses_what_was_selected_and_shown_with_the_power) {
    for (const auto* how : {"00", "01", "02"}) {
        slot_bench bench;
        EXPECT_EQ(bench.say("00a4080c047f506432"), "00029000");
        EXPECT_EQ(bench.say("0020000108"
                            "31323334ffffffff"),
                  "00029000");
        EXPECT_EQ(bench.say("0070000001"),
                  "0003"
                  "01"
                  "9000");
        EXPECT_EQ(bench.say(how), "");
        EXPECT_EQ(bench.say("00b0000004"), "00026986");
        EXPECT_EQ(bench.say("0020000100"), "000263c3");
        EXPECT_EQ(bench.say("01a4000c023f00"), "00026881");
    }
}

TEST(virtual_slot, gives_the_same_answers_whatever_the_pieces_that_come) {
    wire::writer all;
    for (const auto* each : {"01", "04", "00a4080c047f506432", "", "00b0000010", "02", "ff", "04", "00b0"})
        all.put(message(each));
    const auto whole = slot_bench().slot.on_octets(all.buffer());
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        slot_bench bench;
        const wire::octet_view octets(all.buffer());
        auto got = bench.slot.on_octets(octets.first(cut));
        const auto rest = bench.slot.on_octets(octets.subspan(cut));
        got.insert(got.end(), rest.begin(), rest.end());
        EXPECT_EQ(got, whole) << cut;
    }
}

TEST(virtual_slot, forgets_half_a_message_when_the_connection_is_another) {
    slot_bench bench;
    EXPECT_TRUE(bench.slot
                    .on_octets(hex("0009"
                                   "00a408"))
                    .empty());
    bench.slot.on_connected();
    EXPECT_EQ(bench.say("04"), wire::to_hex(message(wire::to_hex(answer_to_reset()))));
}

}  // namespace
}  // namespace ota::sandbox
