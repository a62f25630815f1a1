// The gateway over Apache Kafka and PostgreSQL, real ones; judged by the peers' journal, which outlives all of them.
#include "tests/system/grown_servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <csignal>
#include <set>
#include <thread>

namespace ota::system_test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

void stop(program& gateway) {
    gateway.signal(SIGTERM);
    EXPECT_EQ(gateway.wait(seconds(60)), 0) << gateway.output();
}

TEST(grown, takes_events_from_kafka_and_tells_statuses_and_card_states) {
    grown_servers with;
    installation site("grown", 40, with.site());
    site.publish(300);
    auto gateway = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(seconds(120)), 300u) << gateway->output();
    EXPECT_THAT(installation::ask(*gateway, "/readyz"), HasSubstr("ready"));
    // A DM server rebuilds its view from the compacted topic alone.
    const auto all_in_sync = [&] {
        std::map<std::string, std::string> view;
        for (const auto& r : with.events.read("dm.card.state")) {
            view[r.key.value_or("")] =
                std::string(boost::json::parse(r.payload.value_or("")).at("data").at("state").as_string());
        }
        return view.size() >= 40 &&
               std::ranges::all_of(view, [](const auto& each) { return each.second == "in-sync"; });
    };
    EXPECT_TRUE(kafka_rig::eventually(all_in_sync));
    const auto taken = [&] {
        std::int64_t sum = 0;
        for (int p = 0; p < grown_servers::partitions; ++p)
            sum += std::max<std::int64_t>(with.events.committed("otagw", "dm.mo.changes", p), 0);
        return sum == 300;
    };
    EXPECT_TRUE(kafka_rig::eventually(taken)) << "tools that show the group's lag";
    stop(*gateway);
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

TEST(grown, killed_at_named_points_it_loses_nothing_and_uses_no_counter_twice) {
    grown_servers with;
    installation site("grown-kill", 60, with.site({"--delay-max", "30", "--duplicates", "0.02"}, ", instance_id: one"));
    const int rounds = std::getenv("OTAGW_LONG") != nullptr ? 9 : 2;  // 36 kills in the long form
    constexpr int passes = 4;  // 40 events in a few large batches pass each point no oftener for certain
    int killed = 0;
    for (int round = 1; round <= rounds; ++round) {
        for (const char* point : {"after-reserve", "after-commit", "after-write", "before-acknowledge"}) {
            site.publish(40);
            const auto pass = std::to_string((round - 1) % passes + 1);
            auto gateway = site.start_gateway({{"OTAGW_KILL_AT", std::string(point) + ":" + pass}});
            const int code = gateway->wait(seconds(120));
            EXPECT_EQ(code, -SIGKILL) << point << ':' << pass << " was not reached\n" << gateway->output();
            killed += code == -SIGKILL;
        }
    }
    auto gateway = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(seconds(180)), static_cast<std::size_t>(rounds) * 160) << gateway->output();
    stop(*gateway);
    EXPECT_EQ(killed, rounds * 4);
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

