#include "queue/kafka/kafka_sink.hpp"
#include "tests/kafka/reading.hpp"

#include <gmock/gmock.h>

namespace ota::queue::testing {
namespace {

using ::testing::HasSubstr;

TEST(kafka_outage, reading_and_publishing_go_on_by_themselves_when_the_broker_is_back) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 2);
    admin.create(topic_status, 1);
    positions store;
    reading r(options_for(kafka.address()), store);
    kafka_sink_options to;
    to.properties = {{"bootstrap.servers", kafka.address()}, {"reconnect.backoff.max.ms", "200"}};
    to.patience = std::chrono::milliseconds(10'000);
    to.probe_interval = std::chrono::milliseconds(50);
    auto sink = kafka_sink::open(to);
    ASSERT_TRUE(sink);
    admin.produce(changes, 0, "card", "one");
    ASSERT_TRUE(r.read(1)) << r.why.message();
    ASSERT_TRUE(eventually([&] {
        return sink.value()->publish({{topic_status, "card", "{\"n\":1}", {}}}).has_value();
    }));

    kafka.kill();
    ASSERT_TRUE(r.until([&] { return r.why == errc::unreachable; })) << r.why.message();
    EXPECT_THAT(r.why.message(), HasSubstr("bootstrap.servers (" + kafka.address() + "): "));
    EXPECT_TRUE(r.source->seek(0, std::nullopt).error() == errc::unreachable);
    auto failed =
        sink.value()->publish({{topic_status, "card", "{\"n\":2}", {}}, {topic_status, "card", "{\"n\":3}", {}}});
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error() == errc::unreachable) << failed.error().message();
    EXPECT_THAT(failed.error().message(), HasSubstr("bootstrap.servers (" + kafka.address() + "): "));
    r.source->commit(0, 1);

    kafka.start();
    admin.produce(changes, 1, "card", "two");
    ASSERT_TRUE(r.read(2)) << r.why.message();
    ASSERT_TRUE(r.until([&] { return !r.why; })) << r.why.message();
    ASSERT_TRUE(eventually([&] {
        return sink.value()
            ->publish({{topic_status, "card", "{\"n\":2}", {}}, {topic_status, "card", "{\"n\":3}", {}}})
            .has_value();
    }));
    std::vector<std::string> first_seen;
    for (const auto& s : admin.read(topic_status))
        if (std::find(first_seen.begin(), first_seen.end(), *s.payload) == first_seen.end())
            first_seen.push_back(*s.payload);
    EXPECT_THAT(first_seen, ::testing::ElementsAre("{\"n\":1}", "{\"n\":2}", "{\"n\":3}"));
    EXPECT_TRUE(eventually([&] { return admin.committed("otagw", changes, 1) == 1; })) << "and tools see how far it is";
}

TEST(kafka_outage, a_source_that_starts_before_the_broker_waits_for_it_and_says_so) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    admin.produce(changes, 0, "card", "one");
    kafka.stop();
    positions store;
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.until([&] { return r.why == errc::unreachable; })) << r.why.message();
    kafka.start();
    ASSERT_TRUE(r.read(1)) << r.why.message();
}

TEST(kafka_outage, a_frozen_broker_is_no_end) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    admin.produce(changes, 0, "card", "one");
    positions store;
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.read(1));
    kafka.freeze();
    ASSERT_TRUE(r.until([&] { return r.why == errc::unreachable; })) << r.why.message();
    kafka.thaw();
    admin.produce(changes, 0, "card", "two");
    ASSERT_TRUE(r.read(2)) << r.why.message();
}

TEST(kafka_outage, a_broker_that_lost_its_disk_is_not_taken_for_the_one_before) {
    broker kafka;
    positions store;
    reading r(options_for(kafka.address()), store);
    {
        peer admin(kafka.address());
        admin.create(changes, 1);
        admin.produce(changes, 0, "card", "one");
    }
    ASSERT_TRUE(r.read(1)) << r.why.message();
    kafka.kill();
    kafka.wipe();
    kafka.start();
    peer admin(kafka.address());
    admin.create(changes, 1);
    for (int i = 0; i < 5; ++i) admin.produce(changes, 0, "card", "other");
    ASSERT_TRUE(r.until([&] { return r.why == errc::topic_recreated; })) << r.why.message();
    EXPECT_EQ(r.taken.size(), 1U);
}

TEST(kafka_outage, ends_in_bounded_time_while_the_broker_is_away) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(changes, 1);
    admin.produce(changes, 0, "card", "one");
    positions store;
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.read(1));
    kafka.kill();
    r.source->commit(0, 1);
    r.source.reset();  // the test's own time limit is the judge
}

}  // namespace
}  // namespace ota::queue::testing
