// `./dev cluster` as a person uses it: by what it prints.
#include "tests/system/cluster_script.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <vector>

namespace ota::system_test {
namespace {

using std::chrono::seconds;

/// Every process that the table names.
std::vector<pid_t> pids_of(const std::string& text) {
    std::vector<pid_t> out;
    for (auto at = text.find("pid "); at != std::string::npos; at = text.find("pid ", at + 1))
        out.push_back(std::atoi(text.c_str() + at + 4));
    return out;
}

bool lives(pid_t pid) { return ::kill(pid, 0) == 0; }

TEST_F(cluster_script, brings_an_event_to_a_card_and_leaves_nothing_behind) {
    ASSERT_TRUE(comes_up());
    const auto said = script_.output();
    const auto pids = pids_of(said);
    ASSERT_EQ(pids.size(), 6u) << said;
    for (const auto pid : pids) EXPECT_TRUE(lives(pid)) << pid;

    int code = 0;
    const auto id = type(line("otagw publish"), code);
    EXPECT_EQ(code, 0) << id;
    EXPECT_EQ(id, "spn-1\n");
    const auto shown = [&] { return type(line("otagw events show"), code); };
    EXPECT_TRUE(wait_until([&] { return shown().find("applied") != std::string::npos; }, seconds(60))) << shown();

    script_.signal(SIGINT);
    EXPECT_EQ(script_.wait(seconds(120)), 0) << script_.output();
    for (const auto pid : pids) EXPECT_FALSE(lives(pid)) << pid << " is left";
}

TEST_F(cluster_script, two_that_start_at_once_have_ports_of_their_own) {
    program other(command(otagw(), place_.path() / "other"), place_.path(), place_.path() / "other.out");
    ASSERT_TRUE(comes_up());
    EXPECT_NE(other.wait_for("Ctrl-C stops everything", seconds(240)), "") << other.output();
    for (auto* each : {&script_, &other}) each->signal(SIGINT);
    for (auto* each : {&script_, &other}) EXPECT_EQ(each->wait(seconds(120)), 0) << each->output();
}

TEST_F(cluster_script, killed_half_way_leaves_nothing_behind) {
    const auto log = here() / "peers.log";
    ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(log); }, seconds(120))) << script_.output();
    const auto left = [&] {  // by the directory that all of them were given
        int code = 0;
        return run({"pgrep", "-f", here().string()}, place_.path(), code);
    };
    EXPECT_NE(left(), "");
    script_.signal(SIGKILL);
    EXPECT_EQ(script_.wait(seconds(20)), -SIGKILL);
    EXPECT_TRUE(wait_until([&] { return left().empty(); }, seconds(60))) << left();
}

}  // namespace
}  // namespace ota::system_test
