#include "queue/dead_letter.hpp"
#include "queue/kafka/errc.hpp"
#include "queue/kafka/kafka_sink.hpp"
#include "tests/kafka/broker.hpp"
#include "tests/kafka/peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::queue::testing {
namespace {

using kafka::errc;
using kafka_rig::broker;
using kafka_rig::peer;
using ::testing::HasSubstr;

std::unique_ptr<kafka_sink> open_sink(const broker& kafka, std::map<std::string, std::string, std::less<>> more = {}) {
    kafka_sink_options o;
    o.properties = std::move(more);
    o.properties["bootstrap.servers"] = kafka.address();
    o.patience = std::chrono::seconds(60);
    auto sink = kafka_sink::open(std::move(o));
    if (!sink) throw std::runtime_error(sink.error().message());
    return std::move(sink.value());
}

dead_letter letter_of(std::size_t octets) {
    dead_letter l;
    l.reason = "bad-json";
    l.detail = "the record is not JSON, at offset 0";
    l.origin = {topic_changes, 3, 42};
    l.sealed.assign(octets, 0x5a);
    return l;
}

TEST(kafka_sink, publishes_in_order_per_key_with_the_headers_of_each_kind) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(topic_status, 4);
    admin.create(topic_dead_letters, 1);
    admin.create(topic_card_state, 1, {{"cleanup.policy", "compact"}});
    status_event status;
    status.event_source = "dm", status.event_id = "1", status.subject = "8949012345678901234", status.state = "applied";
    status.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    std::vector<message> batch{{topic_status, status.subject, serialize_status(status), {}},
                               {topic_dead_letters, "", serialize_dead_letter(letter_of(10)), {{"own", "header"}}},
                               {topic_card_state, "card/node", "{\"specversion\":\"1.0\"}", {}},
                               {topic_card_state, "card/node", "", {}}};
    for (int i = 0; i < 2000; ++i)
        batch.push_back({topic_status, "card" + std::to_string(i % 7), "{\"n\":" + std::to_string(i) + "}", {}});
    for (const auto* how : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        auto sink = open_sink(kafka, {{"compression.type", how}});
        const auto published = sink->publish(batch);
        ASSERT_TRUE(published) << how << ": " << published.error().message();
    }
    const auto statuses = admin.read(topic_status);
    EXPECT_EQ(statuses.size(), 5 * 2001U);
    std::map<std::string, std::pair<std::int32_t, int>> last;  // of each key: partition, number
    for (const auto& s : statuses) {
        EXPECT_EQ(s.header("content-type"), "application/cloudevents+json; charset=UTF-8");
        if (*s.key == status.subject) {
            EXPECT_EQ(s.header("traceparent"), status.traceparent);
            continue;
        }
        const int n = std::stoi(s.payload->substr(5));
        const auto [at, is_new] = last.try_emplace(*s.key, s.partition, n);
        EXPECT_EQ(at->second.first, s.partition);
        if (!is_new && n >= 7) {  // below 7 the next round begins
            EXPECT_EQ(n, at->second.second + 7) << "the next one of the key";
        }
        at->second.second = n;
    }
    const auto letters = admin.read(topic_dead_letters);
    ASSERT_EQ(letters.size(), 5U);
    EXPECT_FALSE(letters[0].key.has_value());
    EXPECT_EQ(letters[0].header("reason"), "bad-json");
    EXPECT_EQ(letters[0].header("origin-topic"), topic_changes);
    EXPECT_EQ(letters[0].header("origin-partition"), "3");
    EXPECT_EQ(letters[0].header("origin-offset"), "42");
    EXPECT_EQ(letters[0].header("own"), "header");
    EXPECT_EQ(letters[0].header("content-type"), "application/json");
    const auto states = admin.read(topic_card_state);
    ASSERT_GE(states.size(), 1U);
    EXPECT_FALSE(states.back().payload.has_value()) << "an empty message removes its key";
}

TEST(kafka_sink, a_note_stands_in_for_what_is_too_long_and_the_rest_is_published) {
    broker kafka;
    peer admin(kafka.address());
    admin.create(topic_status, 1, {{"max.message.bytes", "100000"}});
    admin.create(topic_dead_letters, 1, {{"max.message.bytes", "2000000"}});
    status_event status;
    status.subject = "8949012345678901234", status.state = "applied", status.value = std::string(200'000, 'A');
    auto sink = open_sink(kafka, {{"message.max.bytes", "3000000"}, {"compression.type", "none"}});
    const std::vector<message> batch{
        {topic_status, "a", "{\"n\":1}", {}},
        {topic_status, "b", serialize_status(status), {}},
        {topic_dead_letters, "c", serialize_dead_letter(letter_of(1'900'000)), {}},  // refused by the broker
        {topic_dead_letters, "d", serialize_dead_letter(letter_of(5'000'000)), {}},  // refused by the client
        {topic_dead_letters, "e", serialize_dead_letter(letter_of(1000)), {}},
        {topic_status, "f", "{\"n\":2}", {}}};
    const auto published = sink->publish(batch);
    ASSERT_TRUE(published) << published.error().message();
    std::map<std::string, std::string> statuses, letters;
    for (const auto& s : admin.read(topic_status)) statuses[*s.key] = *s.payload;
    for (const auto& s : admin.read(topic_dead_letters)) letters[*s.key] = *s.payload;
    EXPECT_EQ(statuses["a"], "{\"n\":1}");
    EXPECT_EQ(statuses["f"], "{\"n\":2}");
    EXPECT_THAT(statuses["b"], HasSubstr("the value is left out: "));
    for (const auto* key : {"c", "d"}) {
        const auto note = parse_dead_letter(letters[key]);
        ASSERT_TRUE(note) << key;
        EXPECT_TRUE(note.value().sealed.empty());
        EXPECT_EQ(note.value().origin, letter_of(1).origin);
        EXPECT_THAT(note.value().detail, HasSubstr("the payload is left out: "));
    }
    EXPECT_EQ(parse_dead_letter(letters["e"]).value().sealed.size(), 1000U);

    const auto never =
        sink->publish({{topic_status, "g", std::string(500'000, 'x'), {}}, {topic_status, "h", "{}", {}}});
    ASSERT_FALSE(never);
    EXPECT_TRUE(never.error() == errc::message_too_large);
    EXPECT_THAT(never.error().message(), HasSubstr("topic dm.mo.status: the message of 500000 octets with key g"));
    EXPECT_TRUE(sink->publish({{topic_status, "i", "{}", {}}})) << "a message too long does not stop the next batch";
}

}  // namespace
}  // namespace ota::queue::testing
