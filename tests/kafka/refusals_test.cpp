#include "queue/kafka/kafka_sink.hpp"
#include "tests/kafka/reading.hpp"

#include <gmock/gmock.h>

namespace ota::queue::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using generation = kafka_rig::broker_options::generation;

constexpr const char* secret = "a-wrong-password-1f9c";

kafka_source_options with_password(const broker& kafka, const std::string& mechanism, const std::string& password) {
    auto o = options_for(kafka.sasl_address());
    o.properties["security.protocol"] = "SASL_PLAINTEXT";
    o.properties["sasl.mechanisms"] = mechanism;
    o.properties["sasl.username"] = "gateway";
    o.properties["sasl.password"] = password;
    return o;
}

TEST(kafka_refusal, a_property_that_is_not_known_is_named) {
    auto o = options_for("127.0.0.1:1");
    o.properties["bootstrap.server"] = "x";
    const auto source = kafka_source::open(o);
    ASSERT_FALSE(source);
    EXPECT_TRUE(source.error() == errc::bad_setting);
    EXPECT_THAT(source.error().message(), HasSubstr("bootstrap.server"));
    kafka_sink_options to;
    to.properties = {{"ssl.key.pem", secret}, {"security.protocol", "ssl"}};
    const auto sink = kafka_sink::open(to);
    ASSERT_FALSE(sink);
    EXPECT_THAT(sink.error().message(), Not(HasSubstr(secret)));
    o.properties.erase("bootstrap.server");
    o.properties["session.timeout.ms"] = "soon";
    const auto third = kafka_source::open(o);
    ASSERT_FALSE(third);
    EXPECT_THAT(third.error().message(), HasSubstr("session.timeout.ms"));
}

TEST(kafka_refusal, a_missing_topic_is_named_and_read_once_it_is_there) {
    broker kafka;
    peer admin(kafka.address());
    positions store;
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.until([&] { return r.why == errc::missing_topic; })) << r.why.message();
    EXPECT_THAT(r.why.message(),
                AllOf(HasSubstr("topic dm.mo.changes does not exist"), HasSubstr("otagw topics create")));
    EXPECT_EQ(r.source->lag(), -1);
    kafka_sink_options to;
    to.properties = {{"bootstrap.servers", kafka.address()}};
    auto sink = kafka_sink::open(to);
    ASSERT_TRUE(sink);
    const auto published = sink.value()->publish({{topic_status, "card", "{}", {}}});
    ASSERT_FALSE(published);
    EXPECT_TRUE(published.error() == errc::missing_topic) << published.error().message();
    EXPECT_THAT(published.error().message(), HasSubstr(topic_status));
    admin.create(changes, 1);
    admin.create(topic_status, 1);
    admin.produce(changes, 0, "card", "one");
    ASSERT_TRUE(r.read(1)) << r.why.message();
    EXPECT_TRUE(eventually([&] { return sink.value()->publish({{topic_status, "card", "{}", {}}}).has_value(); }));
}

TEST(kafka_refusal, wrong_passwords_and_missing_rights_are_told_apart) {
    broker kafka({{}, true, generation::before_4});
    peer admin(kafka.address());
    admin.create(changes, 1);
    positions store;
    for (const auto* mechanism : {"PLAIN", "SCRAM-SHA-256"}) {
        reading wrong(with_password(kafka, mechanism, secret), store);
        ASSERT_TRUE(wrong.until([&] { return wrong.why == errc::refused; }))
            << mechanism << ": " << wrong.why.message();
        EXPECT_THAT(wrong.why.message(),
                    AllOf(HasSubstr("uthentication"), HasSubstr("sasl.password"), Not(HasSubstr(secret))));
        reading right(with_password(kafka, mechanism, "correct"), store);  // but no ACL lets the user read
        ASSERT_TRUE(right.until([&] { return right.why == errc::refused; }))
            << mechanism << ": " << right.why.message();
        EXPECT_THAT(right.why.message(), HasSubstr("topic dm.mo.changes: the broker does not let this user"));
    }
    kafka_sink_options to;
    to.properties = with_password(kafka, "PLAIN", secret).properties;
    auto sink = kafka_sink::open(to);
    ASSERT_TRUE(sink);
    const auto published = sink.value()->publish({{topic_status, "card", "{}", {}}});
    ASSERT_FALSE(published);
    EXPECT_TRUE(published.error() == errc::refused) << published.error().message();
}

TEST(kafka_refusal, the_right_password_reads_and_publishes) {
    broker kafka({{"allow.everyone.if.no.acl.found=true"}, true, generation::before_4});
    peer admin(kafka.address());
    admin.create(changes, 1);
    admin.create(topic_status, 1);
    positions store;
    for (const auto* mechanism : {"PLAIN", "SCRAM-SHA-256"}) {
        admin.produce(changes, 0, "card", mechanism);
        reading r(with_password(kafka, mechanism, "correct"), store);
        ASSERT_TRUE(r.read(1)) << r.why.message();
        kafka_sink_options to;
        to.properties = with_password(kafka, mechanism, "correct").properties;
        auto sink = kafka_sink::open(to);
        ASSERT_TRUE(sink);
        const auto published = sink.value()->publish({{topic_status, "card", "{}", {}}});
        EXPECT_TRUE(published) << published.error().message();
    }
}

TEST(kafka_refusal, scram_with_a_newer_broker_says_what_it_needs) {
    broker kafka({{"allow.everyone.if.no.acl.found=true"}, true, generation::newest});
    peer admin(kafka.address());
    admin.create(changes, 1);
    admin.produce(changes, 0, "card", "one");
    positions store;
    reading plain(with_password(kafka, "PLAIN", "correct"), store);
    ASSERT_TRUE(plain.read(1)) << plain.why.message();
    positions other;
    reading scram(with_password(kafka, "SCRAM-SHA-256", "correct"), other);
    ASSERT_TRUE(scram.until([&] { return scram.why == errc::refused || scram.taken.size() == 1; }))
        << scram.why.message();
    if (scram.taken.empty()) {
        EXPECT_THAT(scram.why.message(), HasSubstr("SCRAM with Kafka 4 or newer needs librdkafka 2.6.1"));
    }
}

}  // namespace
}  // namespace ota::queue::testing
