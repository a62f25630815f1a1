// Three gateways over one Apache Kafka and one PostgreSQL lose nothing while everything around them fails once; judged
// by the peers' journal, which outlives them, by the SMSC's own count of every second, and by the topics.
#include "tests/system/grown_servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <set>
#include <sstream>

namespace ota::system_test {
namespace {

using std::chrono::seconds;

/// How large a run is: the gate's, or the long one, of the optimised program where there is one.
struct extent {
    std::size_t changes = 6'000, cards = 1'500;
    unsigned rate = 150;  ///< the route's contract, segments per second: of all instances together
    seconds patience{180};

    static extent chosen() {
        if (std::getenv("OTAGW_LONG") == nullptr) return {};
        if (std::filesystem::exists(OTA_RELEASE_PROGRAM)) ::setenv("OTAGW_UNDER_TEST", OTA_RELEASE_PROGRAM, 1);
        return {50'000, 10'000, 500, seconds(900)};
    }
};

/// After so long without a word an instance is put out of the group, and its leases are over.
constexpr auto session_timeout = seconds(6);

class three_instances : public testing::Test {
protected:
    /// In waves: each fault strikes while a wave is on its way.
    static constexpr std::size_t waves = 5;

    three_instances() : site_("three", how_.cards, options()) {
        for (std::size_t i = 0; i < gateways_.size(); ++i) start(i);
    }

    site_options options() {
        ::setenv("OTAGW_NAME", "tool", 1);  // of the commands that read the same settings
        // The SMSC takes a message, answers nothing and cuts every connection: once at least, as each card gets a
        // message.
        auto out = with_.site({"--delay-max", "40", "--drop-every", std::to_string(how_.cards * 2 / 3)},
                              ", instance_id: \"${env:OTAGW_NAME}\", properties: {session.timeout.ms: " +
                                  std::to_string(session_timeout.count() * 1000) + "}",
                              ", lease: " + std::to_string(session_timeout.count()) + "s");
        out.route = ", rate: " + std::to_string(how_.rate) + ", binds: 3";
        return out;
    }

    void start(std::size_t i) {
        const auto number = std::to_string(i + 1);
        gateways_[i] = site_.start_gateway({{"OTAGW_NAME", "instance-" + number}}, {"--instance", number});
        ASSERT_FALSE(gateways_[i]->wait_for("\"started\"", seconds(60)).empty()) << gateways_[i]->output();
    }

    void publish_wave() {
        site_.publish(how_.changes / waves);
        published_ += how_.changes / waves;
    }

    /// The store takes part in the flow, and has still more to do.
    void wait_until_under_way() {
        const auto before = with_.closed();
        ASSERT_TRUE(wait_until([&] { return with_.closed() > before + how_.changes / waves / 20; }, how_.patience))
            << words();
        ASSERT_LT(with_.closed(), published_) << "the fault would strike nothing";
    }

    /// Every change that was published has been taken in.
    [[nodiscard]] bool all_taken_in() {
        return std::stoul(with_.ask("SELECT coalesce(sum(next_offset), 0) FROM otagw.source_offset")) == published_;
    }

    [[nodiscard]] bool lease_is_over(int instance) {
        return with_.ask(
                   "SELECT coalesce(max(until) < clock_timestamp(), true) FROM otagw.lease WHERE name = 'instance/" +
                   std::to_string(instance) + "'") == "t";
    }

    /// What the gateways say, but for the ends of events.
    [[nodiscard]] std::string words() {
        std::string out;
        for (auto& each : gateways_) {
            std::istringstream lines(each->output());
            for (std::string line; std::getline(lines, line);)
                if (line.find("event ended") == std::string::npos) out += line.substr(0, 300) + '\n';
            out += "ready: " + (each->running() ? installation::ask(*each, "/readyz") : "not running") + "\n--\n";
        }
        return out;
    }

    void expect_status_topic_and_store_to_agree();
    void expect_the_contract_was_kept(const boost::json::object& peers);

