#include "tests/profile/profile_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ota;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(profile_security, accepts_ciphered_commands_with_a_counter_and_signed_proofs) {
    for (const auto* spi : {"'1619'", "'1639'", "'1209'", "'1629'"})
        EXPECT_THAT(load({.spi = spi}).told, IsEmpty()) << spi;
}

TEST(profile_security, refuses_single_des_unless_allowed) {
    const std::pair<const char*, const char*> weak[] = {
        {"des", "3des2"}, {"des-ecb", "3des2"}, {"3des2", "des"}, {"d", "5"}, {"1", "1"}};
    for (const auto& [kic, kid] : weak) {
        EXPECT_THAT(
            load({.kic = kic, .kid = kid}).told,
            ElementsAre(
                "1 error [0]: single DES or DES in ECB mode can be broken; refused unless `allow` lists single-des"));
        EXPECT_THAT(load({.kic = kic, .kid = kid, .allow = "[single-des]"}).told,
                    ElementsAre("1 warning [0]: single DES or DES in ECB mode can be broken: whoever breaks the key "
                                "can write to the card"));
    }
}

TEST(profile_security, refuses_commands_without_a_cryptographic_checksum_unless_allowed) {
    for (const auto* spi : {"'1419'", "'1519'"}) {  // none, RC
        EXPECT_THAT(
            load({.spi = spi, .kic = "3des2", .kid = "3des2"}).told,
            ElementsAre(
                "2 error [0].spi: commands carry no cryptographic checksum; refused unless `allow` lists no-cc"));
        EXPECT_THAT(load({.spi = spi, .kic = "3des2", .kid = "3des2", .allow = "[no-cc]"}).told,
                    ElementsAre(HasSubstr("2 warning [0].spi: commands carry no cryptographic checksum: anybody")));
    }
}

TEST(profile_security, refuses_counters_that_the_card_does_not_check_unless_allowed) {
    for (const auto* spi : {"'0619'", "'0e19'"}) {
        EXPECT_THAT(
            load({.spi = spi}).told,
            ElementsAre(
                "2 error [0].spi: the card does not check the counter; refused unless `allow` lists no-counter"));
        EXPECT_THAT(load({.spi = spi, .allow = "[no-counter]"}).told,
                    ElementsAre(HasSubstr(
                        "one packet to a card waits for the earlier one's validity and margin, then for a read-back, "
                        "and exec is refused")));
    }
}

TEST(profile_security, refuses_exec_nodes_without_a_checked_counter_even_when_that_is_allowed) {  // R11
    const auto got =
        load({.spi = "'0619'", .allow = "[no-counter]", .nodes = "    - {uri: ./SC/USIM/R, exec: [00a40004026f46]}\n"});
    EXPECT_THAT(got.told,
                testing::Contains("10 error [0].nodes[0].exec: exec would run again with every copy of its packet: it "
                                  "needs an SPI whose counter is checked"));
}

TEST(profile_security, refuses_proofs_that_are_off_or_on_error_only_unless_allowed) {  // R25
    for (const auto* spi : {"'1600'", "'160a'"}) {
        EXPECT_THAT(
            load({.spi = spi}).told,
            ElementsAre(
                "2 error [0].spi: a proof of receipt is not always asked for; refused unless `allow` lists no-por"));
        EXPECT_THAT(load({.spi = spi, .allow = "[no-por]"}).told,
                    ElementsAre("2 warning [0].spi: a proof of receipt is not always asked for: success needs a "
                                "read-back, or is told as "
                                "`unverified` (without_proof: unverified)"));
    }
}

TEST(profile_security, refuses_unsigned_proofs_unless_allowed) {  // R25
    for (const auto* spi : {"'1601'", "'1611'"}) {
        EXPECT_THAT(
            load({.spi = spi}).told,
            ElementsAre(
                "2 error [0].spi: the proof of receipt carries no cryptographic checksum; refused unless `allow` lists "
                "unsigned-por"));
        EXPECT_THAT(
            load({.spi = spi, .allow = "[unsigned-por]"}).told,
            ElementsAre(HasSubstr(
                "2 warning [0].spi: the proof of receipt carries no cryptographic checksum: anybody can forge it: "
                "success needs a read-back")));
    }
}

