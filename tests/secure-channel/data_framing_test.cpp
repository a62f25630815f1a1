#include "secure-channel/command_packet.hpp"
#include "secure-channel/response_packet.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>

// Secured packets on data bearers: CPI and BER lengths in place of a user data header.
namespace ota::secure_channel {

namespace {

constexpr auto kic_text = "00112233445566778899aabbccddeeff";
constexpr auto kid_text = "0123456789abcdef0123456701234567";

key_set keys_with(std::uint8_t mac_length = 8) {
    return key_set(secret(hex(kic_text)), secret(hex(kid_text)), mac_length);
}

command_header header(std::uint8_t spi1, std::uint8_t kid = 0x32) {
    return {{spi1, 0x01}, {0x32}, {kid}, {{0xB0, 0x00, 0x11}}, {1}};
}
response_expectation expecting(std::uint8_t spi2, std::uint8_t kid = 0x32) {
    return {{0x16, spi2}, {0x32}, {kid}, true};
}

/// AES-128 in CBC mode with a zero vector and without padding, by OpenSSL.
wire::octets openssl_cbc(bool encipher, std::string_view key, wire::octet_view in) {
    const auto octets = hex(key);
    const wire::octets zero(16);
    wire::octets out(in.size() + 16);
    int first = 0, last = 0;
    auto* context = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(context, EVP_aes_128_cbc(), nullptr, octets.data(), zero.data(), encipher ? 1 : 0);
    EVP_CIPHER_CTX_set_padding(context, 0);
    EVP_CipherUpdate(context, out.data(), &first, in.data(), static_cast<int>(in.size()));
    EVP_CipherFinal_ex(context, out.data() + first, &last);
    EVP_CIPHER_CTX_free(context);
    out.resize(static_cast<std::size_t>(first + last));
    return out;
}

wire::octets openssl_cmac(std::string_view key, wire::octet_view in) {
    const auto octets = hex(key);
    wire::octets out(16);
    std::size_t length = 0;
    EVP_Q_mac(nullptr, "CMAC", nullptr, "AES-128-CBC", nullptr, octets.data(), octets.size(), in.data(), in.size(),
              out.data(), out.size(), &length);
    out.resize(8);
    return out;
}

wire::octets joined(std::initializer_list<wire::octet_view> parts) {
    wire::writer out;
    for (const auto part : parts) out.put(part);
    return out.take();
}

/// A packet put together by OpenSSL: lead | counter part | checksum | data | padding, the checksum from `covered` on.
wire::octets by_openssl(wire::octet_view lead, wire::octet_view counter_part, wire::octet_view data,
                        std::size_t covered) {
    const wire::octets padding((16 - (counter_part.size() + 8 + data.size()) % 16) % 16);
    const auto check = openssl_cmac(kid_text, joined({lead.subspan(covered), counter_part, data, padding}));
    return joined({lead, openssl_cbc(true, kic_text, joined({counter_part, check, data, padding}))});
}

}  // namespace

TEST(data_framing, a_command_is_the_published_example_and_what_openssl_makes_of_it) {
    const auto data = hex("00a40004022fe200b000000a");
    const auto sealed = seal_command(header(0x16), data, keys_with(), framing::data).value();
    EXPECT_EQ(wire::to_hex(sealed),
              "01281516013232b0001174b207ec560d0990b43286b65badb2203e8d086a8361100b461962e2a71b4e78");
    EXPECT_EQ(sealed, by_openssl(hex("01281516013232b00011"), hex("000000000106"), data, 0));

    const auto opened = open_command(sealed, keys_with(), framing::data).value();
    EXPECT_EQ(opened.integrity, verification::verified);
    EXPECT_EQ(opened.header.cntr.value, 1u);
    EXPECT_EQ(opened.pcntr, 6);
    EXPECT_EQ(opened.data, data);
    EXPECT_EQ(peek_command(sealed, framing::data).value().tar, (toolkit_reference{{0xB0, 0x00, 0x11}}));
    EXPECT_FALSE(open_command(sealed, keys_with())) << "the octets of one bearer are no packet of another";
}

TEST(data_framing, a_check_that_leaves_the_identifier_out_is_made_on_demand_and_taken_unasked) {
    const auto data = hex("00a40004022fe200b000000a");
    const auto sealed = seal_command(header(0x16), data, keys_with(), framing::data_identifier_unchecked).value();
    EXPECT_EQ(sealed, by_openssl(hex("01281516013232b00011"), hex("000000000106"), data, 1));
    EXPECT_EQ(open_command(sealed, keys_with(), framing::data).value().integrity, verification::verified);
    const response r{{{0xB0, 0x00, 0x11}}, {1}, 0, response_status::por_ok, hex("0290000b")};
    const auto answer = seal_response_sdu(r, expecting(0x19), keys_with(), framing::data_identifier_unchecked).value();
    EXPECT_EQ(answer, by_openssl(hex("022412b00011"), hex("00000000010d00"), r.data, 1)) << wire::to_hex(answer);
    EXPECT_EQ(open_response_sdu(answer, expecting(0x19), keys_with()).value().integrity, verification::verified);
}

TEST(data_framing, a_response_is_what_openssl_makes_of_it) {
    const response r{{{0xB0, 0x00, 0x11}}, {1}, 0, response_status::por_ok, hex("0290000b")};
    const auto sealed = seal_response_sdu(r, expecting(0x19), keys_with()).value();
    // CNTR, PCNTR and status, checksum and data are 7 + 8 + 4 octets: 13 of padding.
    EXPECT_EQ(sealed, by_openssl(hex("022412b00011"), hex("00000000010d00"), r.data, 0)) << wire::to_hex(sealed);
    const auto opened = open_response_sdu(sealed, expecting(0x19), keys_with()).value();
    EXPECT_EQ(opened.integrity, verification::verified);
    EXPECT_EQ(opened.value.data, r.data);
    EXPECT_EQ(opened.value.cntr.value, 1u);
    EXPECT_EQ(peek_response_sdu_tar(sealed).value(), r.tar);
    EXPECT_EQ(seal_response_sdu(r, expecting(0x19), keys_with(), framing::short_message).error(),
              errc::no_packet_identifier);

    auto other_identifier = by_openssl(hex("042412b00011"), hex("00000000010d00"), r.data, 0);
    EXPECT_EQ(open_response_sdu(other_identifier, expecting(0x19), keys_with()).value().integrity,
              verification::verified);
    other_identifier[0] = 0x01;
    EXPECT_EQ(open_response_sdu(other_identifier, expecting(0x19), keys_with()).error(), errc::not_a_response_packet);
    EXPECT_EQ(open_command(sealed, keys_with(), framing::data).error(), errc::not_a_command_packet);
}

TEST(data_framing, packets_of_every_protection_and_length_are_opened_again) {
    std::mt19937 random(102225);
    for (const std::uint8_t spi1 : {0x00, 0x01, 0x02, 0x04, 0x05, 0x06})
        for (std::size_t length = 0; length < 1500; length += length < 300 ? 1 : 97) {
            const std::uint8_t kid = (spi1 & 3) == 1 ? (random() % 2 == 0 ? 0x35 : 0x31) : 0x32;
            const std::uint8_t spi2 = static_cast<std::uint8_t>((spi1 & 3) << 2 | (spi1 & 4) << 2 | 1);
            const auto keys = keys_with(random() % 2 == 0 ? 4 : 8);
            const wire::octets data(length, static_cast<std::uint8_t>(random()));
            const auto sealed = seal_command(header(spi1, kid), data, keys, framing::data).value();
            const auto opened = open_command(sealed, keys, framing::data);
            ASSERT_TRUE(opened) << opened.error().message();
            ASSERT_EQ(opened.value().data, data);
            ASSERT_EQ(opened.value().integrity, spi1 & 3 ? verification::verified : verification::not_asked);
            const response r{{{1, 2, 3}}, {random()}, 0, response_status::counter_low, data};
            const auto answer = seal_response_sdu(r, expecting(spi2, kid), keys).value();
            auto expected = expecting(spi2, kid);
            for (const bool known : {true, false}) {
                expected.spi2_known = known;
                const auto read = open_response_sdu(answer, expected, keys);
                ASSERT_TRUE(read) << read.error().message();
                if (!known && (spi1 & 3) == 0)
                    continue;  // nothing tells a ciphered answer without a check from a clear one
                ASSERT_EQ(read.value().value.data, data);
                ASSERT_EQ(read.value().integrity, spi1 & 3 ? verification::verified : verification::not_asked);
            }
        }
}

TEST(data_framing, lengths_grow_from_one_octet_to_three) {
    const key_set none;
    const auto front = [&](std::size_t data) {
        const auto sealed = seal_command(header(0x00), wire::octets(data), none, framing::data).value();
        return wire::to_hex(wire::octet_view(sealed).first(5));
    };
    EXPECT_EQ(front(0x7F - 14), "017f0d0001");
    EXPECT_EQ(front(0x80 - 14), "0181800d00");
    EXPECT_EQ(front(0xFF - 14), "0181ff0d00");
    EXPECT_EQ(front(0x100 - 14), "018201000d");
    EXPECT_EQ(front(0xFFFF - 14), "0182ffff0d");
    EXPECT_EQ(seal_command(header(0x00), wire::octets(0x10000 - 14), none, framing::data).error(), errc::too_long);
}

TEST(data_framing, longer_forms_of_lengths_are_read) {
    // CPL 81 10 and CHL 81 0d of a clear packet with one octet of data.
    const auto clear = hex("018110810d00013232b0001100000000010055");
    const auto opened = open_command(clear, key_set(), framing::data);
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(wire::to_hex(opened.value().data), "55");
    EXPECT_EQ(opened.value().header.cntr.value, 1u);
}

TEST(data_framing, every_strict_prefix_and_an_extra_octet_fail) {
    for (const std::size_t length : {0, 12, 200, 300}) {
        auto command = seal_command(header(0x16), wire::octets(length), keys_with(), framing::data).value();
        auto answer = seal_response_sdu({{}, {1}, 0, {}, wire::octets(length)}, expecting(0x19), keys_with()).value();
        for (std::size_t n = 0; n < command.size(); ++n) {
            ASSERT_FALSE(open_command(wire::octet_view(command).first(n), keys_with(), framing::data)) << n;
            ASSERT_FALSE(peek_command(wire::octet_view(command).first(n), framing::data)) << n;
        }
        for (std::size_t n = 0; n < answer.size(); ++n) {
            ASSERT_FALSE(open_response_sdu(wire::octet_view(answer).first(n), expecting(0x19), keys_with())) << n;
            ASSERT_FALSE(peek_response_sdu_tar(wire::octet_view(answer).first(n))) << n;
        }
        command.push_back(0);
        answer.push_back(0);
        EXPECT_EQ(open_command(command, keys_with(), framing::data).error(), errc::bad_length);
        EXPECT_EQ(open_response_sdu(answer, expecting(0x19), keys_with()).error(), errc::bad_length);
    }
}

TEST(data_framing, an_altered_octet_never_verifies) {
    const auto packet = seal_command(header(0x16), hex("00a40004022fe200b000000a"), keys_with(), framing::data).value();
    for (std::size_t at = 0; at < packet.size(); ++at) {
        auto altered = packet;
        altered[at] ^= 0x10;
        const auto opened = open_command(altered, keys_with(), framing::data);
        if (opened) {
            EXPECT_NE(opened.value().integrity, verification::verified) << at;
        }
    }
}

TEST(data_framing, capacity_is_the_most_that_fits) {
    for (const std::uint8_t spi1 : {0x00, 0x02, 0x06})
        for (std::size_t sdu = 0; sdu < 700; ++sdu) {
            const auto capacity = data_capacity(sdu, {spi1, 0x01}, {0x32}, {0x32}, 8, framing::data);
            const auto size_with = [&](std::size_t data) {
                return seal_command(header(spi1), wire::octets(data), keys_with(), framing::data).value().size();
            };
            if (capacity != 0) {
                ASSERT_LE(size_with(capacity), sdu);
            }
            ASSERT_GT(size_with(capacity + 1), sdu) << sdu;
        }
    EXPECT_EQ(data_capacity(100000, {0x00, 0x01}, {0x32}, {0x32}, 8, framing::data), 0xFFFFu - 14);
}

}  // namespace ota::secure_channel
