#include "gateway/profile/backend_settings.hpp"

#include "gateway/profile/route_settings.hpp"

#include <algorithm>
#include <array>

namespace ota {
namespace {

/// Properties of librdkafka that hold a secret themselves: given by reference only.
constexpr std::array secret_properties{"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem",
                                       "sasl.oauthbearer.client.secret"};
/// Properties that the gateway's promises rest on.
constexpr std::array own_properties{"bootstrap.servers",
                                    "group.id",
                                    "group.instance.id",
                                    "enable.auto.commit",
                                    "enable.idempotence",
                                    "enable.auto.offset.store",
                                    "acks",
                                    "partition.assignment.strategy"};

template <class List>
bool is_among(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

void read_postgres(const config::node& at, postgres_settings& postgres) {
    postgres.connection = at.required_text("connection");
    if (at.at("password").exists()) postgres.password = at.secret("password");
    postgres.schema = at.text("schema", postgres.schema);
    const bool plain =
        !postgres.schema.empty() && postgres.schema.size() <= 63 &&
        postgres.schema.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
        (postgres.schema.front() < '0' || postgres.schema.front() > '9');
    if (!plain) at.at("schema").complain("should be a name of small letters, digits and _, 63 at most");
    postgres.connections = static_cast<unsigned>(at.integer("connections", postgres.connections, 2, 64));
    postgres.lease = at.duration("lease", postgres.lease);
    if (postgres.lease < std::chrono::seconds(2) || postgres.lease > std::chrono::minutes(2)) {
        at.at("lease").complain(
            "should be between 2 s and 2 min: after so long the others take over what an instance that was lost had");
    }
    postgres.migrate = at.flag("migrate", postgres.migrate);
}

void read_kafka(const config::node& at, kafka_settings& kafka) {
    kafka.bootstrap_servers = at.required_text("bootstrap_servers");
    kafka.group = at.text("group", kafka.group);
    if (kafka.group.empty()) at.at("group").complain("should name the consumer group that all instances share");
    kafka.instance_id = at.text("instance_id", "");
    const auto properties = at.at("properties");
    for (const auto& [name, value] : properties.entries()) {
        if (is_among(own_properties, name)) {
            value.complain(
                "is set by the gateway: bootstrap_servers, group and instance_id have settings of their own, the "
                "others are fixed");
            continue;
        }
        kafka.properties[name] =
            is_among(secret_properties, name) ? properties.secret(name) : value.scalar().value_or("");
    }
}

}  // namespace

void read_store(const config::node& at, const std::string& folder, store_settings& store) {
    store.kind = static_cast<store_kind>(at.choice("kind", {"sqlite", "postgres"}, 0));
    store.retention = at.duration("retention", store.retention);
    if (store.kind == store_kind::sqlite) store.path = below(folder, at.text("path", ""));
    if (store.kind == store_kind::postgres) read_postgres(at, store.postgres);
    at.finish();
}

void read_queue(const config::node& at, const std::string& folder, queue_settings& queue) {
    queue.kind = static_cast<queue_kind>(at.choice("kind", {"embedded", "kafka"}, 0));
    queue.retention = at.duration("retention", queue.retention);
    if (queue.kind == queue_kind::embedded) queue.directory = below(folder, at.text("directory", ""));
    if (queue.kind == queue_kind::kafka) read_kafka(at, queue.kafka);
    at.finish();
}

}  // namespace ota
