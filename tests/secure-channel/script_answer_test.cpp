#include "secure-channel/remote_script.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::secure_channel {

TEST(script_answer, compact_tells_of_the_last_command_only) {
    const auto answer = parse_script_answer(hex("039000aabbcc03"), script_format::compact).value();
    EXPECT_EQ(answer.executed, 3u);
    ASSERT_EQ(answer.answers.size(), 1u);
    EXPECT_EQ(answer.answers[0].sw, 0x9000);
    EXPECT_EQ(wire::to_hex(answer.answers[0].data), "aabbcc03");
    EXPECT_FALSE(answer.error);
}

TEST(script_answer, compact_names_the_command_that_failed) {
    const auto answer = parse_script_answer(hex("026a82"), script_format::compact).value();
    EXPECT_EQ(answer.executed, 2u);
    EXPECT_EQ(answer.answers.at(0).sw, 0x6A82);
}

TEST(script_answer, empty_script_is_answered_with_its_count_alone) {
    const auto answer = parse_script_answer(hex("00"), script_format::compact).value();
    EXPECT_EQ(answer.executed, 0u);
    EXPECT_TRUE(answer.answers.empty());
}

TEST(script_answer, compact_cut_short_fails) {
    for (const auto* text : {"", "01", "0190"})
        EXPECT_EQ(parse_script_answer(hex(text), script_format::compact).error(), errc::bad_script);
}

TEST(script_answer, expanded_has_an_answer_for_each_command) {
    for (const auto* text : {"ab0d8001032302900023046a829000", "af802302900023046a8290000000"}) {
        const auto parsed = parse_script_answer(hex(text), script_format::expanded);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed.value().executed, text[1] == 'b' ? 3u : 2u);
        ASSERT_EQ(parsed.value().answers.size(), 2u);
        EXPECT_EQ(parsed.value().answers[0], (command_answer{0x9000, {}}));
        EXPECT_EQ(parsed.value().answers[1], (command_answer{0x9000, hex("6a82")}));
    }
}

TEST(script_answer, expanded_error_objects_are_kept) {
    EXPECT_EQ(parse_script_answer(hex("ab06800100900101"), script_format::expanded).value().error, 0x9001);
    EXPECT_EQ(parse_script_answer(hex("ab0a8001012302900083"
                                      "0102"),
                                  script_format::expanded)
                  .value()
                  .error,
              0x8302);
    EXPECT_EQ(parse_script_answer(hex("af808101010000"), script_format::expanded).value().error, 0x8101);
}

TEST(script_answer, goes_both_ways_in_every_format) {
    const script_answer compact{2, {{0x6A82, hex("0102")}}, {}};
    const script_answer expanded{2, {{0x9000, {}}, {0x6282, hex("0102")}}, 0x9001};
    EXPECT_EQ(
        parse_script_answer(serialize_script_answer(compact, script_format::compact).value(), script_format::compact)
            .value(),
        compact);
    for (const auto format : {script_format::expanded, script_format::expanded_indefinite})
        EXPECT_EQ(parse_script_answer(serialize_script_answer(expanded, format).value(), format).value(), expanded);
    script_answer many{300, {{0x9000, wire::octets(300, 1)}}, {}};
    EXPECT_EQ(
        parse_script_answer(serialize_script_answer(many, script_format::expanded).value(), script_format::expanded)
            .value(),
        many);
}

TEST(script_answer, what_a_format_cannot_say_is_refused) {
    EXPECT_EQ(serialize_script_answer({256, {{0x9000, {}}}, {}}, script_format::compact).error(), errc::too_long);
    EXPECT_EQ(serialize_script_answer({2, {{0x9000, {}}, {0x9000, {}}}, {}}, script_format::compact).error(),
              errc::bad_script);
    EXPECT_EQ(serialize_script_answer({1, {}, {}}, script_format::compact).error(), errc::bad_script);
    EXPECT_EQ(serialize_script_answer({2, {{0x9000, {}}}, {}}, script_format::expanded_indefinite).error(),
              errc::bad_script);
}

TEST(script_answer, every_strict_prefix_and_an_extra_octet_fail) {
    for (const auto format : {script_format::expanded, script_format::expanded_indefinite}) {
        auto answer = serialize_script_answer({2, {{0x9000, {}}, {0x9000, hex("aabb")}}, {}}, format).value();
        for (std::size_t n = 0; n < answer.size(); ++n)
            EXPECT_FALSE(parse_script_answer(wire::octet_view(answer).first(n), format)) << n;
        answer.push_back(0);
        EXPECT_FALSE(parse_script_answer(answer, format));
    }
}

TEST(script_answer, success_is_what_iso_and_3gpp_call_so) {
    for (const unsigned sw : {0x9000u, 0x9100u, 0x9120u, 0x9F16u, 0x6132u, 0x9203u})
        EXPECT_TRUE(is_success(static_cast<std::uint16_t>(sw))) << std::hex << sw;
    for (const unsigned sw : {0x9240u, 0x6A82u, 0x6982u, 0x9300u, 0x6283u, 0x9001u, 0x6CFFu})
        EXPECT_FALSE(is_success(static_cast<std::uint16_t>(sw))) << std::hex << sw;
}

}  // namespace ota::secure_channel
