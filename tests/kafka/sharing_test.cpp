#include "tests/kafka/reading.hpp"

#include <gmock/gmock.h>

namespace ota::queue::testing {
namespace {

using ::testing::HasSubstr;

constexpr int many = 200;

void fill(peer& admin, int from, int partitions) {
    std::vector<kafka_rig::sent> records;
    for (int i = from; i < from + many; ++i)
        records.push_back({"card" + std::to_string(i), std::to_string(i), {}, i % partitions});
    admin.produce(changes, records);
}

/// Each record once, over all readers.
void expect_each_once(const std::vector<std::string>& payloads, int count) {
    std::multiset<int> all;
    for (const auto& text : payloads) all.insert(std::stoi(text));
    EXPECT_EQ(all.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) EXPECT_EQ(all.count(i), 1U) << i;
}

TEST(kafka_group, shares_partitions_and_hands_them_over_so_that_each_record_is_taken_once) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 4);
    fill(admin, 0, 4);
    positions store;
    reading first(options_for(kafka.address()), store);
    ASSERT_TRUE(first.read(many)) << first.why.message();
    EXPECT_EQ(first.partitions(), 4U);

    auto second = std::make_unique<reading>(options_for(kafka.address()), store);
    ASSERT_TRUE(eventually([&] {
        first.turn(), second->turn();
        return first.partitions() == 2 && second->partitions() == 2 && second->unplaced.empty();
    })) << second->why.message();
    EXPECT_EQ(first.losses, 2U) << "what stays is not given up";
    fill(admin, many, 4);
    ASSERT_TRUE(eventually(
        [&] { return first.turn(), second->turn(), first.taken.size() + second->taken.size() == 2 * many; }));

    fill(admin, 2 * many, 4);
    auto all = second->payloads();
    second.reset();  // leaves; what it had fetched and not taken in is read by the other
    ASSERT_TRUE(eventually([&] { return first.turn(), first.taken.size() + all.size() == 3 * many; }))
        << first.why.message();
    EXPECT_EQ(first.partitions(), 4U);
    for (const auto& text : first.payloads()) all.push_back(text);
    expect_each_once(all, 3 * many);
}

TEST(kafka_group, is_ready_without_a_partition_when_there_are_more_members_than_partitions) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    positions store;
    reading first(options_for(kafka.address()), store), second(options_for(kafka.address()), store);
    ASSERT_TRUE(eventually([&] {
        first.turn(), second.turn();
        return !first.why && !second.why && first.partitions() + second.partitions() == 1 &&
               first.source->partition_count() == 1 && first.source->pull(1).has_value() &&
               second.source->pull(1).has_value();
    })) << first.why.message()
        << " / " << second.why.message();
}

TEST(kafka_group, gives_a_static_member_its_partitions_back_without_asking_the_others) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 4);
    positions store;
    auto a = options_for(kafka.address()), b = a;
    a.properties["group.instance.id"] = "a", b.properties["group.instance.id"] = "b";
    a.properties["session.timeout.ms"] = b.properties["session.timeout.ms"] = "60000";
    reading first(a, store);
    auto second = std::make_unique<reading>(b, store);
    ASSERT_TRUE(eventually([&] {
        first.turn(), second->turn();
        return first.partitions() == 2 && second->partitions() == 2 && second->unplaced.empty();
    }));
    const auto had = second->taken_from;
    const auto losses = first.losses;
    second = nullptr;
    second = std::make_unique<reading>(b, store);
    fill(admin, 0, 4);
    ASSERT_TRUE(
        eventually([&] { return first.turn(), second->turn(), first.taken.size() + second->taken.size() == many; }));
    EXPECT_EQ(second->partitions(), 2U);
    for (const auto& [partition, from] : had) EXPECT_TRUE(second->taken_from.contains(partition)) << partition;
    EXPECT_EQ(first.losses, losses);
    EXPECT_EQ(first.partitions(), 2U);
}

TEST(kafka_group, says_that_its_static_name_is_taken_and_comes_back_when_it_is_free) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    positions store;
    auto o = options_for(kafka.address());
    o.properties["group.instance.id"] = "same";
    reading first(o, store);
    ASSERT_TRUE(first.until([&] { return first.partitions() == 1 && first.unplaced.empty(); })) << first.why.message();
    o.rejoin_pause = std::chrono::minutes(5);  // the second one does not fight back
    auto second = std::make_unique<reading>(o, store);
    ASSERT_TRUE(eventually([&] {
        first.turn(), second->turn();
        return first.why == errc::group_failed || second->why == errc::group_failed;
    }));
    const auto& loser = first.why == errc::group_failed ? first : *second;
    EXPECT_THAT(loser.why.message(), HasSubstr("group.instance.id same of group otagw is taken by another consumer"));
    second.reset();
    admin.produce(changes, 0, "card", "after");
    ASSERT_TRUE(first.read(1)) << first.why.message();
}

TEST(kafka_group, a_reader_whose_partition_another_has_moved_is_fenced_and_loses_nothing) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    positions store;
    reading first(options_for(kafka.address()), store);
    admin.produce(changes, 0, "card", "one");
    ASSERT_TRUE(first.read(1));
    admin.produce(changes, 0, "card", "two");
    store[0] = {2, 0};  // as if another reader had taken that in
    admin.produce(changes, 0, "card", "three");
    ASSERT_TRUE(first.read(2)) << first.why.message();
    EXPECT_GE(first.fenced, 1U);
    EXPECT_THAT(first.payloads(), ::testing::ElementsAre("one", "three"));
}

}  // namespace
}  // namespace ota::queue::testing
