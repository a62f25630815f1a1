#include "config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ota::config;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::vector<std::string> told(const faults& f) {
    std::vector<std::string> out;
    for (const auto& fault : f.list()) out.push_back(to_string(fault));
    return out;
}

}  // namespace

TEST(settings, give_the_default_of_what_is_absent) {
    faults f;
    const auto root = document::parse("x: 1\n", "t", f).root();
    EXPECT_EQ(root.text("t", "d"), "d");
    EXPECT_EQ(root.integer("i", 7, 0, 9), 7);
    EXPECT_EQ(root.number("n", 0.5, 0, 1), 0.5);
    EXPECT_TRUE(root.flag("f", true));
    EXPECT_EQ(root.duration("d", 3s), 3s);
    EXPECT_EQ(root.choice("c", {"a", "b"}, 1), 1u);
    EXPECT_THAT(root.texts("l"), IsEmpty());
    EXPECT_EQ(root.secret("s"), "");
    EXPECT_EQ(root.at("deep").at("deeper").integer("i", 5, 0, 9), 5);
    EXPECT_THAT(told(f), IsEmpty());
}

TEST(settings, read_every_form_of_value) {
    faults f;
    const auto root =
        document::parse(
            "t: hello\nq: \"016\"\ni: -3\nh: 0xF6\nn: 2.5\nf: false\nc: b\nl: [x, 'y z']\nm: {one: 1, two: 2}\n", "t",
            f)
            .root();
    EXPECT_EQ(root.text("t", ""), "hello");
    EXPECT_EQ(root.text("q", ""), "016");
    EXPECT_EQ(root.integer("i", 0, -9, 9), -3);
    EXPECT_EQ(root.integer("h", 0, 0, 255), 0xF6);
    EXPECT_EQ(root.number("n", 0, 0, 9), 2.5);
    EXPECT_FALSE(root.flag("f", true));
    EXPECT_EQ(root.choice("c", {"a", "b"}, 0), 1u);
    EXPECT_THAT(root.texts("l"), ElementsAre("x", "y z"));
    const auto entries = root.at("m").entries();
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[1].first, "two");
    EXPECT_EQ(entries[1].second.scalar(), "2");
    root.finish();
    EXPECT_THAT(told(f), IsEmpty());
}

TEST(settings, read_durations_with_every_unit) {
    faults f;
    const auto root = document::parse("a: 250ms\nb: 30s\nc: 15m\nd: 12h\ne: 7d\nz: 0s\n", "t", f).root();
    EXPECT_EQ(root.duration("a", 0s), 250ms);
    EXPECT_EQ(root.duration("b", 0s), 30s);
    EXPECT_EQ(root.duration("c", 0s), 15min);
    EXPECT_EQ(root.duration("d", 0s), 12h);
    EXPECT_EQ(root.duration("e", 0s), 24h * 7);
    EXPECT_EQ(root.duration("z", 1s), 0s);
    EXPECT_THAT(told(f), IsEmpty());
}

TEST(settings, refuse_durations_without_unit_negative_or_absurd) {
    for (const auto* value : {"5", "5 s", "s", "-5s", "1.5h", "5w", "999999d", "99999999999999999999s", ""}) {
        faults f;
        const auto root = document::parse("d: '" + std::string(value) + "'\n", "t", f).root();
        EXPECT_EQ(root.duration("d", 3s), 3s) << value;
        EXPECT_THAT(told(f),
                    ElementsAre("t:1: error: d: should be a duration with its unit: 250ms, 30s, 15m, 12h or 7d"))
            << value;
    }
}

TEST(settings, refuse_numbers_of_another_form_or_out_of_range) {
    for (const auto* value : {"x", "1.5", "10", "-1", "07", "0x", "0x-1", "1 ", "99999999999999999999"}) {
        faults f;
        const auto root = document::parse("i: '" + std::string(value) + "'\n", "t", f).root();
        EXPECT_EQ(root.integer("i", 4, 0, 9), 4) << value;
        EXPECT_THAT(told(f), ElementsAre("t:1: error: i: should be a whole number from 0 to 9")) << value;
    }
    faults f;
    const auto root = document::parse("n: nan\nm: 1.5x\nb: yes\n", "t", f).root();
    EXPECT_EQ(root.number("n", 0.5, 0, 1), 0.5);
    EXPECT_EQ(root.number("m", 0.5, 0, 9), 0.5);
    EXPECT_TRUE(root.flag("b", true));
    EXPECT_THAT(told(f),
                ElementsAre("t:1: error: n: should be a number from 0 to 1",
                            "t:2: error: m: should be a number from 0 to 9", "t:3: error: b: should be true or false"));
}

TEST(settings, name_all_choices_and_guess_the_one_meant) {
    faults f;
    const auto root = document::parse("mode: transciever\nform: quux\n", "t", f).root();
    EXPECT_EQ(root.choice("mode", {"transceiver", "split"}, 1), 1u);
    EXPECT_EQ(root.choice("form", {"hex", "decimal", "as-is"}, 0), 0u);
    EXPECT_THAT(told(f), ElementsAre("t:1: error: mode: should be transceiver or split; did you mean transceiver?",
                                     "t:2: error: form: should be hex, decimal or as-is"));
}

TEST(settings, tell_unknown_keys_and_guess_the_one_meant) {
    faults f;
    const auto root = document::parse("widnow: 5\nfrobnicate: 1\nhost: h\n", "t", f).root();
    (void)root.integer("window", 1, 0, 9);
    (void)root.text("host", "");
    root.finish();
    EXPECT_THAT(told(f), ElementsAre("t:1: error: widnow: unknown setting, did you mean window?",
                                     "t:2: error: frobnicate: unknown setting"));
}

TEST(settings, tell_values_of_another_shape) {
    faults f;
    const auto root = document::parse("t: [1]\nl: x\nm: y\nn: [1]\n", "t", f).root();
    EXPECT_EQ(root.text("t", "d"), "d");
    EXPECT_THAT(root.at("l").items(), IsEmpty());
    EXPECT_THAT(root.at("m").entries(), IsEmpty());
    root.at("n").finish();
    EXPECT_THAT(told(f), ElementsAre("t:1: error: t: should be a single value", "t:2: error: l: should be a list",
                                     "t:3: error: m: should be a map of names and values",
                                     "t:4: error: n: should be a map of names and values"));
}

TEST(settings, tell_a_required_text_that_is_missing_or_empty) {
    faults f;
    const auto root = document::parse("a:\n  b: ''\n", "t", f).root();
    EXPECT_EQ(root.at("a").required_text("b"), "");
    EXPECT_EQ(root.at("a").required_text("c"), "");
    EXPECT_THAT(told(f), ElementsAre("t:2: error: a.b: is empty", "t:2: error: a.c: is missing"));
}

TEST(settings, tell_errors_from_warnings) {
    faults f;
    const auto root = document::parse("a: 1\n", "t", f).root();
    root.at("a").complain("is odd", fault::severity::warning);
    EXPECT_FALSE(f.any_error());
    root.at("a").complain("is wrong");
    EXPECT_TRUE(f.any_error());
    EXPECT_THAT(told(f), ElementsAre("t:1: warning: a: is odd", "t:1: error: a: is wrong"));
}
