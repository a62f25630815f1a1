// kill -9 at named points of the corridor (R1 to R4), judged by the peers' journal, which outlives the gateway.
#include "tests/system/installation.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace ota::system_test {
namespace {

TEST(kill, at_named_points_loses_nothing_and_uses_no_counter_twice) {
    installation site("kill", 60, {"--delay-max", "30", "--duplicates", "0.02"});
    const int rounds = std::getenv("OTAGW_LONG") != nullptr ? 12 : 4;  // 48 kills in the long form
    constexpr int passes = 8;                                          // 40 events pass each point about nine times,
    std::size_t killed = 0, published = 0;                             // less often where more of them are done at once
    const auto publish = [&](std::size_t count) {
        site.publish(count);
        published += count;
    };
    for (int round = 1; round <= rounds; ++round) {
        for (const char* point : {"after-reserve", "after-commit", "after-write", "before-acknowledge"}) {
            publish(40);
            const auto pass = std::to_string((round - 1) % passes + 1);
            auto gateway = site.start_gateway({{"OTAGW_KILL_AT", std::string(point) + ":" + pass}});
            int code = gateway->wait(std::chrono::seconds(5));
            for (int more = 0; more < 20 && code == program::no_end; ++more) {
                publish(10);
                code = gateway->wait(std::chrono::seconds(5));
            }
            EXPECT_EQ(code, -SIGKILL) << point << ':' << pass << " was not reached\n" << gateway->output();
            killed += code == -SIGKILL;
        }
    }
    auto gateway = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(std::chrono::seconds(180)), published) << gateway->output();
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0) << gateway->output();
    EXPECT_EQ(killed, static_cast<std::size_t>(rounds) * 4);
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

TEST(run, a_second_gateway_on_the_same_store_is_refused) {
    installation site("second", 2);
    auto first = site.start_gateway();
    ASSERT_FALSE(first->wait_for("\"started\"", std::chrono::seconds(30)).empty()) << first->output();
    auto second = site.start_gateway();
    EXPECT_EQ(second->wait(std::chrono::seconds(30)), 1);
    EXPECT_NE(second->output().find("another gateway"), std::string::npos) << second->output();
    first->signal(SIGTERM);
    EXPECT_EQ(first->wait(std::chrono::seconds(40)), 0);
}

TEST(run, a_graceful_stop_hands_over_what_is_under_way) {
    installation site("stop", 40, {"--delay-min", "300", "--delay-max", "800"});
    site.publish(200);
    {
        auto first = site.start_gateway();
        ASSERT_FALSE(first->wait_for("\"started\"", std::chrono::seconds(30)).empty());
        first->signal(SIGTERM);
        EXPECT_EQ(first->wait(std::chrono::seconds(60)), 0) << first->output();
    }
    auto next = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(std::chrono::seconds(120)), 200u);
    next->signal(SIGTERM);
    EXPECT_EQ(next->wait(std::chrono::seconds(60)), 0) << next->output();
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

TEST(secrets, no_key_of_a_card_appears_in_any_output_log_or_store) {
    installation site("canary", 5);
    site.publish(20);
    auto gateway = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(std::chrono::seconds(60)), 20u);
    site.tool({"cards", "show", site.iccids().front(), "--config", "gateway.yaml"});
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0);
    int code = 0;
    const auto keys = run({"cut", "-d,", "-f5,6", "cards.csv"}, site.path(), code);
    std::filesystem::remove(site.path() / "cards.csv");
    std::filesystem::remove(site.path() / "last-run.out");
    for (std::size_t at = keys.find('\n') + 1; at + 32 < keys.size(); at += 33) {
        const auto key = keys.substr(at, 32);
        const auto found = run({"grep", "-rlia", key, "."}, site.path(), code);
        EXPECT_EQ(found.find("data/"), std::string::npos) << found;
        EXPECT_EQ(found.find("gateway"), std::string::npos) << found;
    }
}

}  // namespace
}  // namespace ota::system_test
