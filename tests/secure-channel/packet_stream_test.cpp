#include "secure-channel/packet_stream.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ota::secure_channel {

namespace {

wire::octets packet(std::uint8_t tag, std::string_view length, std::size_t value) {
    return wire::writer().u8(tag).put(hex(length)).fill(value, tag).take();
}

}  // namespace

TEST(packet_stream, gives_the_same_packets_wherever_the_stream_is_cut) {
    const std::vector<wire::octets> sent{
        packet(0x05, "0a", 10), packet(0x01, "7f", 127),     packet(0x02, "8180", 128),   packet(0x01, "820200", 512),
        packet(0x02, "00", 0),  packet(0x02, "83000001", 1), packet(0x01, "8204b0", 1200)};
    wire::octets all;
    for (const auto& one : sent) all.insert(all.end(), one.begin(), one.end());
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int run = 0; run < 200; ++run) {
        packet_stream stream({.identification = 0x05}, 1500);
        std::vector<wire::octets> got;
        for (std::size_t at = 0; at < all.size();) {
            const auto part = std::min<std::size_t>(run == 0 ? 1 : 1 + random() % 700, all.size() - at);
            stream.on_octets(wire::octet_view(all).subspan(at, part));
            at += part;
            for (;;) {
                auto next = stream.next();
                ASSERT_TRUE(next) << next.error().message();
                if (!next.value()) break;
                got.push_back(std::move(next.value()->octets));
            }
        }
        ASSERT_EQ(got, sent);
    }
}

TEST(packet_stream, tells_the_kinds_apart) {
    using kind = packet_stream::kind;
    packet_stream stream({.response = 0x04, .identification = 0x77}, 100);
    stream.on_octets(hex("010004007700"));
    EXPECT_EQ(stream.next().value().value().is, kind::command);
    EXPECT_EQ(stream.next().value().value().is, kind::response);
    EXPECT_EQ(stream.next().value().value().is, kind::identification);
    EXPECT_FALSE(stream.next().value());
}

TEST(packet_stream, ends_at_what_begins_no_packet) {
    packet_stream without_identification({}, 100);
    without_identification.on_octets(hex("0500"));
    EXPECT_EQ(without_identification.next().error(), errc::unknown_stream_packet);
    EXPECT_EQ(without_identification.next().error(), errc::unknown_stream_packet) << "for good";
    for (const auto* endless : {"0180", "0184", "01ff"}) {
        packet_stream stream({}, 100);
        stream.on_octets(hex(endless));
        EXPECT_EQ(stream.next().error(), errc::bad_length) << endless;
    }
}

TEST(packet_stream, refuses_a_packet_that_is_too_long_before_it_has_come) {
    packet_stream stream({}, 100);
    stream.on_octets(hex("0162"));
    EXPECT_FALSE(stream.next().value()) << "100 octets in all";
    packet_stream short_one({}, 100);
    short_one.on_octets(hex("0163"));
    EXPECT_EQ(short_one.next().error(), errc::too_long);
    packet_stream huge({}, 100);
    huge.on_octets(hex("0183ffffff"));
    EXPECT_EQ(huge.next().error(), errc::too_long);
}

}  // namespace ota::secure_channel
