#include "secure-channel/command_packet.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ota::secure_channel {

namespace {

constexpr auto kic_aes = "200102030405060708090a0b0c0d0e0f";
constexpr auto kid_aes = "201102030405060708090a0b0c0d0e0f";

key_set aes_keys(std::uint8_t mac_length = 8) {
    return key_set(secret(hex(kic_aes)), secret(hex(kid_aes)), mac_length);
}

command_header header(std::uint8_t spi1, std::uint8_t spi2, std::uint8_t kic, std::uint8_t kid,
                      std::uint64_t cntr = 5) {
    return {{spi1, spi2}, {kic}, {kid}, {{0xB0, 0x00, 0x00}}, {cntr}};
}

}  // namespace

// Sent to a software card, which answered it.
TEST(command_packet, is_what_a_card_took) {
    const auto packet =
        seal_command(header(0x16, 0x19, 0x22, 0x22), hex("00a40004022f9900d6000003aabbcc00b0000004"), aes_keys());
    EXPECT_EQ(wire::to_hex(packet.value()),
              "00381516192222b00000b72adad78cebbb484f3a335611b2abdb0180af56e948d8388d421c099322b25996ddf5ed93e8a5a2117a"
              "a2ee7d84"
              "16da");
}

TEST(command_packet, opens_what_it_sealed_for_every_algorithm_and_length) {
    std::mt19937 random(20261122);
    const std::pair<std::uint8_t, std::size_t> kics[] = {{1, 8}, {5, 16}, {9, 24}, {0xD, 8}, {2, 16}, {2, 24}, {2, 32}};
    const std::pair<std::uint8_t, std::size_t> kids[] = {{1, 8}, {5, 16}, {9, 24}, {2, 16}, {2, 24}, {2, 32}};
    const auto octets = [&](std::size_t n) {
        wire::octets out(n);
        for (auto& octet : out) octet = static_cast<std::uint8_t>(random());
        return out;
    };
    for (const auto& [kic, kic_length] : kics)
        for (const auto& [kid, kid_length] : kids)
            for (const std::uint8_t spi1 : {0x00, 0x02, 0x04, 0x06, 0x16, 0x1E})
                for (std::size_t length = 0; length < 40; ++length) {
                    const std::uint8_t mac_length = random() % 2 ? 4 : 8;
                    const key_set keys(secret(octets(kic_length)), secret(octets(kid_length)), mac_length);
                    const auto h = header(spi1, 0x01, kic, kid, random());
                    const auto data = octets(length);
                    const auto opened = open_command(seal_command(h, data, keys).value(), keys);
                    ASSERT_TRUE(opened);
                    ASSERT_EQ(opened.value().header.spi, h.spi);
                    ASSERT_EQ(opened.value().header.cntr, h.cntr);
                    ASSERT_EQ(opened.value().header.tar, h.tar);
                    ASSERT_EQ(opened.value().data, data);
                    ASSERT_EQ(opened.value().integrity, spi1 & 2 ? verification::verified : verification::not_asked);
                }
}

TEST(command_packet, redundancy_check_goes_both_ways) {
    for (const std::uint8_t kid : {0x10, 0x11, 0x15}) {
        const key_set none;
        const auto h = header(0x01, 0x00, 0x10, kid);
        auto packet = seal_command(h, hex("00a40004023f00"), none).value();
        EXPECT_EQ(packet.size(), 16u + 7 + (kid == 0x11 ? 2 : 4));
        EXPECT_EQ(open_command(packet, none).value().integrity, verification::verified);
        packet.back() ^= 1;
        EXPECT_EQ(open_command(packet, none).value().integrity, verification::mismatch);
    }
}

TEST(command_packet, every_strict_prefix_and_an_extra_octet_fail) {
    for (const std::uint8_t spi1 : {0x00, 0x02, 0x16}) {
        auto packet = seal_command(header(spi1, 0x01, 0x22, 0x22), hex("00a40004023f00"), aes_keys()).value();
        for (std::size_t n = 0; n < packet.size(); ++n) {
            EXPECT_FALSE(open_command(wire::octet_view(packet).first(n), aes_keys())) << n;
            EXPECT_FALSE(peek_command(wire::octet_view(packet).first(n))) << n;
        }
        packet.push_back(0);
        EXPECT_EQ(open_command(packet, aes_keys()).error(), errc::bad_length);
    }
}

