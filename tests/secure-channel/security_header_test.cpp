#include "secure-channel/security_header.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ota::secure_channel {

TEST(security_header, reads_the_fields_of_spi) {
    const security_parameters usual{0x16, 0x39};
    EXPECT_EQ(usual.command_integrity(), integrity::cryptographic_checksum);
    EXPECT_TRUE(usual.command_ciphered());
    EXPECT_EQ(usual.counter(), counter_mode::higher);
    EXPECT_EQ(usual.por(), por_request::always);
    EXPECT_EQ(usual.por_integrity(), integrity::cryptographic_checksum);
    EXPECT_TRUE(usual.por_ciphered());
    EXPECT_TRUE(usual.por_by_submit());

    const security_parameters other{0x19, 0x06};
    EXPECT_EQ(other.command_integrity(), integrity::redundancy_check);
    EXPECT_FALSE(other.command_ciphered());
    EXPECT_EQ(other.counter(), counter_mode::exactly_one_higher);
    EXPECT_EQ(other.por(), por_request::on_error);
    EXPECT_EQ(other.por_integrity(), integrity::redundancy_check);
    EXPECT_FALSE(other.por_ciphered());
    EXPECT_FALSE(other.por_by_submit());
}

TEST(security_header, names_the_cipher_of_every_kic) {
    const std::optional<cipher> expected[16] = {{},
                                                cipher::des_cbc,
                                                cipher::aes_cbc,
                                                {},
                                                {},
                                                cipher::triple_des_2_cbc,
                                                {},
                                                {},
                                                {},
                                                cipher::triple_des_3_cbc,
                                                {},
                                                {},
                                                {},
                                                cipher::des_ecb,
                                                {},
                                                {}};
    for (std::uint8_t n = 0; n < 16; ++n)
        EXPECT_EQ(cipher_of({static_cast<std::uint8_t>(0x30 | n)}), expected[n]) << int{n};
}

TEST(security_header, names_the_checksum_of_every_kid) {
    const std::optional<mac> expected[16] = {{},
                                             mac::des_cbc_mac,
                                             mac::aes_cmac,
                                             {},
                                             {},
                                             mac::triple_des_2_cbc_mac,
                                             {},
                                             {},
                                             {},
                                             mac::triple_des_3_cbc_mac,
                                             {},
                                             {},
                                             {},
                                             {},
                                             {},
                                             {}};
    for (std::uint8_t n = 0; n < 16; ++n)
        EXPECT_EQ(mac_of({static_cast<std::uint8_t>(0x30 | n)}), expected[n]) << int{n};
}

TEST(security_header, redundancy_check_length_follows_kid) {
    EXPECT_EQ(redundancy_check_length({0x11}), 2u);
    EXPECT_EQ(redundancy_check_length({0x15}), 4u);
    EXPECT_EQ(redundancy_check_length({0x10}), 4u) << "known by both: CRC-32";
    EXPECT_FALSE(redundancy_check_length({0x12}));
    EXPECT_FALSE(redundancy_check_length({0x19}));
}

TEST(security_header, key_identifier_has_version_and_algorithm) {
    const key_identifier k{0x35};
    EXPECT_EQ(k.key_version(), 3);
    EXPECT_EQ(k.algorithm(), 5);
}

TEST(security_header, only_three_statuses_are_interim) {
    for (int code = 0; code < 256; ++code)
        EXPECT_EQ(is_interim(static_cast<response_status>(code)), code == 0x08 || code == 0x0B || code == 0x0C) << code;
}

TEST(security_header, every_status_has_words_of_its_own) {
    std::set<std::string_view> words;
    for (int code = 0; code <= 0x0C; ++code) words.insert(describe(static_cast<response_status>(code)));
    EXPECT_EQ(words.size(), 13u);
    EXPECT_EQ(describe(static_cast<response_status>(0x0D)), describe(static_cast<response_status>(0xFF)));
}

}  // namespace ota::secure_channel
