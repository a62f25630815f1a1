#include "queue/dead_letter.hpp"

#include "queue/errc.hpp"

#include <gtest/gtest.h>

namespace ota::queue {
namespace {

using namespace std::chrono;

dead_letter sample() {
    return {"bad-subject",           "subject is not ..", "/dm/1", "e \"1\"", "", {"dm.mo.changes", 3, 1234567890123},
            sys_days(2026y / 3 / 1), {0, 1, 255}};
}

TEST(dead_letter, round_trips) {
    const auto text = serialize_dead_letter(sample());
    EXPECT_EQ(
        text,
        R"({"reason":"bad-subject","detail":"subject is not ..","source":"/dm/1","id":"e \"1\"",)"
        R"("origin":{"topic":"dm.mo.changes","partition":3,"offset":1234567890123},"at":"2026-03-01T00:00:00.000Z","sealed":"AAH/"})");
    const auto back = parse_dead_letter(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(serialize_dead_letter(back.value()), text);
    EXPECT_EQ(back.value().origin, sample().origin);
    EXPECT_EQ(back.value().sealed, sample().sealed);
    EXPECT_EQ(back.value().subject, "");
}

TEST(dead_letter, keeps_headers_octet_for_octet) {
    const record_headers headers{{"tenant", "north"}, {"octets", std::string("\0\xff\"", 3)}, {"tenant", ""}};
    const auto back = parse_headers(serialize_headers(headers));
    ASSERT_TRUE(back);
    EXPECT_EQ(back.value(), headers);
    EXPECT_EQ(parse_headers(serialize_headers({})).value(), record_headers());
    for (const auto* bad : {"", "{}", "[1]", R"([["a"]])", R"([["a","*"]])", R"([["a",1]])"})
        EXPECT_EQ(parse_headers(bad).error(), errc::bad_dead_letter) << bad;
    auto letter = sample();
    letter.sealed_headers = {7, 8};
    EXPECT_EQ(parse_dead_letter(serialize_dead_letter(letter)).value().sealed_headers, (wire::octets{7, 8}));
}

TEST(dead_letter, is_refused_at_every_strict_prefix_and_without_any_member) {
    const auto text = serialize_dead_letter(sample());
    for (std::size_t n = 0; n < text.size(); ++n)
        EXPECT_EQ(parse_dead_letter(text.substr(0, n)).error(), errc::bad_dead_letter) << n;
    for (const auto* member : {"reason", "detail", "origin", "topic", "partition", "offset", "at", "sealed"}) {
        auto other = text;
        other.replace(other.find("\"" + std::string(member) + "\":") + 1, 1, "_");
        EXPECT_FALSE(parse_dead_letter(other)) << member;
    }
    EXPECT_FALSE(parse_dead_letter("[]"));
}

TEST(replay_mark, round_trips_and_is_no_dead_letter) {
    const replay_mark mark{77, {"dm.mo.changes", 0, 99}, sys_days(2026y / 3 / 1)};
    const auto text = serialize_replay_mark(mark);
    EXPECT_EQ(
        text,
        R"({"replayed":77,"as":{"topic":"dm.mo.changes","partition":0,"offset":99},"at":"2026-03-01T00:00:00.000Z"})");
    const auto back = parse_replay_mark(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(back.value().dead_letter_offset, 77);
    EXPECT_EQ(back.value().replayed_as, mark.replayed_as);
    EXPECT_FALSE(parse_dead_letter(text));
    EXPECT_FALSE(parse_replay_mark(serialize_dead_letter(sample())));
}

}  // namespace
}  // namespace ota::queue
