#include "secure-channel/response_packet.hpp"

#include "secure-channel/short_message.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ota::secure_channel {

namespace {

key_set aes_keys(std::uint8_t mac_length = 8) {
    return key_set(secret(hex("200102030405060708090a0b0c0d0e0f")), secret(hex("201102030405060708090a0b0c0d0e0f")),
                   mac_length);
}

response_expectation expecting(std::uint8_t spi2, std::uint8_t kic = 0x22, std::uint8_t kid = 0x22) {
    return {{0x16, spi2}, {kic}, {kid}, true};
}
response_expectation expecting_anything(std::uint8_t kic = 0x22, std::uint8_t kid = 0x22) {
    return {{}, {kic}, {kid}, false};
}

wire::result<opened_response> open(wire::octet_view user_data, const response_expectation& e, const key_set& keys) {
    return open_response(user_data.subspan(3), user_data, e, keys);
}

response answer() { return {{{0xB0, 0x00, 0x00}}, {5}, 0, response_status::por_ok, hex("039000aabbcc03")}; }

}  // namespace

// Captured from a software card, which pads with 80 00 ..
TEST(response_packet, opens_a_cards_answer) {
    const auto user_data = hex("027100002412b000003373984dd37e7955239f8b8f535a0408fe8d8c43f1757e17ef7ee9f3c82f502c");
    const auto opened = open(user_data, expecting(0x19), aes_keys()).value();
    EXPECT_EQ(opened.integrity, verification::verified);
    EXPECT_EQ(opened.value.cntr.value, 5u);
    EXPECT_EQ(opened.value.status, response_status::por_ok);
    EXPECT_EQ(wire::to_hex(opened.value.data), "039000aabbcc03");
    EXPECT_EQ(peek_response_tar(user_data).value(), (toolkit_reference{{0xB0, 0x00, 0x00}}));
    EXPECT_EQ(peek_response_tar(wire::octet_view(user_data).subspan(3)).value(),
              (toolkit_reference{{0xB0, 0x00, 0x00}}));
}

// Two parts, captured from a software card: its checksum covers 02 71 00, not the header of the first part.
TEST(response_packet, opens_a_cards_answer_in_two_parts) {
    const auto first =
        hex("070003010201710000e412b0000051d4f80b0ad144fd26449f68112acad717f9d694a0541e30cca194b31246e1e32634ef2c49696f"
            "e6bbaa4d55"
            "2b7672ec7d42393d20f00d5cc44fa667bc9d2e7a3781698e290b30a0fd4eede0b6cb34c8e5f833b6ee5ed49eeb07597cd6955f9390"
            "1d4bf4c095"
            "c652d32a3bf39eb8763ac408c8b9f8808ef7b3cd68f0afe9");
    const auto second =
        hex("050003010202cd8f17837aa9402693835a159d161035fa64fd8ebb2891fb986469da4c4d82fa63a3123b96ff15446e0045f9e90d23"
            "8a016042e1"
            "b2472e44e858c621d9d313a6215af24415122a9ca92ada3f1ac4f8c63a1a8a6a23143ab2ed9543399b65a2e2e211");
    reassembly parts;
    ASSERT_FALSE(parts.on_segment("card", second, 0).value());
    const auto whole = parts.on_segment("card", first, 0).value();
    ASSERT_TRUE(whole);
    const auto opened = open_response(whole->packet, whole->first_segment, expecting(0x39), aes_keys()).value();
    EXPECT_EQ(opened.integrity, verification::verified);
    EXPECT_EQ(opened.value.cntr.value, 3u);
    ASSERT_EQ(opened.value.data.size(), 203u);
    for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(opened.value.data[3 + i], i);
}

