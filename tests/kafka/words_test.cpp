#include "queue/dead_letter.hpp"
#include "queue/kafka/errc.hpp"
#include "queue/kafka/message_headers.hpp"
#include "queue/kafka/record_mark.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace ota::queue::kafka::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(kafka_record_mark, never_changes_and_tells_records_apart) {
    // Stored in databases: another value would make every topic look recreated.
    EXPECT_EQ(record_mark(1'700'000'000'000, "8949012345678901234", "{}"), 12397506142956852264ULL);
    const std::set<std::uint64_t> marks{record_mark(1, "a", "b"),
                                        record_mark(2, "a", "b"),
                                        record_mark(1, "b", "b"),
                                        record_mark(1, "a", "c"),
                                        record_mark(1, std::nullopt, "b"),
                                        record_mark(1, "", "b"),
                                        record_mark(1, "a", std::nullopt),
                                        record_mark(1, "a", ""),
                                        record_mark(1, "ab", ""),
                                        record_mark(-1, "a", "b"),
                                        record_mark(0, {}, {})};
    EXPECT_EQ(marks.size(), 11U);
    EXPECT_FALSE(marks.contains(0));
}

TEST(kafka_errors, compare_by_kind_and_carry_their_words) {
    const auto error = fault(errc::missing_topic, "topic x does not exist");
    EXPECT_TRUE(error == errc::missing_topic);
    EXPECT_FALSE(error == errc::unreachable);
    EXPECT_EQ(error.message(), "topic x does not exist");
    EXPECT_EQ(fault(errc::missing_topic, "topic x does not exist"), error) << "what is said again is the same error";
    EXPECT_NE(fault(errc::unreachable, "topic x does not exist"), error);
    EXPECT_EQ(fault(errc::unreachable, {}).message(), "no Kafka broker answers");
    EXPECT_FALSE(std::error_code() == errc::missing_topic);
}

TEST(kafka_errors, keep_no_more_than_a_thousand_texts_and_their_kind_for_ever) {
    const auto old = fault(errc::refused, "the first");
    for (int i = 0; i < 3000; ++i) EXPECT_EQ(fault(errc::failed, std::to_string(i)).message(), std::to_string(i));
    EXPECT_TRUE(old == errc::refused);
    EXPECT_EQ(old.message(), "Kafka refuses the credentials or what they ask for");
}

TEST(kafka_message_headers, are_those_of_its_topic) {
    EXPECT_THAT(headers_of({"other", "k", "{}", {}}), IsEmpty());
    EXPECT_THAT(headers_of({topic_card_state, "k", "", {}}), IsEmpty()) << "a tombstone";
    const auto status =
        headers_of({topic_status, "k", R"({"data":{"traceparent":"inner"},"traceparent":"00-a-b-01"})", {}});
    EXPECT_THAT(status, ::testing::Contains(std::pair<std::string, std::string>("traceparent", "00-a-b-01")));
    const auto none = headers_of({topic_status, "k", R"({"data":{"detail":"\"traceparent\""}})", {}});
    EXPECT_EQ(none.size(), 1U);
    const auto mark = headers_of({topic_dead_letters, "k", serialize_replay_mark({1, {"t", 0, 1}, {}}), {}});
    EXPECT_EQ(mark.size(), 1U) << "a mark has no reason";
}

TEST(kafka_message_headers, nothing_stands_in_where_nothing_can_be_left_out) {
    EXPECT_FALSE(note_instead_of({topic_status, "k", "not json", {}}));
    EXPECT_FALSE(note_instead_of({topic_status, "k", R"({"data":{"state":"applied"}})", {}}));
    EXPECT_FALSE(note_instead_of({topic_dead_letters, "k", "not json", {}}));
    EXPECT_FALSE(note_instead_of({topic_card_state, "k", R"({"data":{"value":"x"}})", {}}));
    dead_letter letter;
    letter.reason = "bad-json";
    EXPECT_FALSE(note_instead_of({topic_dead_letters, "k", serialize_dead_letter(letter), {}}))
        << "has no payload to leave out";
    const auto note =
        note_instead_of({topic_status, "k", R"({"data":{"state":"applied","value":"canary"}})", {{"own", "header"}}});
    ASSERT_TRUE(note);
    EXPECT_EQ(note->value.find("canary"), std::string::npos);
    EXPECT_THAT(note->value, HasSubstr("the value is left out: 45 octets"));
    EXPECT_EQ(note->headers.size(), 1U);
}

}  // namespace
}  // namespace ota::queue::kafka::testing