TEST(command_packet, any_altered_octet_is_a_mismatch_or_malformed) {
    const auto packet = seal_command(header(0x16, 0x19, 0x22, 0x22), hex("00a40004023f00"), aes_keys()).value();
    for (std::size_t at = 0; at < packet.size(); ++at) {
        auto altered = packet;
        altered[at] ^= 0x01;
        const auto opened = open_command(altered, aes_keys());
        if (opened) {
            EXPECT_NE(opened.value().integrity, verification::verified) << at;
        }
    }
}

TEST(command_packet, wrong_key_is_a_mismatch_never_an_error) {
    const auto packet = seal_command(header(0x16, 0x19, 0x22, 0x22), hex("00a40004023f00"), aes_keys()).value();
    for (int other = 0; other < 256; ++other) {
        const key_set keys(secret(wire::octets(16, static_cast<std::uint8_t>(other))), secret(hex(kid_aes)));
        const auto opened = open_command(packet, keys);
        ASSERT_TRUE(opened) << other;
        EXPECT_EQ(opened.value().integrity, verification::mismatch);
    }
}

TEST(command_packet, checksum_of_another_length_than_the_keys_is_a_mismatch) {
    const auto packet = seal_command(header(0x12, 0x19, 0x22, 0x22), hex("00"), aes_keys(4)).value();
    EXPECT_EQ(packet[2], 0x11);
    EXPECT_EQ(open_command(packet, aes_keys(4)).value().integrity, verification::verified);
    EXPECT_EQ(open_command(packet, aes_keys(8)).value().integrity, verification::mismatch);
}

TEST(command_packet, missing_checksum_is_unsecured) {
    const auto opened = open_command(hex("000e0d16190000b000000000000005"
                                         "00"),
                                     aes_keys());
    EXPECT_EQ(opened.error(), errc::unsupported_algorithm) << "ciphering is asked of an implicit algorithm";
    const auto bare = open_command(hex("000e0d12190000b000000000000005"
                                       "00"),
                                   aes_keys());
    EXPECT_EQ(bare.value().integrity, verification::unsecured);
}

TEST(command_packet, padding_counter_without_ciphering_is_accepted_but_never_made) {
    // As some senders do: padded for the checksum, counted, and nothing ciphered.
    const auto clear = open_command(hex("00100d00000000b00000000000000501"
                                        "aa00"),
                                    key_set());
    ASSERT_TRUE(clear);
    EXPECT_EQ(clear.value().pcntr, 1);
    EXPECT_EQ(wire::to_hex(clear.value().data), "aa");
    for (std::size_t length = 0; length < 20; ++length)
        EXPECT_EQ(seal_command(header(0x12, 0x19, 0x22, 0x22), wire::octets(length), aes_keys()).value()[15], 0);
}

TEST(command_packet, padding_counter_beyond_the_data_fails) {
    EXPECT_EQ(open_command(hex("00100d00000000b00000000000000503aa00"), key_set()).error(), errc::bad_padding_counter);
}

TEST(command_packet, no_padding_block_is_added_to_whole_blocks) {
    // CNTR 5, PCNTR 1, checksum 8: two octets of data fill the first block.
    const auto packet = seal_command(header(0x16, 0x19, 0x22, 0x22), hex("0011"), aes_keys()).value();
    EXPECT_EQ(packet.size(), 10u + 16);
    EXPECT_EQ(open_command(packet, aes_keys()).value().pcntr, 0);
}

TEST(command_packet, refuses_a_digital_signature) {
    EXPECT_EQ(seal_command(header(0x17, 0x19, 0x22, 0x22), hex("00"), aes_keys()).error(), errc::digital_signature);
    EXPECT_EQ(seal_command(header(0x16, 0x1D, 0x22, 0x22), hex("00"), aes_keys()).error(), errc::digital_signature);
    EXPECT_EQ(open_command(hex("00121103190000b0000000000000050011223344"), aes_keys()).error(),
              errc::digital_signature);
}

TEST(command_packet, refuses_reserved_codings) {
    EXPECT_EQ(seal_command(header(0x36, 0x19, 0x22, 0x22), hex("00"), aes_keys()).error(), errc::reserved_value);
    EXPECT_EQ(seal_command(header(0x16, 0x59, 0x22, 0x22), hex("00"), aes_keys()).error(), errc::reserved_value);
    EXPECT_EQ(seal_command(header(0x16, 0x03, 0x22, 0x22), hex("00"), aes_keys()).error(), errc::reserved_value);
}