TEST(response_packet, checksum_over_the_real_first_header_is_accepted_too) {
    // A card that covers its own user data header, here 07 00 03.
    const auto keys = aes_keys();
    const auto packet =
        hex("001a12b00000000000000500"
            "00"
            "0000000000000000"
            "039000aabbcc");
    auto made = wire::octets(packet.begin(), packet.end());
    made[1] = static_cast<std::uint8_t>(made.size() - 2);
    wire::octets head = hex("070003");
    head.insert(head.end(), made.begin(), made.begin() + 13);
    const auto check = keys.checksum(mac::aes_cmac, head, wire::octet_view(made).subspan(21)).value();
    std::copy(check.begin(), check.end(), made.begin() + 13);
    const auto first_segment = hex("0700030102017100");
    EXPECT_EQ(open_response(made, first_segment, expecting(0x29), keys).value().integrity, verification::verified);
    EXPECT_EQ(open_response(made, hex("027100"), expecting(0x29), keys).value().integrity, verification::mismatch);
    EXPECT_EQ(open_response(made, {}, expecting(0x29), keys).value().integrity, verification::mismatch);
}

TEST(response_packet, opens_what_it_sealed_for_every_spi2_algorithm_and_length) {
    std::mt19937 random(7);
    const std::pair<std::uint8_t, std::size_t> algorithms[] = {{1, 8}, {5, 16}, {9, 24}, {2, 16}, {2, 32}};
    for (const auto& [algorithm, key_length] : algorithms)
        for (const std::uint8_t spi2 : {0x01, 0x05, 0x09, 0x11, 0x15, 0x19, 0x39})
            for (std::size_t length = 0; length < 40; ++length) {
                const bool rc = (spi2 & 0x0C) == 0x04;
                wire::octets key(key_length);
                for (auto& octet : key) octet = static_cast<std::uint8_t>(random());
                const key_set keys(secret(wire::octets(key)), secret(wire::octets(key)), random() % 2 ? 4 : 8);
                const auto e = expecting(spi2, algorithm, rc ? 5 : algorithm);
                auto r = answer();
                r.status = static_cast<response_status>(random() % 13);
                r.data.assign(length, static_cast<std::uint8_t>(random()));
                const auto opened = open(seal_response(r, e, keys).value(), e, keys);
                ASSERT_TRUE(opened);
                ASSERT_EQ(opened.value().value.status, r.status);
                ASSERT_EQ(opened.value().value.cntr, r.cntr);
                ASSERT_EQ(opened.value().value.data, r.data);
                ASSERT_EQ(opened.value().integrity, spi2 & 0x0C ? verification::verified : verification::not_asked);
            }
}

TEST(response_packet, without_spi2_length_and_trial_decide) {
    for (const std::uint8_t spi2 : {0x01, 0x05, 0x09, 0x11, 0x15, 0x19}) {
        for (const std::uint8_t mac_length : {4, 8}) {
            const bool rc = (spi2 & 0x0C) == 0x04;
            const std::uint8_t kid = rc ? 0x15 : 0x22;
            const auto keys = aes_keys(mac_length);
            const auto user_data = seal_response(answer(), expecting(spi2, 0x22, kid), keys).value();
            const auto opened = open(user_data, expecting_anything(0x22, kid), keys);
            ASSERT_TRUE(opened) << int{spi2};
            EXPECT_EQ(opened.value().value.data, answer().data) << int{spi2};
            EXPECT_EQ(opened.value().value.cntr, answer().cntr) << int{spi2};
            EXPECT_EQ(opened.value().integrity, spi2 & 0x0C ? verification::verified : verification::not_asked);
        }
    }
}

TEST(response_packet, without_spi2_an_altered_answer_is_a_mismatch) {
    auto user_data = seal_response(answer(), expecting(0x19), aes_keys()).value();
    user_data.back() ^= 1;
    EXPECT_EQ(open(user_data, expecting_anything(), aes_keys()).value().integrity, verification::mismatch);
}

// A real card's answer to a replay: status 06, counter zero, bare although SPI2 asked for checksum and ciphering.
TEST(response_packet, bare_answer_where_a_checksum_was_asked_is_unsecured) {
    const auto user_data = hex("027100000b0ab0001000000000000006");
    const auto opened = open(user_data, expecting(0x19), aes_keys()).value();
    EXPECT_EQ(opened.integrity, verification::unsecured);
    EXPECT_EQ(opened.value.status, response_status::unidentified_security_error);
    EXPECT_TRUE(opened.value.data.empty());
    EXPECT_EQ(open(user_data, expecting(0x11), aes_keys()).value().integrity, verification::unsecured)
        << "ciphering alone was asked, and these are no whole blocks";
    EXPECT_EQ(open(user_data, expecting(0x01), aes_keys()).value().integrity, verification::not_asked);
}

