#include "tests/sandbox/uicc/object_card.hpp"

/// What readers of others do, and ours does not: pkcs15-tool and pyscard behind PC/SC, and what TS 102 221 lets them
/// do.
namespace ota::sandbox {
namespace {

TEST(foreign_reader, finds_the_directory_by_records_until_there_are_no_more) {
    object_card card;
    EXPECT_EQ(card.ask("00a40800022f00").substr(0, 2), "61");
    EXPECT_TRUE(card.ask("00b2010400").ends_with("9000"));
    EXPECT_TRUE(card.ask("00b2020400").ends_with("9000"));
    EXPECT_EQ(card.ask("00b2030400"), "6a83");
    EXPECT_EQ(card.ask("00b2010410"), "6c1a");
    EXPECT_EQ(card.ask("00b201041a").size(), 2U * (26 + 2));
}

TEST(foreign_reader, gets_the_description_at_once_or_by_get_response) {
    object_card card;
    const auto waits = card.ask("00a404000ca000000063504b43532d3135");
    ASSERT_EQ(waits.substr(0, 2), "61");
    const auto described = card.ask("00c00000" + waits.substr(2, 2));
    EXPECT_EQ(card.ask("00a404000ca000000063504b43532d313500"), described);  // with Le, as T=1 does
    EXPECT_EQ(card.ask("00c00000" + waits.substr(2, 2)), "6700");            // told once
    EXPECT_EQ(card.ask("00a404000ca000000063504b43532d3135").substr(0, 2), "61");
    EXPECT_EQ(card.ask("00c00000ff"), "6c" + waits.substr(2, 2));
    EXPECT_EQ(card.ask("00c00000" + waits.substr(2, 2)), described);
}

TEST(foreign_reader, goes_through_applications_by_the_same_name_and_comes_to_an_end) {
    object_card card;
    EXPECT_EQ(card.ask("00a4040c05a000000063"), "9000");
    EXPECT_EQ(card.ask("00a4040e05a000000063"), "6a82");  // next: there is one
    EXPECT_EQ(card.ask("00a4040f05a000000063"), "6a82");  // previous
    EXPECT_EQ(card.ask("00a4040c04a0000000"), "9000");    // first of all: PKCS#15
    EXPECT_NE(card.ask("00a40004027f5000")
                  .find("84"
                        "0c"
                        "a000000063504b43532d3135"),
              std::string::npos);
    EXPECT_EQ(card.ask("00a4040e04a0000000"), "9000");  // next: USIM
    EXPECT_NE(card.ask("80f2000000")
                  .find("84"
                        "0c"
                        "a0000000871002"),
              std::string::npos);
    EXPECT_EQ(card.ask("00a4040e04a0000000"), "6a82");
    EXPECT_EQ(card.ask("00a4040f04a0000000"), "9000");  // and back
    EXPECT_NE(card.ask("80f2000000").find("a000000063504b43532d3135"), std::string::npos);
    EXPECT_EQ(card.ask("00a4040d04a0000000"), "9000");  // last
    EXPECT_NE(card.ask("80f2000000").find("a0000000871002"), std::string::npos);
}

TEST(foreign_reader, walks_down_to_a_child_and_up_to_the_parent) {
    object_card card;
    EXPECT_EQ(card.ask("00a4010c027f50"), "9000");
    EXPECT_EQ(card.ask("00a4010c026432"), "6a82");  // a file is no directory
    EXPECT_EQ(card.ask("00a4000c026432"), "9000");
    EXPECT_EQ(card.ask("00a4030c"), "9000");
    EXPECT_NE(card.ask("80f2000000")
                  .find("8302"
                        "3f00"),
              std::string::npos);
    EXPECT_EQ(card.ask("00a4030c027f50"), "6700");
    EXPECT_EQ(card.ask("00a4010c"), "6700");
    EXPECT_EQ(card.ask("00a4020c026432"), "6a86");
}

TEST(foreign_reader, is_told_that_files_have_no_short_identifier) {
    object_card card;
    const auto described = card.ask("00a40804047f50643200");
    EXPECT_NE(described.find("8002"
                             "0400"
                             "8800"
                             "9000"),
              std::string::npos);  // 88 00: 6432 is not also 12 [TS 102 221, 11.1.1.4.8]
    EXPECT_EQ(card.ask("00b0920004"), "6a82");
}

TEST(foreign_reader, is_told_who_manages_a_directory) {
    object_card card;
    EXPECT_NE(card.ask("00a40004027f5000")
                  .find("ab0b"
                        "800103"
                        "a40683010a950108"),
              std::string::npos);  // create, delete: the issuer
    const auto master = card.ask("00a40004023f0000");
    EXPECT_NE(master.find("a503"
                          "800171"),
              std::string::npos);
    EXPECT_NE(master.find("ab05"
                          "800103"
                          "9700"),
              std::string::npos);  // nobody
}

TEST(foreign_reader, learns_how_many_channels_there_are) {
    object_card card;
    for (const auto* of_channel_four_and_more : {"40a4000c023f00", "4fa4000c023f00", "70b0000000", "c0f2000000"})
        EXPECT_EQ(card.ask(of_channel_four_and_more), "6881");
    EXPECT_EQ(card.ask("0070000001"), "019000");
    EXPECT_EQ(card.ask("01a4040c0ca000000063504b43532d3135"), "9000");
    EXPECT_EQ(card.ask("01b0000001"), "6986");
    EXPECT_EQ(card.ask("01a4000c025031"), "9000");
    EXPECT_EQ(card.ask("01b0000000"), "a7063004040264309000");
    EXPECT_EQ(card.ask("00b0000000"), "6986");  // the basic channel is where it was
    EXPECT_EQ(card.ask("00708001"), "9000");
    EXPECT_EQ(card.ask("01b0000000"), "6881");
}

TEST(foreign_reader, reads_to_the_end_of_a_file_and_not_beyond) {
    object_card card;
    EXPECT_EQ(card.ask("00a4080c047f506432"), "9000");
    EXPECT_EQ(card.ask("00b0000000").size(), 2U * (256 + 2));
    EXPECT_EQ(card.ask("00b003ff02"), "6c01");
    EXPECT_EQ(card.ask("00b003ff01"), "ff9000");
    EXPECT_EQ(card.ask("00b0040001"), "6b00");
    EXPECT_EQ(card.ask("00b07fff00"), "6b00");
}

}  // namespace
}  // namespace ota::sandbox
