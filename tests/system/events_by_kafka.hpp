#pragma once

#include "tests/kafka/broker.hpp"
#include "tests/kafka/peer.hpp"
#include "tests/system/installation.hpp"

namespace ota::system_test {

/// A broker with the gateway's topics, for an installation whose events go by it.
struct events_by_kafka {
    explicit events_by_kafka(int partitions) : events(kafka.address()) {
        events.create("dm.mo.changes", partitions);
        events.create("dm.mo.status", 2);
        events.create("dm.mo.changes.dlq", 1);
        events.create("dm.card.state", 2, {{"cleanup.policy", "compact"}});
    }
    [[nodiscard]] site_options site() {
        site_options out;
        out.settings = "queue: {kind: kafka, bootstrap_servers: \"" + kafka.address() + "\"}\n";
        out.queue.publish = [this](const std::vector<keyed_event>& all) {
            std::vector<kafka_rig::sent> records;
            for (const auto& [key, json] : all) records.push_back({.key = key, .payload = json, .headers = {}});
            events.produce("dm.mo.changes", records);
        };
        out.queue.statuses = [this] {
            std::vector<std::string> all;
            for (const auto& r : events.read("dm.mo.status")) all.push_back(r.payload.value_or(""));
            return all;
        };
        return out;
    }
    kafka_rig::broker kafka;
    kafka_rig::peer events;
};

}  // namespace ota::system_test
