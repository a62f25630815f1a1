// R14, end to end: wrong keys for most cards of a profile pause it with an alert; right keys and `cards resume
// --profile` end it.
#include "tests/system/installation.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace ota::system_test {
namespace {

constexpr std::size_t cards = 40, wrong = 30;

/// The key of the checksum with its first digit changed: iccid,msisdn,profile,kvn,kic_key,kid_key,..
std::string with_wrong_key(std::string row) {
    std::size_t at = 0;
    for (int field = 0; field < 5; ++field) at = row.find(',', at) + 1;
    row[at] = row[at] == 'f' ? '0' : 'f';
    return row;
}

TEST(profile_pause, wrong_keys_of_most_cards_pause_the_profile_until_they_are_right) {
    site_options how;
    how.alter_card = [](std::size_t number, std::string row) {
        return number < wrong ? with_wrong_key(std::move(row)) : row;
    };
    installation site("pause", cards, how);
    for (const auto& iccid : site.iccids()) site.publish_to(iccid);
    auto gateway = site.start_gateway();
    const auto alert = gateway->wait_for("profile tested is paused", std::chrono::seconds(90));
    ASSERT_FALSE(alert.empty()) << gateway->output();
    EXPECT_NE(alert.find(R"("level":"warning")"), std::string::npos) << alert;
    EXPECT_NE(alert.find(R"("profile":"tested")"), std::string::npos) << alert;
    EXPECT_NE(alert.find(R"("reason":"profile-paused")"), std::string::npos) << alert;
    const auto metric = [&](const std::string& line) {
        return wait_until(
            [&] { return installation::ask(*gateway, "/metrics").find('\n' + line + '\n') != std::string::npos; },
            std::chrono::seconds(20));
    };
    EXPECT_TRUE(metric("otagw_profiles_paused 1"));

    const auto good_card = site.iccids().back();
    site.publish_to(good_card);
    EXPECT_TRUE(wait_until(
        [&] {
            return site.tool({"cards", "show", good_card, "--config", "gateway.yaml"}).find("open events 1") !=
                   std::string::npos;
        },
        std::chrono::seconds(20)));
    const auto why = site.tool({"cards", "explain", good_card, "--config", "gateway.yaml"});
    EXPECT_NE(why.find("profile tested is paused"), std::string::npos) << why;
    EXPECT_NE(why.find("otagw cards resume --profile tested"), std::string::npos) << why;

    site.tool({"cards", "import", "cards.csv", "--config", "gateway.yaml"});  // the right keys
    for (std::size_t i = 0; i < wrong; ++i)
        site.tool({"cards", "repair", site.iccids()[i], "--config", "gateway.yaml"});
    EXPECT_TRUE(metric("otagw_cards_quarantined 0"));
    site.tool({"cards", "resume", "--profile", "tested", "--config", "gateway.yaml"});
    EXPECT_EQ(site.wait_until_final(std::chrono::seconds(150)), cards + 1) << gateway->output();
    EXPECT_TRUE(metric("otagw_profiles_paused 0"));
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0) << gateway->output();
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

}  // namespace
}  // namespace ota::system_test
