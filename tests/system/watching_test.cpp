// What watches a running gateway: readiness while it drains, a log that hides numbers, and `otagw top`.
#include "tests/system/installation.hpp"

#include "gateway/http/ask.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <csignal>
#include <sstream>

namespace ota::system_test {
namespace {

using std::chrono::seconds;

std::uint16_t port_of(program& gateway) {
    boost::system::error_code ec;
    const auto started = boost::json::parse(gateway.wait_for("\"started\"", seconds(60)), ec);
    return ec || !started.is_object() ? std::uint16_t{0} : started.at("http_port").to_number<std::uint16_t>();
}

std::size_t longest_number_in(std::string_view text) {
    std::size_t longest = 0, here = 0;
    for (const char c : text) {
        here = c >= '0' && c <= '9' ? here + 1 : 0;
        longest = std::max(longest, here);
    }
    return longest;
}

TEST(watching, a_gateway_that_drains_says_so_until_its_port_closes) {
    installation site("draining", 4,
                      {"--response-loss", "1"});  // the SMSC answers no submit: there is something to wait for
    auto gateway = site.start_gateway();
    const auto port = port_of(*gateway);
    const auto ready = [&] { return http::ask("127.0.0.1", port, "/readyz", seconds(5)); };
    ASSERT_TRUE(wait_until(
        [&] {
            const auto r = ready();
            return r && r->status == 200;
        },
        seconds(60)))
        << gateway->output();
    EXPECT_EQ(http::ask("127.0.0.1", port, "/startupz", seconds(5))->status, 200u);
    site.publish(4);
    ASSERT_TRUE(wait_until(
        [&] {
            return installation::ask(*gateway, "/metrics").find("\notagw_segments_outstanding 0\n") ==
                   std::string::npos;
        },
        seconds(60)));
    gateway->signal(SIGTERM);
    std::string said;
    EXPECT_TRUE(wait_until(
        [&] {
            const auto r = ready();
            if (r && r->status == 503) said = r->body;
            return !said.empty();
        },
        seconds(20)))
        << gateway->output();
    EXPECT_NE(said.find(R"({"name":"stop","reason":"the gateway is stopping and takes no more work"})"),
              std::string::npos)
        << said;
    EXPECT_NE(gateway->wait(seconds(120)), program::no_end);
    EXPECT_FALSE(ready()) << "the port is closed";
}

TEST(watching, a_masked_log_shows_no_card_and_no_number) {
    installation site(
        "masked", 2,
        site_options{{}, "log: {level: debug, mask_cards: true}\nflow: {unknown_card: reject}\n", {}, {}, {}});
    const std::string stranger = "89490000000000000018";
    for (const auto& iccid : site.iccids()) {
        site.tool({"publish", "--config", "gateway.yaml", "--card", iccid, "--op", "get", "--node", "./SC/USIM/A",
                   "--id", "of-" + iccid});
    }
    site.tool({"publish", "--config", "gateway.yaml", "--card", stranger, "--op", "get", "--node", "./SC/USIM/A",
               "--id", "of-" + stranger});
    auto gateway = site.start_gateway();
    EXPECT_TRUE(wait_until([&] { return site.final_by_now() == 3; }, seconds(60))) << gateway->output();
    EXPECT_FALSE(gateway->wait_for("event rejected", seconds(30)).empty());
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(seconds(60)), 0);
    const auto log = gateway->output();
    EXPECT_NE(log.find("\"event taken in\""), std::string::npos);
    for (const auto& iccid : site.iccids()) {
        EXPECT_EQ(log.find(iccid), std::string::npos) << log;
        EXPECT_NE(log.find("*" + iccid.substr(iccid.size() - 4)), std::string::npos)
            << "the last digits tell cards apart: " << iccid << "\n"
            << log;
    }
    EXPECT_EQ(log.find(stranger), std::string::npos) << log;
    EXPECT_NE(log.find("\"head\":\"" + std::string(64, '0')), std::string::npos) << "a hash is no number";
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
        boost::system::error_code ec;
        const auto said = boost::json::parse(line, ec);
        if (ec || !said.is_object()) continue;
        for (const auto& [name, value] : said.get_object()) {
            if (!value.is_string() || name == "time" || name == "head") continue;
            EXPECT_LT(longest_number_in(value.get_string()), name == "event" || name == "source" ? 18u : 8u) << line;
        }
    }
}

TEST(watching, top_shows_a_gateway_once_as_one_json_object_and_as_text) {
    installation site("top", 2);
    site.publish(4);
    auto gateway = site.start_gateway();
    const auto url = "http://127.0.0.1:" + std::to_string(port_of(*gateway));
    EXPECT_EQ(site.wait_until_final(seconds(60)), 4u) << gateway->output();
    int code = -1;
    const auto text = run({otagw(), "top", "--url", url, "--once", "--json"}, site.path(), code);
    EXPECT_EQ(code, 0) << text;
    boost::system::error_code ec;
    const auto said = boost::json::parse(text, ec);
    ASSERT_FALSE(ec) << text;
    EXPECT_EQ(
        said.at("closed").at("applied").to_number<double>() + said.at("closed").at("superseded").to_number<double>(), 4)
        << text;
    EXPECT_EQ(said.at("routes").as_array().size(), 1u) << text;
    EXPECT_FALSE(said.as_object().contains("overview")) << "without a token";
    const auto view = run({otagw(), "top", "--url", url, "--once"}, site.path(), code);
    EXPECT_EQ(code, 0) << view;
    EXPECT_NE(view.find("per second"), std::string::npos) << view;
    EXPECT_NE(view.find("first-submit"), std::string::npos) << view;
    EXPECT_EQ(view.find('\x1b'), std::string::npos) << "no orders for a terminal where there is none";
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(seconds(60)), 0);
    run({otagw(), "top", "--url", url, "--once"}, site.path(), code);
    EXPECT_EQ(code, 1);
    run({otagw(), "top", "--url", "127.0.0.1:80", "--once"}, site.path(), code);
    EXPECT_EQ(code, 2);
    run({otagw(), "top"}, site.path(), code);
    EXPECT_EQ(code, 2);
}

}  // namespace
}  // namespace ota::system_test
