// A rolling restart of the three gateways of `./dev cluster` while changes come, as a StatefulSet does it: the highest
// number first, each after the one before is ready. Judged by the topics, and by the peers' journal.
#include "gateway/http/ask.hpp"
#include "queue/base64.hpp"
#include "queue/timestamp.hpp"
#include "secure-channel/wire/octets.hpp"
#include "tests/kafka/peer.hpp"
#include "tests/published/published.hpp"
#include "tests/system/cluster_script.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

namespace ota::system_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// What Kubernetes leaves a pod of the chart from SIGTERM to SIGKILL: `flow.drain_deadline` and 15 s.
constexpr seconds grace_period(45);

struct extent {
    int rounds = 1;
    unsigned rate = 40;  ///< changes per second
    std::string program = otagw();

    /// The gate's, or the long one, of the optimised program where there is one.
    static extent chosen() {
        if (std::getenv("OTAGW_LONG") == nullptr) return {};
        return {6, 200, std::filesystem::exists(OTA_RELEASE_PROGRAM) ? OTA_RELEASE_PROGRAM : otagw()};
    }
};

double seconds_of(std::chrono::nanoseconds span) { return std::chrono::duration<double>(span).count(); }

class rolling_restart : public cluster_script {
protected:
    static constexpr std::size_t cards = 200;  ///< of the cluster's: few enough that changes supersede each other

    rolling_restart() : cluster_script(extent::chosen().program) {}

    void begin();
    /// Publishes on, at the rate, until it is so; false when it never was.
    bool publish_until(const std::function<bool()>& so, seconds at_most) {
        return wait_until([&] { return publish_what_is_due(), so(); }, at_most);
    }
    void restart(int number, bool with_empty_directory);
    [[nodiscard]] bool all_are_final();
    void expect_one_good_end_each();
    void expect_good_verdict();

    const extent how_ = extent::chosen();

private:
    /// A final state, as the status topic has it.
    struct end {
        std::set<std::string> status_ids;
        std::string state;
        std::chrono::sys_time<milliseconds> at;
    };

    [[nodiscard]] std::uint16_t port_of(const std::string& row) const;
    void publish_what_is_due();
    [[nodiscard]] kafka_rig::sent next_change();
    [[nodiscard]] pid_t pid_of(int number) const;  ///< 0 while the script writes the file
    [[nodiscard]] bool ready(int number) const;

    std::optional<kafka_rig::peer> events_;
    std::vector<std::string> iccids_;
    std::map<int, std::uint16_t> http_ports_;
    steady_clock::time_point began_;
    std::mt19937 dice_{11};
    std::map<std::string, std::chrono::system_clock::time_point> published_;  ///< by event id
    std::map<std::pair<std::string, std::string>, std::string> desired_;      ///< hex by ICCID and node
    std::map<std::string, end> ends_;                                         ///< by event id
};

std::uint16_t rolling_restart::port_of(const std::string& row) const {
    const std::string said = line(row), host = "127.0.0.1:";
    return static_cast<std::uint16_t>(std::stoi(said.substr(said.find(host) + host.size())));
}

void rolling_restart::begin() {
    events_.emplace("127.0.0.1:" + std::to_string(port_of("broker ")));
    for (int n = 1; n <= 3; ++n) http_ports_[n] = port_of("gateway " + std::to_string(n));
    std::ifstream csv(here() / "cards.csv");
    std::string row;
    std::getline(csv, row);
    while (iccids_.size() < cards && std::getline(csv, row)) iccids_.push_back(row.substr(0, row.find(',')));
    began_ = steady_clock::now();
}

void rolling_restart::publish_what_is_due() {
    const auto due = static_cast<std::size_t>(seconds_of(steady_clock::now() - began_) * how_.rate);
    std::vector<kafka_rig::sent> records;
    while (published_.size() < due) records.push_back(next_change());
    if (!records.empty()) events_->produce("dm.mo.changes", records);
}