    const extent how_ = extent::chosen();
    grown_servers with_;
    installation site_;
    std::array<std::unique_ptr<program>, 3> gateways_;
    std::size_t published_ = 0;
};

/// The topic is told at least once: by status ids, each event has one final state, and it is the store's.
void three_instances::expect_status_topic_and_store_to_agree() {
    static constexpr const char* names[] = {"open", "applied", "superseded", "rejected", "failed", "expired"};
    std::map<std::string, std::set<std::string>> final_ids;
    std::map<std::string, std::string> told;
    const auto look = [&] {
        final_ids.clear();
        for (const auto& line : with_.payloads("dm.mo.status")) {
            const auto status = boost::json::parse(line);
            const auto& data = status.at("data");
            if (!data.at("final").as_bool()) continue;
            const std::string event(data.at("event_id").as_string());
            final_ids[event].emplace(status.at("id").as_string());
            told[event] = data.at("state").as_string();
        }
        return final_ids.size() >= published_;
    };
    ASSERT_TRUE(wait_until(look, seconds(120)))
        << final_ids.size() << " of " << published_ << " events have a final status";
    const auto stored = with_.states();
    EXPECT_EQ(stored.size(), published_);
    std::size_t applied = 0;
    for (const auto& [event, state] : stored) {
        EXPECT_EQ(final_ids[event].size(), 1u) << event << " has not one final status";
        EXPECT_EQ(told[event], names[state]) << event;
        EXPECT_THAT(state, testing::AnyOf(1, 2)) << event << " is " << names[state];
        applied += state == 1;
    }
    EXPECT_GE(applied, how_.cards / 2);
}

/// 1.1 times the rate in no second of the SMSC's clock; and it was asked for: a rate that nobody reaches proves
/// nothing.
void three_instances::expect_the_contract_was_kept(const boost::json::object& peers) {
    const auto of = [&](const char* name) { return peers.at(name).to_number<unsigned>(); };
    EXPECT_LE(of("peak_submits_per_second"), how_.rate * 11 / 10) << peers.at("submits_by_second");
    EXPECT_GE(of("peak_submits_per_second"), how_.rate * 6 / 10) << peers.at("submits_by_second");
    std::cout << "contract " << how_.rate << "/s; busiest second " << of("peak_submits_per_second")
              << ", wherever it begins " << of("peak_submits_of_any_second") << "; submits by second "
              << peers.at("submits_by_second") << std::endl;
}

TEST_F(three_instances, lose_nothing_while_everything_fails_once) {
    // One is killed, and comes back.
    publish_wave();
    wait_until_under_way();
    gateways_[0]->signal(SIGKILL);
    EXPECT_EQ(gateways_[0]->wait(seconds(20)), -SIGKILL);
    start(0);

    // One stands still until the group has given its partitions to others, who take in all that comes meanwhile, and
    // until its leases are over; then it wakes.
    wait_until_under_way();
    gateways_[1]->signal(SIGSTOP);
    publish_wave();
    EXPECT_TRUE(wait_until([&] { return all_taken_in() && lease_is_over(2); }, how_.patience))
        << "nobody took its partitions over\n"
        << words();
    gateways_[1]->signal(SIGCONT);

    publish_wave();
    wait_until_under_way();
    with_.cluster().stop();
    EXPECT_EQ(with_.closed(), 0u) << "the database answers while it is stopped";
    with_.cluster().start();

    publish_wave();
    wait_until_under_way();
    with_.kafka.kill();
    with_.kafka.start();

    publish_wave();
    ASSERT_TRUE(wait_until([&] { return with_.closed() == published_; }, how_.patience))
        << with_.closed() << " of " << published_ << '\n'
        << words();
    ASSERT_NO_FATAL_FAILURE(expect_status_topic_and_store_to_agree());
    for (auto& each : gateways_) each->signal(SIGTERM);
    for (auto& each : gateways_) EXPECT_EQ(each->wait(seconds(60)), 0) << each->output();
    const auto peers = boost::json::parse(site_.stop_peers()).as_object();
    EXPECT_GE(peers.at("smsc").at("connections_dropped").to_number<unsigned>(), 1u);
    expect_the_contract_was_kept(peers);
    site_.expect_good_verdict();
}

}  // namespace
}  // namespace ota::system_test
