#include "tests/kafka/reading.hpp"

#include <gmock/gmock.h>

namespace ota::queue::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class kafka_versions : public ::testing::TestWithParam<kafka_rig::broker_options::generation> {};

TEST_P(kafka_versions, reads_what_every_compression_wrote) {
    broker kafka({{}, false, GetParam()});
    peer admin(kafka.address());
    admin.create(changes, 1);
    const std::string long_text(5000, 'x');
    for (const auto* how : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        peer writer(kafka.address(), {{"compression.type", how}});
        writer.produce(changes, 0, "key", how + long_text);
    }
    positions store;
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.read(5)) << r.why.message();
    EXPECT_THAT(r.payloads(), ElementsAre("none" + long_text, "gzip" + long_text, "snappy" + long_text,
                                          "lz4" + long_text, "zstd" + long_text));
    EXPECT_EQ(r.source->name(), "kafka:dm.mo.changes");
    EXPECT_TRUE(r.until([&] { return r.source->lag() == 0; }));
    EXPECT_EQ(r.source->partition_count(), 1);
}

INSTANTIATE_TEST_SUITE_P(both, kafka_versions,
                         ::testing::Values(kafka_rig::broker_options::generation::newest,
                                           kafka_rig::broker_options::generation::before_4));

TEST(kafka_source, gives_keys_headers_tombstones_and_large_records_as_they_lie_there) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    const std::string large(5'000'000, 'y');
    admin.produce(changes, {{"card", "{}", {{"ce_id", "1"}, {"ce_id", ""}}, 0},
                            {"card", std::nullopt, {}, 0},
                            {std::nullopt, "no key", {}, 0},
                            {std::nullopt, std::nullopt, {}, 0},
                            {"card", std::string("\x00\xff{", 3), {}, 0},
                            {"card", large, {}, 0}});
    positions store;
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.read(6)) << r.why.message();
    EXPECT_THAT(r.taken[0].headers, ElementsAre(std::pair("ce_id", "1"), std::pair("ce_id", "")));
    EXPECT_EQ(r.taken[0].key, "card");
    EXPECT_EQ(r.taken[1].payload, "");
    EXPECT_EQ(r.taken[2].key, "");
    EXPECT_EQ(r.taken[2].payload, "no key");
    EXPECT_EQ(r.taken[4].payload, std::string("\x00\xff{", 3));
    EXPECT_EQ(r.taken[5].payload.size(), large.size());
    std::set<std::uint64_t> marks;
    for (const auto& each : r.taken) {
        EXPECT_NE(each.mark, 0U);
        EXPECT_EQ(each.next_offset, each.offset + 1);
        marks.insert(each.mark);
    }
    EXPECT_EQ(marks.size(), 6U);
}

TEST(kafka_source, tells_the_lag_that_the_tools_of_kafka_show_of_its_group) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    for (int i = 0; i < 10; ++i) admin.produce(changes, 0, "card", std::to_string(i));
    positions store;
    auto source = open_source(options_for(kafka.address()));
    ASSERT_TRUE(eventually([&] { return !source->reassigned().gained.empty(); }));
    ASSERT_TRUE(eventually([&] { return source->seek(0, std::nullopt).has_value(); }));
    std::int64_t next = 0;
    ASSERT_TRUE(eventually([&] {
        const auto some = source->pull(static_cast<std::size_t>(4 - next));
        if (some && !some.value().empty()) next = some.value().back().next_offset;
        return next == 4;
    }));
    source->commit(0, next);
    ASSERT_TRUE(eventually([&] { return admin.committed("otagw", changes, 0) == 4; }));
    // kafka-consumer-groups shows the end of the partition without what the group has committed.
    const auto shown = [&] { return admin.read(changes).back().offset + 1 - admin.committed("otagw", changes, 0); };
    EXPECT_EQ(shown(), 6);
    EXPECT_TRUE(eventually([&] { return source->lag() == shown(); })) << source->lag();
    admin.produce(changes, 0, "card", "more");
    EXPECT_TRUE(eventually([&] { return source->lag() == 7; })) << "what comes meanwhile counts";
    EXPECT_EQ(shown(), 7);
}

TEST(kafka_source, yields_nothing_until_sought_and_goes_on_behind_the_stored_position) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    for (int i = 0; i < 10; ++i) admin.produce(changes, 0, "card", std::to_string(i));
    positions store;
    {
        reading first(options_for(kafka.address()), store);
        ASSERT_TRUE(first.read(10)) << first.why.message();
    }
    EXPECT_EQ(admin.committed("otagw", changes, 0), 10) << "the last commit went out before the source ended";
    store[0] = {4, 0};  // without a mark nothing is compared
    auto o = options_for(kafka.address());
    o.epoch = 1;  // a recovered store may stand behind its group
    auto source = open_source(o);
    reassignment change;
    ASSERT_TRUE(eventually([&] { return change = source->reassigned(), !change.gained.empty(); }));
    EXPECT_THAT(change.gained, ElementsAre(0));
    EXPECT_EQ(source->lag(), -1);
    for (int i = 0; i < 20; ++i) {
        const auto none = source->pull(100);
        EXPECT_TRUE(!none || none.value().empty()) << "of a partition that was not sought";
        (void)source->wait(10);
    }
    ASSERT_TRUE(eventually([&] { return source->seek(0, store[0]).has_value(); }));
    std::vector<record> got;
    ASSERT_TRUE(eventually([&] {
        EXPECT_TRUE(source->wait(20'000));
        auto some = source->pull(2);
        if (!some) return false;
        EXPECT_LE(some.value().size(), 2U);
        for (auto& each : some.value()) got.push_back(std::move(each));
        return got.size() == 6;
    }));
    EXPECT_EQ(got.front().offset, 4);
    EXPECT_EQ(got.back().payload, "9");
    ASSERT_TRUE(eventually([&] {
        return source->seek(0, position{9, got[4].mark}).has_value();
    })) << "sought again, while flowing";
    ASSERT_TRUE(eventually([&] {
        auto some = source->pull(10);
        return some && some.value().size() == 1 && some.value()[0].offset == 9;
    }));
    EXPECT_TRUE(source->seek(3, std::nullopt).error() == errc::not_assigned);
}

TEST(kafka_source, goes_on_after_its_queue_was_full) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    std::vector<kafka_rig::sent> many(300, {"card", std::string(100'000, 'z'), {}, 0});
    admin.produce(changes, many);
    auto o = options_for(kafka.address());
    o.properties["queued.max.messages.kbytes"] = "1024";
    o.properties["fetch.message.max.bytes"] = "200000";
    o.properties["fetch.max.bytes"] = "1000000";
    o.properties["message.max.bytes"] = "1000000";
    positions store;
    reading r(o, store);
    ASSERT_TRUE(r.read(300)) << r.why.message() << r.taken.size();
    EXPECT_EQ(r.taken.back().offset, 299);
}

TEST(kafka_source, starts_at_the_end_when_told_so) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    admin.produce(changes, 0, "card", "old");
    auto o = options_for(kafka.address());
    o.from_end = true;
    positions store;
    reading r(o, store);
    ASSERT_TRUE(r.until([&] { return r.partitions() == 1 && r.unplaced.empty(); }));
    admin.produce(changes, 0, "card", "new");
    ASSERT_TRUE(r.read(1));
    EXPECT_THAT(r.payloads(), ElementsAre("new"));
}

}  // namespace
}  // namespace ota::queue::testing