/// Of the name of the network or of the access classes of any card.
kafka_rig::sent rolling_restart::next_change() {
    const auto number = published_.size();
    const auto id = "change-" + std::to_string(number);
    const auto& iccid = iccids_[dice_() % iccids_.size()];
    boost::json::object data{{"op", "replace"}};
    wire::octets image;
    if (dice_() % 2 == 0) {
        const auto name = "Net " + std::to_string(number);
        image.push_back(0);  // display condition
        image.insert(image.end(), name.begin(), name.end());
        image.resize(17, 0xFF);
        data["node"] = "./SC/USIM/SPN", data["format"] = "chr", data["value"] = name;
    } else {
        image = {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
        data["node"] = "./SC/USIM/ACC", data["format"] = "bin", data["value"] = queue::to_base64(image);
    }
    desired_[{iccid, std::string(data.at("node").as_string())}] = wire::to_hex(image);
    published_[id] = std::chrono::system_clock::now();
    const boost::json::object event{{"specversion", "1.0"}, {"type", "dm.mo.change.v1"},
                                    {"source", "urn:test"}, {"id", id},
                                    {"subject", iccid},     {"datacontenttype", "application/json"},
                                    {"data", data}};
    return {.key = iccid, .payload = boost::json::serialize(event), .headers = {}};
}

pid_t rolling_restart::pid_of(int number) const {
    pid_t out = 0;
    std::ifstream(here() / ("gateway-" + std::to_string(number) + ".pid")) >> out;
    return out;
}

bool rolling_restart::ready(int number) const {
    const auto said = http::ask("127.0.0.1", http_ports_.at(number), "/readyz", seconds(2));
    return said && said->status == 200;
}

/// The script starts a gateway again that ended with 0, and no other.
void rolling_restart::restart(int number, bool with_empty_directory) {
    const auto name = "gateway-" + std::to_string(number);
    if (with_empty_directory) {  // as a pod without a claim finds it
        int code = 0;
        const auto said = type("mkdir " + name + ".new && sed -i 's/^data_directory: .*/data_directory: " + name +
                                   ".new/' " + name + ".yaml",
                               code);
        ASSERT_EQ(code, 0) << said;
    }
    const auto before = published_.size();
    const auto pid = pid_of(number);
    const auto asked = steady_clock::now();
    ASSERT_EQ(::kill(pid, SIGTERM), 0) << name;
    const auto started_again = [&] {
        const auto now = pid_of(number);
        return now != 0 && now != pid;
    };
    ASSERT_TRUE(publish_until(started_again, grace_period)) << name << " did not end well\n" << script_.output();
    const auto ended = steady_clock::now();
    ASSERT_TRUE(publish_until([&] { return ready(number); }, seconds(120))) << name << " is not ready again";
    const auto meanwhile = published_.size() - before;
    EXPECT_GT(meanwhile, 0u);
    std::cout << name << ": ended after " << seconds_of(ended - asked) << " s, ready "
              << seconds_of(steady_clock::now() - ended) << " s later; published meanwhile: " << meanwhile << std::endl;
}

bool rolling_restart::all_are_final() {
    ends_.clear();
    for (const auto& record : events_->read("dm.mo.status")) {
        const auto status = boost::json::parse(record.payload.value_or(""));
        const auto& data = status.at("data");
        if (!data.at("final").as_bool()) continue;
        auto& one = ends_[std::string(data.at("event_id").as_string())];
        one.status_ids.emplace(status.at("id").as_string());
        one.state = data.at("state").as_string();
        one.at = queue::parse_timestamp(status.at("time").as_string()).value();
    }
    return ends_.size() >= published_.size();
}

/// The topic is told at least once: by status ids, each change has one final state.
void rolling_restart::expect_one_good_end_each() {
    published::records all;
    for (const auto& record : events_->read("dm.mo.status"))
        all.add("dm.mo.status", record.key, record.payload.value_or(""));
    EXPECT_EQ(all.breaches(), "");
    EXPECT_TRUE(events_->read("dm.mo.changes.dlq").empty());
    EXPECT_EQ(ends_.size(), published_.size());
    std::map<std::string, std::size_t> states;
    std::vector<double> took;
    for (const auto& [id, at] : published_) {
        const auto& one = ends_[id];
        EXPECT_EQ(one.status_ids.size(), 1u) << id;
        EXPECT_TRUE(one.state == "applied" || one.state == "superseded") << id << ' ' << one.state;
        ++states[one.state];
        took.push_back(seconds_of(one.at - at));
    }
    EXPECT_GE(states["applied"], cards);
    std::ranges::sort(took);
    std::cout << published_.size() << " changes: " << states["applied"] << " applied, " << states["superseded"]
              << " superseded; from published to final " << took[took.size() / 2] << " s in the middle, "
              << took[took.size() * 99 / 100] << " s for 99 %, " << took.back() << " s at most" << std::endl;
}

void rolling_restart::expect_good_verdict() {
    std::ofstream out(here() / "desired.ndjson");
    for (const auto& [where, hex] : desired_)
        out << R"({"iccid":")" << where.first << R"(","node":")" << where.second << R"(","hex":")" << hex << "\"}\n";
    out.close();
    int code = 0;
    const auto verdict = type("otagw sandbox --judge cards.journal --desired desired.ndjson", code);
    EXPECT_EQ(code, 0) << verdict;
    const auto found = boost::json::parse(verdict).as_object();
    EXPECT_EQ(found.at("counters_reused"), 0) << verdict;
    EXPECT_EQ(found.at("files_compared"), desired_.size()) << verdict;
}

TEST_F(rolling_restart, under_load_loses_nothing) {
    ASSERT_TRUE(comes_up());
    begin();
    for (int round = 0; round < how_.rounds; ++round)
        for (const int number : {3, 2, 1}) ASSERT_NO_FATAL_FAILURE(restart(number, round == 0 && number != 2));
    ASSERT_TRUE(wait_until([&] { return all_are_final(); }, seconds(180)));
    expect_one_good_end_each();
    script_.signal(SIGINT);
    EXPECT_EQ(script_.wait(seconds(120)), 0) << script_.output();
    expect_good_verdict();
}

}  // namespace
}  // namespace ota::system_test
