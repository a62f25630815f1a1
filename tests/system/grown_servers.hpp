#pragma once

#include "tests/kafka/broker.hpp"
#include "tests/kafka/peer.hpp"
#include "tests/store/postgres_cluster.hpp"
#include "tests/system/installation.hpp"

#include <map>
#include <string>
#include <vector>

namespace ota::system_test {

/// Broker and database of one test, real ones, with the gateway's topics.
class grown_servers {
public:
    static constexpr int partitions = 6;

    explicit grown_servers(kafka_rig::broker_options = {});
    ~grown_servers();

    /// An installation over them. more and of_store: members of the queue's and the store's settings, each with
    /// a comma in front.
    [[nodiscard]] site_options site(std::vector<std::string> peer_options = {}, const std::string& more = {},
                                    const std::string& of_store = {});
    /// Payloads of everything that lies in the topic.
    [[nodiscard]] std::vector<std::string> payloads(const std::string& topic);
    /// The first value of a query's answer, as the store has it.
    [[nodiscard]] std::string ask(const std::string& sql);
    /// Events with a final state in the store; 0 also while the database is away.
    [[nodiscard]] std::size_t closed();
    /// State by event id, as the store has it: 0 open, 1 applied, 2 superseded, ..
    [[nodiscard]] std::map<std::string, int> states();

    [[nodiscard]] store::postgres_cluster& cluster() { return store::postgres_cluster::shared(); }

    std::string database;
    kafka_rig::broker kafka;
    kafka_rig::peer events;
};

}  // namespace ota::system_test
