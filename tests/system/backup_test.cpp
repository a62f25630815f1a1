// The store copied beside a running gateway and put back, by the lines of docs/operations.md.
#include "tests/system/installation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

namespace ota::system_test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

/// The line of the guide, with these files in it.
std::string documented_copy(const std::string& data, const std::string& copy) {
    std::ifstream guide(OTA_SOURCE_DIR "/docs/operations.md");
    for (std::string line; std::getline(guide, line);) {
        if (line.find("sqlite3 DATA/otagw.db") == std::string::npos) continue;
        line.replace(line.find("DATA"), 4, data);
        return line.replace(line.find("COPY"), 4, copy);
    }
    return "false  # the guide has no such line any more";
}

TEST(backup, restored_as_the_guide_says_has_later_events_from_the_log_and_uses_no_counter_twice) {
    installation site("backup", 20);
    const auto data = site.path() / "data";
    const auto last_event = [&] {
        int code = 0;
        return run({otagw(), "events", "show", "e139", "--source", "urn:test", "--json", "--config", "gateway.yaml"},
                   site.path(), code);
    };
    {
        auto gateway = site.start_gateway();
        ASSERT_FALSE(gateway->wait_for("\"started\"", seconds(30)).empty()) << gateway->output();
        site.publish(60);
        EXPECT_EQ(site.wait_until_final(seconds(120)), 60u) << gateway->output();
        site.publish(40);  // under way while the store is copied
        int code = 0;
        const auto said = run({"sh", "-ec", documented_copy("data", "copy.db")}, site.path(), code);
        ASSERT_EQ(code, 0) << said;
        site.publish(40);
        EXPECT_EQ(site.wait_until_final(seconds(120)), 140u) << gateway->output();
        EXPECT_THAT(last_event(), HasSubstr(R"("state":"applied")"));
        gateway->signal(SIGTERM);
        EXPECT_EQ(gateway->wait(seconds(60)), 0) << gateway->output();
    }
    for (const auto* file : {"otagw.db", "otagw.db-wal", "otagw.db-shm"}) std::filesystem::remove(data / file);
    std::filesystem::rename(site.path() / "copy.db", data / "otagw.db");
    {
        auto refused = site.start_gateway();
        EXPECT_EQ(refused->wait(seconds(60)), 1);
        EXPECT_THAT(refused->output(), HasSubstr("a restored copy; run `otagw store recover`"));
    }
    EXPECT_THAT(site.tool({"store", "recover", "--config", "gateway.yaml"}), HasSubstr("counters leapt by 1048576"));
    EXPECT_THAT(last_event(), HasSubstr("no event e139")) << "it came after the copy";
    auto gateway = site.start_gateway();
    EXPECT_TRUE(
        wait_until([&] { return last_event().find(R"("state":"applied")") != std::string::npos; }, seconds(120)))
        << gateway->output();
    EXPECT_TRUE(wait_until(
        [&] {
            const auto figures = installation::ask(*gateway, "/metrics");
            return figures.find("otagw_source_lag 0\n") != std::string::npos &&
                   figures.find("otagw_oldest_unreconciled_seconds 0\n") != std::string::npos;
        },
        seconds(120)))
        << gateway->output();
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(seconds(60)), 0) << gateway->output();
    site.expect_good_verdict();
}

}  // namespace
}  // namespace ota::system_test
