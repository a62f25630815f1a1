#include "secure-channel/crypto.hpp"
#include "secure-channel/errc.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::secure_channel {

namespace {

key_encryption_key kek(std::uint8_t fill) { return key_encryption_key::load(secret(wire::octets(32, fill))).value(); }
constexpr std::array<std::uint8_t, 12> nonce{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

}  // namespace

TEST(key_encryption_key, opens_what_it_sealed) {
    const auto one = kek(1);
    const auto sealed = one.seal(hex("00112233"), hex("aa"), nonce);
    EXPECT_EQ(sealed.size(), 1u + 4 + 12 + 4 + 16);
    EXPECT_EQ(sealed[0], 1) << "version";
    EXPECT_EQ(wire::reader(wire::octet_view(sealed).subspan(1)).u32(), one.id());
    EXPECT_EQ(wire::to_hex(one.open(sealed, hex("aa")).value().view()), "00112233");
    EXPECT_TRUE(one.open(one.seal({}, {}, nonce), {}).value().empty());
}

// The GCM specification's test case 14: 32 zero octets as key, 12 as nonce, 16 as text.
TEST(key_encryption_key, is_aes_256_gcm) {
    const auto sealed = kek(0).seal(wire::octets(16), {}, {});
    EXPECT_EQ(wire::to_hex(wire::octet_view(sealed).subspan(17)),
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(key_encryption_key, id_is_read_off_a_digest_of_a_digest) {
    const auto expected = sha256(sha256(wire::octets(32, 7)));
    EXPECT_EQ(kek(7).id(), wire::reader(expected).u32());
}

// The value was made by Python's hmac.
TEST(key_encryption_key, derives_octets_for_another_purpose) {
    EXPECT_EQ(wire::to_hex(kek(1).derive("a purpose").view()),
              "0da05e98724f11139635fece914b7d4bcf8913f2f374b29831bfb13d2a196d60");
    EXPECT_NE(wire::to_hex(kek(1).derive("a purpose").view()), wire::to_hex(kek(1).derive("another").view()));
    EXPECT_NE(wire::to_hex(kek(1).derive("a purpose").view()), wire::to_hex(kek(2).derive("a purpose").view()));
}

TEST(key_encryption_key, refuses_an_altered_or_moved_value) {
    const auto one = kek(1);
    const auto sealed = one.seal(hex("00112233"), hex("aa"), nonce);
    EXPECT_EQ(one.open(sealed, hex("ab")).error(), errc::bad_seal) << "sealed for another card or purpose";
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        auto altered = sealed;
        altered[at] ^= 0x40;
        const auto expected = at >= 1 && at < 5 ? errc::wrong_key_encryption_key : errc::bad_seal;
        EXPECT_EQ(one.open(altered, hex("aa")).error(), expected) << at;
    }
}

TEST(key_encryption_key, every_strict_prefix_and_an_extra_octet_fail) {
    const auto one = kek(1);
    auto sealed = one.seal(hex("00112233"), hex("aa"), nonce);
    for (std::size_t n = 0; n < sealed.size(); ++n)
        EXPECT_FALSE(one.open(wire::octet_view(sealed).first(n), hex("aa"))) << n;
    sealed.push_back(0);
    EXPECT_EQ(one.open(sealed, hex("aa")).error(), errc::bad_seal);
}

TEST(key_encryption_key, tells_another_key_from_an_altered_value) {
    const auto sealed = kek(1).seal(hex("00112233"), hex("aa"), nonce);
    EXPECT_EQ(kek(2).open(sealed, hex("aa")).error(), errc::wrong_key_encryption_key);
}

TEST(key_encryption_key, has_32_octets) {
    EXPECT_EQ(key_encryption_key::load(secret(wire::octets(16))).error(), errc::bad_key);
    EXPECT_EQ(key_encryption_key::load(secret()).error(), errc::bad_key);
}

}  // namespace ota::secure_channel
