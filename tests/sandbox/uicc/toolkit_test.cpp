#include "sandbox/uicc/toolkit.hpp"

#include <gtest/gtest.h>

namespace ota::sandbox {
namespace {

wire::octets hex(std::string_view text) { return wire::from_hex(text).value(); }
std::string fetched(toolkit& t) { return wire::to_hex(t.fetch().value_or(wire::octets())); }

TEST(toolkit, says_nothing_before_the_terminal_told_its_profile) {
    toolkit t;
    t.refresh({{0x7F50, 0x6432}});
    EXPECT_EQ(t.waiting(), 0U);
    EXPECT_FALSE(t.fetch());
    t.on_terminal_profile(hex("ff"), false);
    EXPECT_EQ(t.waiting(), 20U);
    EXPECT_EQ(fetched(t),
              "d012"
              "8103010101"
              "82028182"
              "9207"
              "01"
              "3f007f506432");
}

TEST(toolkit, asks_once_who_the_terminal_is) {
    toolkit t;
    t.on_terminal_profile(hex("ffee"), true);
    EXPECT_EQ(fetched(t),
              "d009"
              "8103012601"
              "82028182");
    EXPECT_EQ(t.waiting(), 0U);  // one at a time
    EXPECT_FALSE(t.fetch());
    // The identity as TS 24.008 writes 123456789012345.
    EXPECT_TRUE(
        t.on_terminal_response(hex("8103012601"
                                   "82028281"
                                   "830100"
                                   "9408"
                                   "1a32547698103254")));
    EXPECT_EQ(fetched(t),
              "d009"
              "8103022604"
              "82028182");
    EXPECT_TRUE(
        t.on_terminal_response(hex("0103022604"
                                   "02028281"
                                   "030100"
                                   "2d02"
                                   "6465")));
    EXPECT_EQ(fetched(t),
              "d009"
              "8103032608"
              "82028182");
    EXPECT_TRUE(
        t.on_terminal_response(hex("8103032608"
                                   "82028281"
                                   "830100"
                                   "e209"
                                   "1332547698103254f6")));
    EXPECT_EQ(t.facts(), (terminal_facts{hex("ffee"), "123456789012345", "de", "56"}));
    t.on_terminal_profile(hex("ffee"), true);
    EXPECT_EQ(t.waiting(), 0U);
}

TEST(toolkit, takes_no_answer_that_is_not_to_its_command) {
    toolkit t;
    EXPECT_FALSE(
        t.on_terminal_response(hex("8103010101"
                                   "82028281"
                                   "830100")));
    t.on_terminal_profile(hex("ff"), false);
    t.refresh({{0x2FE2}});
    EXPECT_FALSE(
        t.on_terminal_response(hex("8103010101"
                                   "82028281"
                                   "830100")));  // not yet fetched
    (void)t.fetch();
    for (const auto* wrong : {"8103020101"
                              "82028281"
                              "830100",
                              "8103010100"
                              "830100",
                              "82028281"
                              "830100",
                              "", "81030101"})
        EXPECT_FALSE(t.on_terminal_response(hex(wrong))) << wrong;
    EXPECT_TRUE(
        t.on_terminal_response(hex("8103010101"
                                   "82028281"
                                   "830103")));
    EXPECT_EQ(t.waiting(), 0U);
}

TEST(toolkit, a_terminal_that_cannot_is_not_believed_and_not_asked_again) {
    toolkit t;
    t.on_terminal_profile(hex("ff"), true);
    (void)t.fetch();
    EXPECT_TRUE(
        t.on_terminal_response(hex("8103012601"
                                   "82028281"
                                   "830130"
                                   "9408"
                                   "1a32547698103254")));
    EXPECT_EQ(t.facts().imei, "");
    (void)t.fetch();
    EXPECT_TRUE(
        t.on_terminal_response(hex("8103022604"
                                   "82028281"
                                   "830100"
                                   "ad0164")));  // malformed
    EXPECT_EQ(t.facts().language, "");
    (void)t.fetch();
    EXPECT_TRUE(
        t.on_terminal_response(hex("8103032608"
                                   "82028281"
                                   "830100"
                                   "9408"
                                   "1a3254769810325f")));
    EXPECT_EQ(t.facts().imei, "");
    EXPECT_EQ(t.waiting(), 0U);
}

TEST(toolkit, joins_changes_that_the_terminal_has_not_fetched) {
    toolkit t;
    t.on_terminal_profile(hex("ff"), false);
    t.refresh({{0x7F50, 0x6432}});
    t.refresh({{0x7F50, 0x6440}, {0x7F50, 0x6432}});
    EXPECT_EQ(fetched(t),
              "d018"
              "8103010101"
              "82028182"
              "920d"
              "02"
              "3f007f506432"
              "3f007f506440");
    t.refresh({{0x2FE2}});  // this one is under way already
    EXPECT_TRUE(
        t.on_terminal_response(hex("8103010101"
                                   "82028281"
                                   "830100")));
    EXPECT_EQ(fetched(t),
              "d010"
              "8103020101"
              "82028182"
              "9205"
              "01"
              "3f002fe2");
}

TEST(toolkit, too_many_files_become_a_change_of_all) {
    toolkit t;
    t.on_terminal_profile(hex("ff"), false);
    std::vector<std::vector<std::uint16_t>> files;
    for (std::uint16_t i = 0; i < 39; ++i) files.push_back({0x7F50, static_cast<std::uint16_t>(0x6400 + i)});
    t.refresh(files);
    EXPECT_GT(t.waiting(), 240U);
    EXPECT_LE(t.waiting(), 255U);
    t.refresh({{0x7F50, 0x6500}});
    EXPECT_EQ(fetched(t),
              "d009"
              "8103010100"
              "82028182");
}

TEST(toolkit, sends_short_messages) {
    toolkit t;
    t.on_terminal_profile(hex("ff"), false);
    t.send(hex("0102"));
    EXPECT_EQ(fetched(t),
              "d00d"
              "8103011300"
              "82028183"
              "8b020102");
}

}  // namespace
}  // namespace ota::sandbox
