#include "queue/base64.hpp"
#include "queue/json_place.hpp"
#include "queue/json_text.hpp"
#include "queue/timestamp.hpp"

#include <gtest/gtest.h>

namespace ota::queue {
namespace {

using namespace std::chrono;

TEST(timestamp, reads_offsets_fractions_and_leap_seconds) {
    const auto at = sys_days(2026y / 3 / 1) + 12h;
    EXPECT_EQ(parse_timestamp("2026-03-01T12:00:00Z"), at);
    EXPECT_EQ(parse_timestamp("2026-03-01t14:30:00.1239999+02:30"), at + 123ms);
    EXPECT_EQ(parse_timestamp("2026-03-01T11:59:60z"), at);
    EXPECT_EQ(parse_timestamp("2024-02-29T00:00:00-00:00"), sys_days(2024y / 2 / 29));
}

TEST(timestamp, refuses_everything_else) {
    const std::string good = "2026-03-01T12:00:00.5+01:00";
    for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(parse_timestamp(good.substr(0, n))) << n;
    for (const auto* bad :
         {"2026-03-01T12:00:00Z ", "2026-3-01T12:00:00Z", "2025-02-29T00:00:00Z", "2026-03-01T24:00:00Z",
          "2026-03-01 12:00:00Z", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:61Z",
          "2026-03-01T12:00:00+0100", "-026-03-01T12:00:00Z"})
        EXPECT_FALSE(parse_timestamp(bad)) << bad;
}

TEST(timestamp, round_trips) {
    for (const auto* text : {"2026-03-01T12:00:00.000Z", "1969-12-31T23:59:59.999Z", "0000-01-01T00:00:00.000Z"})
        EXPECT_EQ(serialize_timestamp(*parse_timestamp(text)), text);
}

TEST(base64, agrees_with_the_vectors_of_its_standard) {  // [RFC 4648, 10]
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        EXPECT_EQ(to_base64(wire::as_octets(plain)), coded);
        const auto back = from_base64(coded);
        ASSERT_TRUE(back) << coded;
        EXPECT_EQ(wire::as_text(*back), plain);
    }
    for (const auto* bad : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v ", "Zm-v", "=m9v", "Zg==Zg=="})
        EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(json_text, escapes_controls_and_replaces_what_is_not_utf8) {
    std::string out;
    append_json_string(out, "a\"\\\n\x01ü€😀\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82");
    EXPECT_EQ(out.substr(0, out.find("😀") + 4), "\"a\\\"\\\\\\n\\u0001ü€😀");
    const auto rest = out.substr(out.find("😀") + 4);
    EXPECT_EQ(rest.find_first_not_of("\\ufd\""), std::string::npos) << rest;
}

TEST(json_place, finds_members_behind_nested_values_and_lookalikes) {
    const std::string text = R"( { "a":{"b":"x\"}b\":"}, "c":[{"b":1},2], "data" : {"b":[ ],"op": true}, "data2":1})";
    EXPECT_EQ(place_of(text, "data.op"), text.find("true"));
    EXPECT_EQ(place_of(text, "a.b"), text.find("\"x"));
    EXPECT_EQ(place_of(text, "data.missing"), text.find("{\"b\":["));
    EXPECT_EQ(place_of(text, "missing"), 1u);
    EXPECT_EQ(place_of(text, "data2"), text.find("1}", text.find("data2")));
    EXPECT_EQ(place_of(R"({"a":1,"a":2})", "a"), 11u);
}

}  // namespace
}  // namespace ota::queue
