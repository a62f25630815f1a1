// A campaign over every card of the sandbox, with a kill -9 in the middle, judged by the peers' journal.
#include "tests/system/installation.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <csignal>
#include <fstream>

namespace ota::system_test {
namespace {

constexpr std::size_t cards = 200;

void write_document(const installation& site, const std::string& more) {
    std::ofstream(site.path() / "campaign.yaml")
        << "name: spring\n"
           "change: {op: replace, node: ./SC/USIM/A, format: bin, value: \"AQIDBAUGBwgJCgsMDQ4PEBESExQ=\"}\n"
           "cards: {profile: tested}\n"
        << more;
}

boost::json::object sheet_of(const installation& site) {
    return boost::json::parse(site.tool({"campaigns", "show", "spring", "--json", "--config", "gateway.yaml"}))
        .as_object();
}

std::size_t outcome(const boost::json::object& sheet, const char* name) {
    return sheet.at("outcomes").at(name).to_number<std::size_t>();
}

TEST(campaigns, run_to_their_report_over_a_kill_in_the_middle) {
    installation site("campaign", cards);
    write_document(site, "canary: {cards: 10, failure_rate: 0.2}\npace: 40/s\n");
    const auto told = site.tool({"campaigns", "create", "campaign.yaml", "--dry-run", "--config", "gateway.yaml"});
    EXPECT_NE(told.find("200 cards, 200 SMS, 0.0 hours"), std::string::npos) << told;
    site.tool({"campaigns", "create", "campaign.yaml", "--config", "gateway.yaml"});
    for (const std::size_t until : {5u, 60u, 120u}) {
        auto gateway = site.start_gateway();
        EXPECT_TRUE(wait_until([&] { return outcome(sheet_of(site), "applied") >= until; }, std::chrono::seconds(60)))
            << gateway->output();
        gateway->signal(SIGKILL);
        EXPECT_EQ(gateway->wait(std::chrono::seconds(10)), -SIGKILL);
    }
    auto gateway = site.start_gateway();
    EXPECT_TRUE(wait_until([&] { return sheet_of(site).at("state") == "completed"; }, std::chrono::seconds(120)))
        << gateway->output();
    const auto sheet = sheet_of(site);
    EXPECT_EQ(outcome(sheet, "applied"), cards) << boost::json::serialize(sheet);
    site.tool({"campaigns", "report", "spring", "--config", "gateway.yaml"});  // exit status 0: no card failed
    EXPECT_EQ(site.tool({"campaigns", "cards", "spring", "--outcome", "failed", "--config", "gateway.yaml"}), "");
    EXPECT_EQ(site.final_by_now(), cards);
    const auto metrics = installation::ask(*gateway, "/metrics");
    EXPECT_NE(metrics.find("otagw_campaign_cards{state=\"applied\"} 200"), std::string::npos);
    EXPECT_NE(metrics.find("otagw_campaigns{state=\"completed\"} 1"), std::string::npos);
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0);
    site.expect_everywhere("0102030405060708090a0b0c0d0e0f1011121314");
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

TEST(campaigns, obey_their_operator_beside_a_running_gateway) {
    installation site("campaign-orders", 400);
    write_document(site, "pace: 10/s\n");
    auto gateway = site.start_gateway();
    ASSERT_FALSE(gateway->wait_for("\"started\"", std::chrono::seconds(30)).empty());
    site.tool({"campaigns", "create", "campaign.yaml", "--config", "gateway.yaml"});
    EXPECT_TRUE(wait_until([&] { return outcome(sheet_of(site), "applied") >= 5; }, std::chrono::seconds(60)))
        << gateway->output();
    site.tool({"campaigns", "pause", "spring", "--config", "gateway.yaml"});
    EXPECT_EQ(sheet_of(site).at("state"), "paused");
    EXPECT_TRUE(wait_until([&] { return outcome(sheet_of(site), "open") == 0; }, std::chrono::seconds(60)));
    const auto waiting = outcome(sheet_of(site), "waiting");
    EXPECT_GT(waiting, 0u);
    site.tool({"campaigns", "resume", "spring", "--config", "gateway.yaml"});
    EXPECT_TRUE(wait_until([&] { return outcome(sheet_of(site), "waiting") < waiting; }, std::chrono::seconds(60)));
    site.tool({"campaigns", "cancel", "spring", "--config", "gateway.yaml"});
    EXPECT_TRUE(wait_until([&] { return sheet_of(site).at("state") == "cancelled"; }, std::chrono::seconds(60)));
    EXPECT_NE(site.tool({"campaigns", "list", "--config", "gateway.yaml"}).find("spring\tcancelled"),
              std::string::npos);
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0);
}

TEST(campaigns, a_document_with_faults_is_refused_whole) {
    installation site("campaign-faults", 2);
    write_document(site, "pace: fast\nwindow: {from: \"9\", to: \"10:00\"}\n");
    int code = 0;
    const auto out =
        run({otagw(), "campaigns", "create", "campaign.yaml", "--config", "gateway.yaml"}, site.path(), code);
    EXPECT_EQ(code, 1);
    EXPECT_NE(out.find("campaign.yaml:4: error: pace:"), std::string::npos) << out;
    EXPECT_NE(out.find("campaign.yaml:5: error: window.from:"), std::string::npos) << out;
    EXPECT_EQ(site.tool({"campaigns", "list", "--config", "gateway.yaml"}), "");
}

}  // namespace
}  // namespace ota::system_test
