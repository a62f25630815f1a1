// Data channels from end to end: PUSH, CAT_TP over real UDP sockets, packets and their proofs, over a network that
// loses, doubles and reorders; judged by the cards' journal, which outlives the gateway.
#include "tests/system/installation.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace ota::system_test {
namespace {

constexpr std::size_t many = 500;

site_options rough_network(std::vector<std::string> more = {}) {
    site_options site;
    site.channels = true;
    site.peers = {"--datagram-loss",       "0.1", "--datagram-duplicates",       "0.1",
                  "--datagram-reordering", "0.1", "--datagram-reordering-delay", "50",
                  "--datagram-delay-max",  "20"};
    site.peers.insert(site.peers.end(), more.begin(), more.end());
    return site;
}

double metric(const std::string& page, const std::string& name) {
    const auto at = page.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::strtod(page.c_str() + at + name.size() + 2, nullptr);
}

/// What the network did, as the peers tell at their end; none may be zero.
void expect_all_struck(const std::string& json, const std::vector<const char*>& faults) {
    const auto told = boost::json::parse(json);
    const auto& radio = told.at("radio").as_object();
    std::printf("  network:");
    for (const auto* fault : faults) {
        const auto times = radio.at(fault).to_number<std::uint64_t>();
        std::printf(" %s %llu", fault, static_cast<unsigned long long>(times));
        EXPECT_GT(times, 0u) << fault;
    }
    std::printf("\n");
}

void tell_figures(const std::string& page) {
    std::printf("  pushes %.0f, opened %.0f, failed %.0f, packets %.0f, short messages saved %.0f\n",
                metric(page, "otagw_pushes_total"), metric(page, "otagw_channels_opened_total"),
                metric(page, "otagw_channels_failed_total"), metric(page, "otagw_channel_packets_total"),
                metric(page, "otagw_short_messages_saved_total"));
}

TEST(channels, five_hundred_cards_take_four_kilobytes_each_over_a_network_that_loses_doubles_and_reorders) {
    constexpr std::size_t cards = many;
    installation site("channels", cards, rough_network());
    site.publish_large();
    auto gateway = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(std::chrono::seconds(300)), cards) << gateway->output();
    const auto page = site.ask(*gateway, "/metrics");
    tell_figures(page);
    EXPECT_GE(metric(page, "otagw_channels_opened_total"), static_cast<double>(cards));
    EXPECT_GE(metric(page, "otagw_short_messages_saved_total"), 30.0 * cards);
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(60)), 0) << gateway->output();
    site.expect_one_final_state_each();
    expect_all_struck(site.stop_peers(), {"lost", "duplicated", "reordered"});
    site.expect_good_verdict();
}

TEST(channels, a_gateway_that_is_killed_in_the_middle_goes_on_with_them_after_its_next_start) {
    const std::size_t cards = std::getenv("OTAGW_LONG") != nullptr ? many : 100;
    installation site("channels-kill", cards, rough_network({"--link-cuts", "0.01", "--channel-refusals", "0.1"}));
    site.publish_large();
    std::size_t before = 0;
    for (const std::size_t share : {5, 2}) {
        auto gateway = site.start_gateway();
        EXPECT_TRUE(wait_until([&] { return site.final_by_now() >= cards / share; }, std::chrono::seconds(200)))
            << gateway->output();
        before = site.final_by_now();
        gateway->signal(SIGKILL);
        EXPECT_EQ(gateway->wait(std::chrono::seconds(10)), -SIGKILL);
    }
    EXPECT_LT(before, cards);  // in the middle
    auto gateway = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(std::chrono::seconds(300)), cards) << gateway->output();
    tell_figures(site.ask(*gateway, "/metrics"));
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(60)), 0) << gateway->output();
    site.expect_one_final_state_each();
    expect_all_struck(site.stop_peers(), {"lost", "duplicated", "reordered", "cut", "refused"});
    site.expect_good_verdict();
}

TEST(channels, the_variant_over_tcp_brings_the_same_changes) {
    site_options how;
    how.channels = how.by_tcp = true;
    how.peers = {"--link-cuts", "0.02"};
    installation site("channels-tcp", 40, how);
    site.publish_large();
    auto gateway = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(std::chrono::seconds(200)), 40u) << gateway->output();
    const auto page = site.ask(*gateway, "/metrics");
    tell_figures(page);
    EXPECT_GE(metric(page, "otagw_channels_opened_total"), 20.0);
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(60)), 0) << gateway->output();
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

}  // namespace
}  // namespace ota::system_test