TEST(grown, says_who_is_away_and_goes_on_by_itself) {
    grown_servers with;
    auto& cluster = with.cluster();
    const seconds away(std::getenv("OTAGW_LONG") != nullptr ? 30 : 0);  // once it is noticed
    installation site("grown-away", 20, with.site());
    auto gateway = site.start_gateway();
    site.publish(50);
    EXPECT_EQ(site.wait_until_final(seconds(120)), 50u) << gateway->output();
    const auto ready = [&] { return installation::ask(*gateway, "/readyz"); };

    with.kafka.kill();
    EXPECT_TRUE(kafka_rig::eventually([&] { return ready().find("event source") != std::string::npos; })) << ready();
    std::this_thread::sleep_for(away);
    EXPECT_THAT(ready(), HasSubstr("event source"));
    with.kafka.start();
    site.publish(50);
    EXPECT_EQ(site.wait_until_final(seconds(120)), 100u) << gateway->output();

    cluster.stop();
    EXPECT_TRUE(kafka_rig::eventually([&] { return ready().find("store: ") != std::string::npos; })) << ready();
    site.publish(50);
    std::this_thread::sleep_for(away);
    EXPECT_THAT(ready(), HasSubstr("store: "));
    cluster.start();
    EXPECT_EQ(site.wait_until_final(seconds(120)), 150u) << gateway->output();
    EXPECT_TRUE(kafka_rig::eventually([&] { return ready().find("store: ") == std::string::npos; })) << ready();
    stop(*gateway);
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

TEST(grown, poison_stops_no_partition) {
    grown_servers with;
    installation site("grown-poison", 12, with.site());
    const auto& iccid = site.iccids().front();
    const auto event = [&](const std::string& id, const std::string& data) {
        return R"({"specversion":"1.0","type":"dm.mo.change.v1","source":"urn:poison","id":")" + id +
               R"(","subject":")" + iccid + R"(","data":)" + data + "}";
    };
    const std::string good = R"({"op":"replace","node":"./SC/USIM/A","format":"bin","value":"AQID"})";
    with.events.produce(
        "dm.mo.changes",
        {
            {.key = iccid, .payload = "no JSON"},
            {.key = iccid, .payload = event("wrong-schema", R"({"op":"replace","node":17})")},
            {.key = iccid, .payload = event("unknown-op", R"({"op":"melt","node":"./SC/USIM/A"})")},
            {.key = iccid,
             .payload = event("huge", R"({"op":"replace","node":"./SC/USIM/A","format":"bin","value":")" +
                                          std::string(5'000'000, 'A') + "\"}")},
            {.key = "8949000000000000000", .payload = event("other-key", good)},
            {.key = iccid,
             .payload = good,
             .headers = {{"ce_specversion", "1.0"}, {"ce_type", "dm.mo.change.v1"}}},  // binary mode, no id
            {.key = iccid, .payload = good},                                           // binary mode without any header
            {.key = iccid, .payload = std::nullopt},
        });
    site.publish(30);
    auto gateway = site.start_gateway();
    const auto states = [&] {
        std::map<std::string, std::string> out;
        for (const auto& line : with.payloads("dm.mo.status")) {
            const auto data = boost::json::parse(line).at("data");
            if (data.at("event_source") == "urn:poison") {
                out[std::string(data.at("event_id").as_string())] = std::string(data.at("state").as_string());
            }
        }
        return out;
    };
    EXPECT_TRUE(kafka_rig::eventually([&] {
        return states().size() == 3 && with.payloads("dm.mo.changes.dlq").size() == 5;
    })) << gateway->output();
    EXPECT_THAT(states(),
                testing::ElementsAre(testing::Pair("huge", "rejected"), testing::Pair("unknown-op", "rejected"),
                                     testing::Pair("wrong-schema", "rejected")));
    EXPECT_TRUE(kafka_rig::eventually([&] {
        std::set<std::string> final;
        for (const auto& line : with.payloads("dm.mo.status")) {
            const auto data = boost::json::parse(line).at("data");
            if (data.at("event_source") == "urn:test" && data.at("final").as_bool())
                final.emplace(data.at("event_id").as_string());
        }
        return final.size() == 30;
    })) << gateway->output();
    for (const auto& r : with.events.read("dm.mo.changes.dlq"))
        EXPECT_NE(r.header("reason"), "") << r.payload.value_or("");
    stop(*gateway);
}

TEST(grown, starts_anew_when_a_tool_had_the_store_while_it_stood_still) {
    grown_servers with;
    installation site("grown-outdated", 20, with.site({}, {}, ", lease: 2s"));
    auto gateway = site.start_gateway();
    site.publish(50);
    EXPECT_EQ(site.wait_until_final(seconds(120)), 50u) << gateway->output();
    gateway->signal(SIGSTOP);
    ASSERT_TRUE(wait_until(
        [&] { return with.ask("SELECT coalesce(max(until) < clock_timestamp(), true) FROM otagw.lease") == "t"; },
        seconds(30)));
    EXPECT_THAT(site.tool({"store", "recover", "--force", "--config", "gateway.yaml"}), HasSubstr("counters leapt"));
    gateway->signal(SIGCONT);
    ASSERT_FALSE(gateway->wait_for("starting anew", seconds(60)).empty()) << gateway->output();
    site.publish(50);
    EXPECT_EQ(site.wait_until_final(seconds(120)), 100u) << gateway->output();
    stop(*gateway);
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

TEST(grown, two_instances_share_the_work) {
    grown_servers with;
    installation site("grown-two", 60, with.site({"--delay-max", "40"}));
    auto one = site.start_gateway({}, {"--instance", "1"});
    auto two = site.start_gateway({}, {"--instance", "2"});
    ASSERT_FALSE(one->wait_for("\"started\"", seconds(60)).empty()) << one->output();
    ASSERT_FALSE(two->wait_for("\"started\"", seconds(60)).empty()) << two->output();
    site.publish(600);
    EXPECT_EQ(site.wait_until_final(seconds(180)), 600u) << one->output() << two->output();
    stop(*one);
    site.publish(100);
    EXPECT_EQ(site.wait_until_final(seconds(180)), 700u) << two->output();
    stop(*two);
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

}  // namespace
}  // namespace ota::system_test