TEST(profile_security, lets_each_weakness_through_only_by_its_own_name) {
    const auto got = load({.spi = "'0001'", .kic = "des", .kid = "des", .allow = "[no-cc, unsigned-por]"});
    EXPECT_THAT(got.told, ElementsAre(HasSubstr("warning [0].spi: commands carry no"),
                                      HasSubstr("error [0].spi: the card does not check the counter"),
                                      HasSubstr("warning [0].spi: the proof of receipt carries no")));
}

TEST(profile_security, warns_of_permissions_without_need_and_names_the_possible_ones) {
    EXPECT_THAT(load({.allow = "[no-por, everything]"}).told,
                ElementsAre("5 error [0].allow[1]: should be single-des, no-cc, no-counter, unsigned-por or no-por",
                            "2 warning [0].spi: `allow` lists no-por without need"));
}

TEST(profile_security, warns_that_a_counter_that_rises_by_exactly_one_is_lost_with_the_store) {  // R3, R10
    const auto got = load({.spi = "'1e19'"});
    ASSERT_EQ(got.told.size(), 1u);
    EXPECT_THAT(got.told[0],
                HasSubstr("2 warning [0].spi: the counter must rise by exactly one: it is lost with the store"));
    EXPECT_THAT(got.told[0], HasSubstr("otagw store recover"));
    EXPECT_THAT(got.told[0], HasSubstr("may stay unreachable"));
    EXPECT_THAT(got.told[0], HasSubstr("no fall-back to another bearer"));
}

TEST(profile_security, refuses_digital_signatures_and_reserved_codes) {
    EXPECT_THAT(load({.spi = "'1719'", .allow = "[no-cc]"}).told,
                testing::Contains("2 error [0].spi: asks for a digital signature, which is not offered"));
    EXPECT_THAT(load({.spi = "'161d'", .allow = "[unsigned-por]"}).told,
                testing::Contains("2 error [0].spi: asks for a digital signature, which is not offered"));
    EXPECT_THAT(load({.spi = "'3619'"}).told, testing::Contains("2 error [0].spi: has reserved bits set"));
    EXPECT_THAT(load({.spi = "'1699'"}).told, testing::Contains("2 error [0].spi: has reserved bits set"));
    EXPECT_THAT(load({.spi = "'161b'"}).told,
                ElementsAre("2 error [0].spi: asks for a proof of receipt by a reserved code"));
}

TEST(profile_security, refuses_algorithms_that_cannot_do_what_the_spi_asks) {
    EXPECT_THAT(load({.kic = "implicit"}).told,
                ElementsAre("3 error [0].kic: names no cipher, and the SPI asks for ciphering"));
    EXPECT_THAT(
        load({.kid = "implicit"}).told,
        ElementsAre("4 error [0].kid: names no checksum algorithm, and the SPI asks for a cryptographic checksum"));
    EXPECT_THAT(load({.spi = "'1519'", .allow = "[no-cc]"}).told,
                testing::Contains("4 error [0].kid: names no redundancy check, and the SPI asks for one"));
    EXPECT_THAT(load({.spi = "'1209'", .kic = "implicit"}).told, IsEmpty());
}

TEST(profile_security, reads_whether_success_without_proof_may_be_told_as_unverified) {
    EXPECT_TRUE(load({.spi = "'1601'", .more = "  without_proof: unverified\n", .allow = "[unsigned-por]"})
                    .only()
                    .allow_unverified);
    EXPECT_FALSE(load({.spi = "'1601'", .more = "  without_proof: read-back\n", .allow = "[unsigned-por]"})
                     .only()
                     .allow_unverified);
}
