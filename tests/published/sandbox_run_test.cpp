#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/event_sink.hpp"
#include "tests/published/published.hpp"
#include "tests/system/installation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

// Every event that whole runs of the program published.
namespace ota::published {
namespace {

using std::chrono::seconds;
using namespace system_test;
using testing::Gt;

TEST(published, whatever_a_sandbox_run_tells_is_as_the_schemas_say) {
    workplace here("published");
    int code = -1;
    const auto said = run({otagw(), "sandbox", "--cards", "60", "--changes", "120", "--data", "data", "--quiet"},
                          here.path(), code, seconds(300));
    ASSERT_EQ(code, 0) << said;
    records all;
    all.add_logs(here.path() / "data/queue");
    EXPECT_THAT(all.by_topic().at(queue::topic_status), Gt(240U)) << "open and its end, of each change";
    EXPECT_EQ(all.breaches(), "");
}

TEST(published, dead_letters_and_the_marks_of_their_replays_are_as_the_schema_says) {
    installation site("published-dead", 4);
    const auto queue = site.path() / "data/queue";
    auto gateway = site.start_gateway();
    site.publish(8);
    EXPECT_EQ(site.wait_until_final(seconds(60)), 8U) << gateway->output();
    const auto& iccid = site.iccids().front();
    const auto misplaced = R"({"specversion":"1.0","type":"dm.mo.change.v1","source":"urn:test","id":"x","subject":")" +
                           iccid + R"(","data":{"op":"get","node":"./SC/USIM/A"}})";
    const std::vector<queue::embedded::entry> bad{
        {iccid, "no JSON"}, {"other", R"({"specversion":"1.0"})"}, {"another-key", misplaced}};
    {
        auto log = queue::embedded_log::open(queue::topic_directory(queue, queue::topic_changes));
        ASSERT_TRUE(log);
        ASSERT_TRUE(
            log.value().append(bad, std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())));
    }
    const auto letters = [&] {
        records all;
        all.add_logs(queue);
        return all;
    };
    const auto count = [&] {
        const auto all = letters().by_topic();
        const auto found = all.find(queue::topic_dead_letters);
        return found == all.end() ? 0U : found->second;
    };
    EXPECT_TRUE(wait_until([&] { return count() == 3; }, seconds(60))) << gateway->output();
    site.tool({"dlq", "replay", "--config", "gateway.yaml", "x"});
    EXPECT_EQ(count(), 4U);
    EXPECT_EQ(letters().breaches(), "");
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(seconds(60)), 0) << gateway->output();
}

TEST(published, what_breaks_a_schema_is_found) {
    records all;
    all.add(queue::topic_status, "1", R"({"specversion":"1.0","type":"dm.mo.status.v1"})");
    EXPECT_THAT(all.breaches(), testing::HasSubstr("dm.mo.status: $: 'source' is a required property"));
    records torn;
    torn.add(queue::topic_card_state, "k", "{");
    EXPECT_THAT(torn.breaches(), testing::HasSubstr("no JSON"));
}

}  // namespace
}  // namespace ota::published
