#include "secure-channel/crypto.hpp"

#include "secure-channel/errc.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::secure_channel {

namespace {

key_set keys(std::string_view kic, std::string_view kid, std::uint8_t mac_length = 8) {
    return key_set(secret(hex(kic)), secret(hex(kid)), mac_length);
}

std::string enciphered(const key_set& with, cipher c, std::string_view clear) {
    auto data = hex(clear);
    EXPECT_TRUE(with.encipher(c, data));
    return wire::to_hex(data);
}

std::string checksum(const key_set& with, mac m, std::string_view head, std::string_view tail = "") {
    return wire::to_hex(with.checksum(m, hex(head), hex(tail)).value());
}

}  // namespace

// FIPS 81 and NIST SP 800-67, SP 800-38A.
TEST(crypto, enciphers_as_the_published_examples) {
    const auto now_is_the_time = wire::to_hex(wire::as_octets("Now is the time for all "));
    EXPECT_EQ(enciphered(keys("0123456789abcdef", ""), cipher::des_ecb, now_is_the_time),
              "3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53");
    EXPECT_EQ(enciphered(keys("0123456789abcdef23456789abcdef01456789abcdef0123", ""), cipher::triple_des_3_cbc,
                         wire::to_hex(wire::as_octets("The qufc"))),
              "a826fd8ce53b855f");
    EXPECT_EQ(
        enciphered(keys("2b7e151628aed2a6abf7158809cf4f3c", ""), cipher::aes_cbc, "6bc1bee22e409f96e93d7e117393172a"),
        "3ad77bb40d7a3660a89ecaf32466ef97");
    EXPECT_EQ(enciphered(keys("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", ""), cipher::aes_cbc,
                         "6bc1bee22e409f96e93d7e117393172a"),
              "bd334f1d6e45f25ff712a214571fa5cc");
    EXPECT_EQ(enciphered(keys("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", ""), cipher::aes_cbc,
                         "6bc1bee22e409f96e93d7e117393172a"),
              "f3eed1bdb5d2a03c064b5a7e3db181f8");
}

TEST(crypto, two_key_triple_des_is_three_key_with_k1_k2_k1) {
    const std::string clear(96, '7');
    EXPECT_EQ(
        enciphered(keys("0123456789abcdeffedcba9876543210", ""), cipher::triple_des_2_cbc, clear),
        enciphered(keys("0123456789abcdeffedcba98765432100123456789abcdef", ""), cipher::triple_des_3_cbc, clear));
}

TEST(crypto, degenerate_keys_are_as_good_as_others) {
    const std::string clear(64, 'a');
    EXPECT_EQ(enciphered(keys(std::string(32, '0'), ""), cipher::triple_des_2_cbc, clear),
              enciphered(keys(std::string(16, '0'), ""), cipher::des_cbc, clear));
    EXPECT_EQ(enciphered(keys("0123456789abcdef0123456789abcdef", ""), cipher::triple_des_2_cbc, clear),
              enciphered(keys("0123456789abcdef", ""), cipher::des_cbc, clear));
}

TEST(crypto, parity_bits_of_a_des_key_take_no_part) {
    const std::string clear(64, 'a');
    EXPECT_EQ(enciphered(keys("0123456789abcdef", ""), cipher::des_cbc, clear),
              enciphered(keys("0022446688aaccee", ""), cipher::des_cbc, clear));
}

TEST(crypto, deciphering_undoes_enciphering) {
    const std::pair<cipher, std::size_t> ciphers[] = {
        {cipher::des_cbc, 8},  {cipher::des_ecb, 8},  {cipher::triple_des_2_cbc, 16}, {cipher::triple_des_3_cbc, 24},
        {cipher::aes_cbc, 16}, {cipher::aes_cbc, 24}, {cipher::aes_cbc, 32}};
    for (const auto& [c, key_length] : ciphers) {
        wire::octets key(key_length);
        for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i * 37 + 11);
        const key_set with(secret(std::move(key)), {});
        for (std::size_t blocks = 0; blocks < 20; ++blocks) {
            wire::octets clear(blocks * block_size(c));
            for (std::size_t i = 0; i < clear.size(); ++i) clear[i] = static_cast<std::uint8_t>(i);
            auto data = clear;
            ASSERT_TRUE(with.encipher(c, data));
            ASSERT_EQ(data == clear, blocks == 0);
            ASSERT_TRUE(with.decipher(c, data));
            ASSERT_EQ(data, clear) << blocks;
        }
    }
}