TEST(response_packet, every_strict_prefix_and_an_extra_octet_fail) {
    for (const std::uint8_t spi2 : {0x01, 0x09, 0x19}) {
        auto user_data = seal_response(answer(), expecting(spi2), aes_keys()).value();
        for (std::size_t n = 3; n < user_data.size(); ++n) {
            EXPECT_FALSE(open(wire::octet_view(user_data).first(n), expecting(spi2), aes_keys())) << n;
            EXPECT_FALSE(open(wire::octet_view(user_data).first(n), expecting_anything(), aes_keys())) << n;
            EXPECT_FALSE(peek_response_tar(wire::octet_view(user_data).first(n))) << n;
        }
        user_data.push_back(0);
        EXPECT_EQ(open(user_data, expecting(spi2), aes_keys()).error(), errc::bad_length);
    }
    EXPECT_FALSE(peek_response_tar({}));
}

TEST(response_packet, altered_or_strange_answers_are_never_verified) {
    const auto user_data = seal_response(answer(), expecting(0x19), aes_keys()).value();
    for (std::size_t at = 3; at < user_data.size(); ++at) {
        auto altered = user_data;
        altered[at] ^= 0x01;
        const auto opened = open(altered, expecting(0x19), aes_keys());
        if (opened) {
            EXPECT_NE(opened.value().integrity, verification::verified) << at;
        }
    }
    const key_set other(secret(wire::octets(16, 1)), secret(wire::octets(16, 2)));
    EXPECT_EQ(open(user_data, expecting(0x19), other).value().integrity, verification::mismatch);
}

TEST(response_packet, checksum_where_none_was_asked_contradicts) {
    const auto user_data = seal_response(answer(), expecting(0x09), aes_keys()).value();
    EXPECT_EQ(open(user_data, expecting(0x01), aes_keys()).error(), errc::bad_length);
    EXPECT_EQ(open(user_data, expecting(0x05, 0x22, 0x15), aes_keys()).error(), errc::bad_length);
}

TEST(response_packet, padding_counter_beyond_the_data_fails) {
    EXPECT_EQ(open(hex("027100000c0ab0000000000000050200aa"), expecting(0x01), aes_keys()).error(),
              errc::bad_padding_counter);
}

TEST(response_packet, unknown_status_is_kept) {
    EXPECT_EQ(open(hex("027100000b0ab00000000000000500e7"), expecting(0x01), key_set()).value().value.status,
              static_cast<response_status>(0xE7));
}

TEST(response_packet, digital_signature_and_unknown_algorithms_are_refused) {
    EXPECT_EQ(seal_response(answer(), expecting(0x0D), aes_keys()).error(), errc::digital_signature);
    EXPECT_EQ(open(hex("027100000b0ab000000000000005"
                       "0000"),
                   expecting(0x0D), aes_keys())
                  .error(),
              errc::digital_signature);
    EXPECT_EQ(seal_response(answer(), expecting(0x09, 0x22, 0x23), aes_keys()).error(), errc::unsupported_algorithm);
    EXPECT_EQ(seal_response(answer(), expecting(0x11, 0x23, 0x22), aes_keys()).error(), errc::unsupported_algorithm);
    EXPECT_EQ(seal_response(answer(), expecting(0x19), key_set()).error(), errc::bad_key);
    auto r = answer();
    r.data.assign(0x10000, 0);
    EXPECT_EQ(seal_response(r, expecting(0x01), aes_keys()).error(), errc::too_long);
    r = answer();
    r.cntr.value = replay_counter::highest + 1;
    EXPECT_EQ(seal_response(r, expecting(0x01), aes_keys()).error(), errc::too_long);
}

}  // namespace ota::secure_channel