TEST(command_packet, refuses_algorithms_that_it_does_not_know) {
    for (const std::uint8_t kic : {0x20, 0x23, 0x24, 0x2F})
        EXPECT_EQ(seal_command(header(0x16, 0x19, kic, 0x22), hex("00"), aes_keys()).error(),
                  errc::unsupported_algorithm);
    for (const std::uint8_t kid : {0x20, 0x23, 0x2D, 0x2F})
        EXPECT_EQ(seal_command(header(0x16, 0x19, 0x22, kid), hex("00"), aes_keys()).error(),
                  errc::unsupported_algorithm);
    EXPECT_EQ(seal_command(header(0x01, 0x01, 0x22, 0x22), hex("00"), aes_keys()).error(), errc::unsupported_algorithm);
}

TEST(command_packet, refuses_keys_that_do_not_fit) {
    EXPECT_EQ(seal_command(header(0x16, 0x19, 0x29, 0x22), hex("00"), aes_keys()).error(), errc::bad_key);
    EXPECT_EQ(seal_command(header(0x16, 0x19, 0x22, 0x29), hex("00"), aes_keys()).error(), errc::bad_key);
    EXPECT_EQ(seal_command(header(0x16, 0x19, 0x22, 0x22), hex("00"), aes_keys(6)).error(), errc::bad_key);
    EXPECT_EQ(seal_command(header(0x16, 0x19, 0x22, 0x22), hex("00"), key_set()).error(), errc::bad_key);
}

TEST(command_packet, refuses_what_its_fields_cannot_hold) {
    EXPECT_EQ(seal_command(header(0x12, 0x19, 0x22, 0x22), wire::octets(0x10000), aes_keys()).error(), errc::too_long);
    EXPECT_EQ(seal_command(header(0x12, 0x19, 0x22, 0x22, replay_counter::highest + 1), hex("00"), aes_keys()).error(),
              errc::too_long);
    EXPECT_TRUE(seal_command(header(0x12, 0x19, 0x22, 0x22, replay_counter::highest), hex("00"), aes_keys()));
}

TEST(command_packet, peek_shows_the_clear_part) {
    const auto packet = seal_command(header(0x16, 0x19, 0x22, 0x32), hex("0011"), aes_keys()).value();
    const auto seen = peek_command(packet).value();
    EXPECT_EQ(seen.spi, (security_parameters{0x16, 0x19}));
    EXPECT_EQ(seen.kic.octet, 0x22);
    EXPECT_EQ(seen.kid.octet, 0x32);
    EXPECT_EQ(seen.tar, (toolkit_reference{{0xB0, 0x00, 0x00}}));
    EXPECT_EQ(seen.cntr.value, 0u) << "ciphered, thus unknown";
}

TEST(command_packet, capacity_is_what_fits_one_short_message) {
    const auto capacity = [](std::uint8_t spi1, std::uint8_t algorithm, std::uint8_t mac_length) {
        return data_capacity(137, {spi1, 0x19}, {algorithm}, {algorithm}, mac_length);
    };
    EXPECT_EQ(capacity(0x12, 5, 8), 113u);
    EXPECT_EQ(capacity(0x16, 5, 8), 106u);
    EXPECT_EQ(capacity(0x16, 2, 8), 98u);
    EXPECT_EQ(capacity(0x12, 2, 4), 117u);
    EXPECT_EQ(capacity(0x16, 2, 4), 102u);
    EXPECT_EQ(data_capacity(9, {0x16, 0x19}, {2}, {2}, 8), 0u);
    EXPECT_EQ(data_capacity(137, {0x17, 0x19}, {2}, {2}, 8), 0u);
}

TEST(command_packet, capacity_is_exact_at_every_length) {
    for (const std::uint8_t spi1 : {0x12, 0x16})
        for (std::size_t length = 34; length < 300; ++length) {
            const auto h = header(spi1, 0x19, 0x22, 0x22);
            const auto fits = data_capacity(length, h.spi, h.kic, h.kid, 8);
            ASSERT_LE(seal_command(h, wire::octets(fits), aes_keys()).value().size(), length);
            ASSERT_GT(seal_command(h, wire::octets(fits + 1), aes_keys()).value().size(), length);
        }
}

}  // namespace ota::secure_channel
