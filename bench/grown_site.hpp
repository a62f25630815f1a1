#pragma once

#include "bench/process_times.hpp"
#include "tests/kafka/broker.hpp"
#include "tests/kafka/peer.hpp"
#include "tests/store/postgres_cluster.hpp"
#include "tests/system/program.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace ota::bench {

/// A whole installation on this machine: broker, database, SMSC with cards, and gateways, each a process of its own;
/// none shares anything with this one. Members throw std::runtime_error when one of them does not come up.
class grown_site {
public:
    /// binds: of the route, over all gateways; fewer than gateways leave some without work. journal: the peers write
    /// down when each submit_sm came.
    grown_site(std::size_t cards, std::size_t binds, bool journal);

    /// Starts one more gateway; returns when it is bound and ready.
    void add_gateway();
    /// Puts `count` change events on the topic, each for another card until every card had its turn.
    void produce(std::size_t count);
    /// Events with a final state, committed, as the database says.
    [[nodiscard]] std::size_t closed();
    /// The first value of a query's answer, as a number.
    [[nodiscard]] double number(const std::string& sql);
    /// Ends the gateways as an operator does.
    void stop_gateways();
    /// Ends the peers: the journal is whole then.
    void stop_peers();

    struct usage {
        process_times gateways, broker, database, peers;
        double busiest_gateway_thread = 0;
        [[nodiscard]] double whole() const { return gateways.whole + broker.whole + database.whole + peers.whole; }
        usage operator-(const usage&) const;
    };
    [[nodiscard]] usage used() const;
    [[nodiscard]] double gateway_mebibytes() const;

    /// When each event was put on the topic, microseconds since 1970, before the broker had answered.
    [[nodiscard]] const std::vector<std::uint64_t>& produced_at() const { return produced_at_; }
    [[nodiscard]] const std::string& card_of(std::size_t event) const { return iccids_[event % iccids_.size()]; }
    [[nodiscard]] std::string journal() const { return (place_.path() / "journal").string(); }
    [[nodiscard]] store::postgres_cluster& database_server() { return cluster_; }

private:
    void start_peers(std::size_t cards, bool journal);
    void import_cards();
    void write_settings(std::size_t binds);

    system_test::workplace place_;
    store::postgres_cluster cluster_;
    std::string database_;
    kafka_rig::broker broker_;
    kafka_rig::peer events_;
    std::unique_ptr<system_test::program> peers_;
    std::string smsc_port_;
    std::vector<std::unique_ptr<system_test::program>> gateways_;
    std::vector<std::string> iccids_;  ///< in the order of the events
    std::vector<std::uint64_t> produced_at_;
    std::mt19937_64 dice_{7};
};

}  // namespace ota::bench
