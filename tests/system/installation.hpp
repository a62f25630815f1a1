#pragma once

#include "tests/system/program.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace ota::system_test {

using keyed_event = std::pair<std::string, std::string>;  ///< ICCID, JSON

/// Where events go to and statuses come from, when that is not the embedded log.
struct other_queue {
    std::function<void(const std::vector<keyed_event>&)> publish;
    std::function<std::vector<std::string>()> statuses;  ///< all of them, from the first on
};

/// How an installation differs from the plain one.
struct site_options {
    std::vector<std::string> peers;  ///< options of the SMSC and the cards
    std::string settings;            ///< lines for the settings file
    std::string route;               ///< members of the route, each with a comma in front
    std::function<void(const std::filesystem::path& data)>
        prepare_data;  ///< the data directory, before anything is in it
    std::function<std::string(std::size_t number, std::string row)> alter_card;  ///< a row of the CSV as it is imported
    other_queue queue;
    bool channels = false,
         by_tcp = false;  ///< cards and gateway have data channels, and there is a node C of 4096 octets
    std::string http;     ///< members of `http`, each with a comma in front
};

/// A gateway's settings and store, and its peers: an SMSC with cards and their journal in a process of their own.
class installation {
public:
    installation(const std::string& name, std::size_t cards, std::vector<std::string> peer_options = {})
        : installation(name, cards, site_options{std::move(peer_options), {}, {}, {}, {}, {}, false, false}) {}
    installation(const std::string& name, std::size_t cards, const site_options&);

    [[nodiscard]] std::unique_ptr<program> start_gateway(program::environment = {},
                                                         std::vector<std::string> more = {}) const;
    /// Runs a command of the program with these settings; fails the test when its exit code is not 0.
    std::string tool(std::vector<std::string> arguments) const;
    /// Changes as events in the embedded log: `count` of them over all cards and both nodes, each with a value of its
    /// own.
    void publish(std::size_t count);
    /// One change of 4096 octets of node C of each card.
    void publish_large();
    /// One change of 20 octets of node A of a card.
    void publish_to(const std::string& iccid);
    /// Somebody else puts this on node A of every card, with one event each: the judge is to know.
    void expect_everywhere(const std::string& hex);
    /// Waits until every published event has a final state in the status log. The number that has.
    std::size_t wait_until_final(std::chrono::seconds at_most) const;
    [[nodiscard]] std::size_t final_by_now() const { return finals().size(); }
    /// Final states by event id: each must have exactly one, all must be applied or superseded; every status is as its
    /// schema says.
    void expect_one_final_state_each() const;
    /// Body of GET `path` of a gateway that has said "started".
    [[nodiscard]] static std::string ask(program& gateway, std::string_view path);
    /// Ends the peers; the JSON line that they end with.
    std::string stop_peers();
    /// Ends the peers and lets the judge compare their journal with what was published last.
    void expect_good_verdict();

    [[nodiscard]] const std::filesystem::path& path() const { return place_.path(); }
    [[nodiscard]] const std::vector<std::string>& iccids() const { return iccids_; }

private:
    [[nodiscard]] std::map<std::string, std::map<std::string, int>> finals() const;
    void publish_all(const std::vector<std::pair<std::string, std::size_t>>& cards_and_nodes);

    [[nodiscard]] std::vector<std::string> statuses() const;

    workplace place_;
    other_queue queue_;
    std::unique_ptr<program> peers_;
    std::vector<std::string> iccids_;
    std::size_t published_ = 0;
    std::map<std::pair<std::string, std::string>, std::string> desired_;  ///< hex by ICCID and node
};

}  // namespace ota::system_test