TEST(crypto, cmac_agrees_with_rfc_4493) {
    const auto with = keys("", "2b7e151628aed2a6abf7158809cf4f3c");
    const std::string message =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b"
        "17"
        "ad2b417be66c3710";
    EXPECT_EQ(checksum(with, mac::aes_cmac, ""), "bb1d6929e9593728");
    EXPECT_EQ(checksum(with, mac::aes_cmac, message.substr(0, 32)), "070a16b46b4d4144");
    EXPECT_EQ(checksum(with, mac::aes_cmac, message.substr(0, 80)), "dfa66747de9ae630");
    EXPECT_EQ(checksum(with, mac::aes_cmac, message), "51f0bebf7e3b9d92");
    EXPECT_EQ(checksum(keys("", "2b7e151628aed2a6abf7158809cf4f3c", 4), mac::aes_cmac, message), "51f0bebf");
}

TEST(crypto, des_mac_agrees_with_fips_113) {
    const auto text = wire::to_hex(wire::as_octets("7654321 Now is the time for "));
    EXPECT_EQ(checksum(keys("", "0123456789abcdef"), mac::des_cbc_mac, text), "f1d30f6849312ca4");
}

TEST(crypto, checksum_does_not_depend_on_where_the_parts_meet) {
    const auto with = keys("", "000102030405060708090a0b0c0d0e0f");
    const std::string all = "00112233445566778899aabbccddeeff0123456789abcdef00112233445566778899aabbccddeeff0011";
    for (const auto m : {mac::aes_cmac, mac::triple_des_2_cbc_mac}) {
        for (std::size_t cut = 0; cut <= all.size(); cut += 2)
            EXPECT_EQ(checksum(with, m, all.substr(0, cut), all.substr(cut)), checksum(with, m, all)) << cut;
    }
}

TEST(crypto, key_set_serves_several_algorithms_in_turn) {
    const auto with = keys("000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f");
    const std::string clear(64, '3');
    const auto aes = enciphered(with, cipher::aes_cbc, clear);
    const auto triple_des = enciphered(with, cipher::triple_des_2_cbc, clear);
    EXPECT_NE(aes, triple_des);
    EXPECT_EQ(enciphered(with, cipher::aes_cbc, clear), aes);
    EXPECT_EQ(checksum(with, mac::aes_cmac, clear),
              checksum(keys("", "000102030405060708090a0b0c0d0e0f"), mac::aes_cmac, clear));
    EXPECT_EQ(enciphered(with, cipher::triple_des_2_cbc, clear), triple_des);
}

TEST(crypto, keys_that_do_not_fit_are_refused) {
    wire::octets data(16);
    EXPECT_EQ(keys("0011", "").encipher(cipher::des_cbc, data).error(), errc::bad_key);
    EXPECT_EQ(keys("", "").encipher(cipher::aes_cbc, data).error(), errc::bad_key);
    EXPECT_EQ(key_set().decipher(cipher::aes_cbc, data).error(), errc::bad_key);
    EXPECT_EQ(keys("000102030405060708090a0b0c0d0e0f", "").encipher(cipher::triple_des_3_cbc, data).error(),
              errc::bad_key);
    EXPECT_EQ(keys("", "0011").checksum(mac::aes_cmac, data, {}).error(), errc::bad_key);
    EXPECT_EQ(keys("", "000102030405060708090a0b0c0d0e0f", 5).checksum(mac::aes_cmac, data, {}).error(), errc::bad_key);
    EXPECT_EQ(data, wire::octets(16)) << "nothing was touched";
}

TEST(crypto, only_whole_blocks_are_enciphered) {
    wire::octets data(17);
    EXPECT_EQ(keys("000102030405060708090a0b0c0d0e0f", "").encipher(cipher::aes_cbc, data).error(), errc::bad_length);
    EXPECT_EQ(keys("000102030405060708090a0b0c0d0e0f", "").decipher(cipher::aes_cbc, data).error(), errc::bad_length);
}

TEST(crypto, secret_moves_and_leaves_nothing_behind) {
    secret one(hex("0011"));
    secret two(std::move(one));
    EXPECT_TRUE(one.empty());
    EXPECT_EQ(wire::to_hex(two.view()), "0011");
    secret three(hex("2233"));
    three = std::move(two);
    EXPECT_EQ(wire::to_hex(three.clone().view()), "0011");
    EXPECT_TRUE(two.empty());
}

TEST(crypto, sha256_agrees_with_fips_180) {
    EXPECT_EQ(wire::to_hex(sha256(wire::as_octets("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(crypto, constant_time_comparison_compares) {
    EXPECT_TRUE(equal_in_constant_time(hex("0011"), hex("0011")));
    EXPECT_FALSE(equal_in_constant_time(hex("0011"), hex("0012")));
    EXPECT_FALSE(equal_in_constant_time(hex("0011"), hex("001100")));
    EXPECT_TRUE(equal_in_constant_time({}, {}));
}

}  // namespace ota::secure_channel
