#include "gateway/profile/gateway_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

using namespace ota;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

namespace {

struct read {
    gateway_settings settings;
    std::vector<std::string> told;  ///< "LINE PATH: SENTENCE", without what concerns neither store nor queue
};

read from(const std::string& yaml) {
    config::faults faults;
    read out;
    out.settings = read_gateway_settings(config::document::parse(yaml, "t", faults).root(), "/base", faults);
    for (const auto& f : faults.list()) {
        if (f.path.starts_with("store") || f.path.starts_with("queue"))
            out.told.push_back(std::to_string(f.line) + " " + f.path + ": " + f.what);
    }
    return out;
}

}  // namespace

TEST(backend_settings, read_every_setting_of_postgres) {
    ::setenv("OTAGW_TEST_DB", "hidden", 1);
    const auto got = from(R"(
store:
  kind: postgres
  connection: postgresql://otagw@db:5433/ota
  password: ${env:OTAGW_TEST_DB}
  schema: cards_1
  connections: 3
  migrate: true
  retention: 20d
)");
    EXPECT_THAT(got.told, IsEmpty());
    const auto& s = got.settings.store;
    EXPECT_EQ(s.kind, store_kind::postgres);
    EXPECT_EQ(s.postgres.connection, "postgresql://otagw@db:5433/ota");
    EXPECT_EQ(s.postgres.password, "hidden");
    EXPECT_EQ(s.postgres.schema, "cards_1");
    EXPECT_EQ(s.postgres.connections, 3u);
    EXPECT_TRUE(s.postgres.migrate);
    EXPECT_EQ(s.retention, std::chrono::days(20));
}

TEST(backend_settings, refuse_what_postgres_cannot_be_told) {
    EXPECT_THAT(from("store: {kind: postgres}\n").told, ElementsAre("1 store.connection: is missing"));
    EXPECT_THAT(from("store:\n  kind: postgres\n  connection: x\n  schema: A-b\n").told,
                ElementsAre("4 store.schema: should be a name of small letters, digits and _, 63 at most"));
    EXPECT_THAT(from("store:\n  kind: postgres\n  connection: x\n  password: clear\n").told,
                ElementsAre(AllOf(HasSubstr("4 store.password: is a secret"), testing::Not(HasSubstr("clear")))));
    EXPECT_THAT(from("store:\n  kind: postgres\n  connection: x\n  path: y\n").told,
                ElementsAre(HasSubstr("4 store.path: unknown setting")));
    EXPECT_THAT(from("store:\n  kind: sqlite\n  connection: x\n").told,
                ElementsAre(HasSubstr("3 store.connection: unknown setting")));
}

TEST(backend_settings, read_every_setting_of_kafka) {
    ::setenv("OTAGW_TEST_SASL", "hidden", 1);
    const auto got = from(R"(
store: {kind: postgres, connection: x}
queue:
  kind: kafka
  bootstrap_servers: a:9092,b:9092
  group: g
  instance_id: pod-3
  properties:
    security.protocol: SASL_SSL
    sasl.password: ${env:OTAGW_TEST_SASL}
    queued.min.messages: 5000
)");
    EXPECT_THAT(got.told, IsEmpty());
    const auto& k = got.settings.queue.kafka;
    EXPECT_EQ(got.settings.queue.kind, queue_kind::kafka);
    EXPECT_EQ(k.bootstrap_servers, "a:9092,b:9092");
    EXPECT_EQ(k.group, "g");
    EXPECT_EQ(k.instance_id, "pod-3");
    EXPECT_THAT(k.properties, ElementsAre(Pair("queued.min.messages", "5000"), Pair("sasl.password", "hidden"),
                                          Pair("security.protocol", "SASL_SSL")));
}

TEST(backend_settings, refuse_what_kafka_cannot_be_told) {
    const std::string begin = "store: {kind: postgres, connection: x}\nqueue:\n  kind: kafka\n";
    EXPECT_THAT(from(begin).told, ElementsAre("3 queue.bootstrap_servers: is missing"));
    EXPECT_THAT(
        from(begin + "  bootstrap_servers: a\n  properties: {sasl.password: clear}\n").told,
        ElementsAre(AllOf(HasSubstr("queue.properties.sasl.password: is a secret"), testing::Not(HasSubstr("clear")))));
    EXPECT_THAT(from(begin + "  bootstrap_servers: a\n  properties: {acks: 1}\n").told,
                ElementsAre(HasSubstr("queue.properties.acks: is set by the gateway")));
    EXPECT_THAT(from(begin + "  bootstrap_servers: a\n  directory: x\n").told,
                ElementsAre(HasSubstr("queue.directory: unknown setting")));
    EXPECT_THAT(from("queue: {kind: kafka, bootstrap_servers: a}\n").told,
                ElementsAre(HasSubstr("store: is a file of this machine")));
}
