// What an operator meets: a wrong key, who may read the files, the log's lines, the metrics, a run that is broken off.
#include "tests/system/installation.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>

namespace ota::system_test {
namespace {

namespace fs = std::filesystem;

TEST(operating, a_gateway_does_not_start_with_a_key_that_is_not_the_stores) {
    installation site("wrong-key", 2);
    fs::rename(site.path() / "data/kek", site.path() / "right");
    site.tool({"keys", "generate", "data/kek"});
    auto gateway = site.start_gateway();
    EXPECT_EQ(gateway->wait(std::chrono::seconds(30)), 78);
    EXPECT_NE(gateway->output().find("not the key-encryption key that the store was written under"), std::string::npos)
        << gateway->output();
}

TEST(operating, what_the_program_makes_is_for_its_owner_only) {  // R24
    const auto before = ::umask(022);
    {
        installation site("modes", 2);
        site.publish(2);
        auto gateway = site.start_gateway();
        EXPECT_EQ(site.wait_until_final(std::chrono::seconds(60)), 2u) << gateway->output();
        std::size_t seen = 0;
        for (const auto& entry : fs::recursive_directory_iterator(site.path() / "data")) {
            ++seen;
            EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none)
                << entry.path();
        }
        EXPECT_GE(seen, 8u);
        gateway->signal(SIGTERM);
        EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0);
    }
    ::umask(before);
}

TEST(operating, the_log_tells_every_event_with_its_card_and_never_a_value) {
    installation site("log", 2, site_options{{}, "log: {level: debug}\n", {}, {}, {}});
    site.tool({"publish", "--config", "gateway.yaml", "--card", site.iccids()[0], "--op", "replace", "--node",
               "./SC/USIM/A", "--format", "bin", "--value", "Y2FuYXJ5LWNhbmFyeS1jYW5hcnk=", "--id", "e-good"});
    site.tool({"publish", "--config", "gateway.yaml", "--card", site.iccids()[1], "--op", "replace", "--node",
               "./SC/USIM/None", "--format", "chr", "--value", "canary-7f3a", "--id", "e-bad"});
    auto gateway = site.start_gateway();
    const auto line_of = [&](const std::string& what, const std::string& id) {
        std::string found;
        wait_until(
            [&] {
                std::istringstream lines(gateway->output());
                for (std::string line; std::getline(lines, line);) {
                    if (line.find(what) != std::string::npos &&
                        line.find("\"event\":\"" + id + "\"") != std::string::npos)
                        found = line;
                }
                return !found.empty();
            },
            std::chrono::seconds(30));
        return found;
    };
    const auto has = [](const std::string& line, const std::string& part) {
        return line.find(part) != std::string::npos;
    };
    const auto taken = line_of("event taken in", "e-good");
    EXPECT_TRUE(has(taken, R"("level":"debug")") && has(taken, site.iccids()[0]) && has(taken, "./SC/USIM/A")) << taken;
    const auto rejected = line_of("event rejected", "e-bad");
    EXPECT_TRUE(has(rejected, R"("level":"warning")") && has(rejected, site.iccids()[1]) &&
                has(rejected, "unknown-node"))
        << rejected;
    const auto ended = line_of("event ended", "e-good");
    EXPECT_TRUE(has(ended, R"("level":"info")") && has(ended, R"("source":"otagw-publish")") &&
                has(ended, R"("state":)"))
        << ended;
    const auto metrics = installation::ask(*gateway, "/metrics");
    EXPECT_TRUE(has(metrics, "otagw_cards_quarantined 0") && has(metrics, "otagw_events_parked 0")) << metrics;
    EXPECT_TRUE(has(metrics, R"(otagw_events_closed_total{state="applied"})")) << metrics;
    EXPECT_FALSE(has(metrics, R"(otagw_events_closed_total{state="open"})")) << metrics;
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0);
    EXPECT_FALSE(has(gateway->output(), "canary")) << gateway->output();
    EXPECT_FALSE(has(gateway->output(), "Y2FuYXJ5")) << gateway->output();
}

TEST(operating, parked_events_are_counted_until_their_card_is_imported) {
    installation site("parked", 2, site_options{{}, "flow: {unknown_card: park}\n", {}, {}, {}});
    const std::string stranger = "89490000000000000018";
    site.tool({"publish", "--config", "gateway.yaml", "--card", stranger, "--op", "get", "--node", "./SC/USIM/A"});
    auto gateway = site.start_gateway();
    EXPECT_TRUE(wait_until(
        [&] { return installation::ask(*gateway, "/metrics").find("\notagw_events_parked 1\n") != std::string::npos; },
        std::chrono::seconds(30)));
    const auto why = site.tool({"cards", "explain", stranger, "--config", "gateway.yaml"});
    EXPECT_NE(why.find("1 event(s) are parked"), std::string::npos) << why;
    std::ofstream(site.path() / "one.csv")
        << "iccid,msisdn,profile,kvn,kic_key,kid_key\n"
        << stranger << ",491700000001,tested,1," << std::string(32, '1') << ',' << std::string(32, '2') << '\n';
    site.tool({"cards", "import", "one.csv", "--config", "gateway.yaml"});
    EXPECT_TRUE(wait_until(
        [&] { return installation::ask(*gateway, "/metrics").find("\notagw_events_parked 0\n") != std::string::npos; },
        std::chrono::seconds(30)));
}

TEST(operating, a_sandbox_that_is_broken_off_leaves_nothing_behind) {
    for (const int signal : {SIGTERM, SIGINT}) {
        workplace place("broken-off");
        fs::create_directories(place.path() / "tmp");
        program sandbox({otagw(), "sandbox", "--cards", "200", "--changes", "100000", "--time-limit", "300"},
                        place.path(), place.path() / "out", {{"TMPDIR", (place.path() / "tmp").string()}});
        ASSERT_FALSE(sandbox.wait_for("changes final", std::chrono::seconds(60)).empty()) << sandbox.output();
        EXPECT_FALSE(fs::is_empty(place.path() / "tmp"));
        sandbox.signal(signal);
        EXPECT_EQ(sandbox.wait(std::chrono::seconds(60)), 1) << sandbox.output();
        EXPECT_NE(sandbox.output().find("stopped by a signal"), std::string::npos) << sandbox.output();
        EXPECT_TRUE(fs::is_empty(place.path() / "tmp"));
    }
    workplace place("error");
    fs::create_directories(place.path() / "tmp");
    program sandbox({otagw(), "sandbox", "--events", "no-such-file"}, place.path(), place.path() / "out",
                    {{"TMPDIR", (place.path() / "tmp").string()}});
    EXPECT_EQ(sandbox.wait(std::chrono::seconds(60)), 1) << sandbox.output();
    EXPECT_TRUE(fs::is_empty(place.path() / "tmp")) << "after an error as well";
}

TEST(operating, every_option_in_a_help_says_what_it_is) {
    workplace place("help");
    int code = 0;
    std::istringstream lines(run({otagw(), "sandbox", "--help"}, place.path(), code));
    EXPECT_EQ(code, 0);
    std::size_t options = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("  --")) continue;
        ++options;
        const auto gap = line.find("  ", 4);
        const auto after = gap == std::string::npos ? line.rfind(' ') : line.find_first_not_of(' ', gap);
        EXPECT_TRUE(after != std::string::npos && line.size() - after > 5) << line;
    }
    EXPECT_GE(options, 50u);
}

}  // namespace
}  // namespace ota::system_test
