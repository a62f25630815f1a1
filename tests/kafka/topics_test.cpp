#include "queue/kafka/topics.hpp"
#include "queue/errc.hpp"
#include "queue/kafka/dead_letter_topic.hpp"
#include "queue/kafka/errc.hpp"
#include "tests/kafka/broker.hpp"
#include "tests/kafka/peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::queue::kafka::testing {
namespace {

using kafka_rig::broker;
using kafka_rig::peer;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto patience = std::chrono::seconds(60);
constexpr auto week = std::chrono::hours(24 * 7);

std::vector<std::string> texts(const wire::result<std::vector<finding>>& found, finding::kind kind) {
    std::vector<std::string> out;
    if (!found) return {"error: " + found.error().message()};
    for (const auto& f : found.value())
        if (f.is == kind) out.push_back(f.topic + " " + f.sentence);
    return out;
}

TEST(kafka_topics, are_made_once_and_found_good) {
    broker kafka;
    const properties to{{"bootstrap.servers", kafka.address()}};
    topic_wishes wishes;
    wishes.partitions = 3, wishes.replication = 1;
    EXPECT_EQ(texts(check_topics(to, {week, {}}, patience), finding::kind::fault).size(), 4U);
    const auto made = create_topics(to, plan_topics(wishes), patience);
    EXPECT_THAT(texts(made, finding::kind::good), Each(HasSubstr("made, with")));
    EXPECT_EQ(texts(made, finding::kind::good).size(), 4U);
    EXPECT_THAT(texts(create_topics(to, plan_topics(wishes), patience), finding::kind::good),
                Each(HasSubstr("was there")));
    const auto checked = check_topics(to, {week, 3}, patience);
    EXPECT_THAT(texts(checked, finding::kind::fault), ::testing::IsEmpty());
    EXPECT_THAT(texts(checked, finding::kind::warning), Each(HasSubstr("has one replica")));

    wishes.replication = 3;
    auto other = plan_topics(wishes);
    for (auto& plan : other) plan.name += ".other";
    EXPECT_THAT(texts(create_topics(to, other, patience), finding::kind::fault),
                Contains(HasSubstr("cannot be made: ")));
    EXPECT_TRUE(check_topics({{"bootstrap.servers", "127.0.0.1:1"}}, {}, std::chrono::seconds(1)).error() ==
                errc::unreachable);
}

TEST(kafka_topics, that_would_lose_or_repeat_something_are_found) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(topic_changes, 2, {{"cleanup.policy", "compact"}, {"retention.ms", "-1"}});
    admin.create(topic_status, 1, {{"cleanup.policy", "compact"}, {"max.message.bytes", "1000"}});
    admin.create(topic_card_state, 1, {{"cleanup.policy", "delete"}, {"min.insync.replicas", "2"}});
    const auto checked = check_topics({{"bootstrap.servers", kafka.address()}}, {week, 3}, patience);
    const auto faults = texts(checked, finding::kind::fault);
    EXPECT_THAT(faults, Contains(HasSubstr("dm.mo.changes cleanup.policy is compact")));
    EXPECT_THAT(faults, Contains(HasSubstr("dm.mo.changes has 2 partitions and had 3")));
    EXPECT_THAT(faults,
                Contains(HasSubstr("dm.mo.changes keeps its records for ever, event ids are remembered 7 days")));
    EXPECT_THAT(faults, Contains(HasSubstr("dm.mo.status cleanup.policy is compact")));
    EXPECT_THAT(faults, Contains(HasSubstr("dm.mo.changes.dlq does not exist")));
    EXPECT_THAT(faults, Contains(HasSubstr("dm.card.state cleanup.policy is delete")));
    EXPECT_THAT(faults, Contains(HasSubstr("min.insync.replicas is 2, and there are 1 replicas")));
    EXPECT_THAT(texts(checked, finding::kind::warning), Contains(HasSubstr("dm.mo.status max.message.bytes is 1000")));
}

TEST(kafka_dead_letters, are_listed_shown_and_replayed_with_a_mark_in_their_partition) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(topic_changes, 2);
    admin.create(topic_dead_letters, 2);
    std::vector<kafka_rig::sent> records;
    for (int i = 0; i < 6; ++i) {
        dead_letter l;
        l.reason = "bad-json", l.detail = "d", l.origin = {topic_changes, 0, i}, l.sealed = {1, 2, 3};
        records.push_back({"card", serialize_dead_letter(l), {}, i % 2});
    }
    records.push_back({"card", "not a letter", {}, 0});
    admin.produce(topic_dead_letters, records);
    auto opened = dead_letter_topic::open({{"bootstrap.servers", kafka.address()}}, patience);
    ASSERT_TRUE(opened);
    auto& letters = opened.value();
    std::vector<dead_letter_topic::place> places;
    ASSERT_TRUE(letters.each([&](const auto& where, const auto& letter) {
        EXPECT_EQ(letter.origin.offset, where.offset * 2 + where.partition);
        places.push_back(where);
    }));
    ASSERT_EQ(places.size(), 6U);
    EXPECT_EQ(letters.damaged(), 1U);
    const dead_letter_topic::place third{1, 1};
    const auto shown = letters.at(third);
    ASSERT_TRUE(shown) << shown.error().message();
    EXPECT_EQ(shown.value().origin.offset, 3);
    EXPECT_EQ(letters.at({0, 3}).error(), queue::errc::bad_dead_letter);
    EXPECT_EQ(letters.at({0, 99}).error(), queue::errc::bad_dead_letter);
    EXPECT_EQ(letters.at({7, 0}).error(), queue::errc::bad_dead_letter);

    const wall_time now(std::chrono::milliseconds(1'700'000'000'000));
    const auto replayed = letters.replay(third, {topic_changes, "card", "{\"id\":\"1\"}", {}}, now);
    ASSERT_FALSE(replayed.why) << replayed.why.message();
    const auto again = admin.read(topic_changes);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(*again[0].payload, "{\"id\":\"1\"}");
    EXPECT_EQ(replayed.as, (record_place{topic_changes, again[0].partition, again[0].offset}));
    auto later = dead_letter_topic::open({{"bootstrap.servers", kafka.address()}}, patience);
    ASSERT_TRUE(later);
    ASSERT_TRUE(later.value().each([](const auto&, const auto&) {}));
    EXPECT_EQ(later.value().replayed(third), now);
    EXPECT_EQ(later.value().replayed({0, 1}), std::nullopt);
}

}  // namespace
}  // namespace ota::queue::kafka::testing
