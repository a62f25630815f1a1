// The topic of changes is not what the store was filled from any more: restored stores, other partitions, another
// topic.
#include "queue/kafka/kafka_source.hpp"
#include "tests/system/events_by_kafka.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace ota::system_test {
namespace {

using kafka_rig::eventually;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr const char* changes = "dm.mo.changes";

void stop(program& gateway) {
    gateway.signal(SIGTERM);
    EXPECT_EQ(gateway.wait(seconds(60)), 0) << gateway.output();
}

bool says(program& gateway, const std::string& words) {
    return eventually([&] { return installation::ask(gateway, "/readyz").find(words) != std::string::npos; });
}

/// Everything that is published has its final state; the gateway is stopped again.
void take_in(const installation& site, std::size_t all) {
    auto gateway = site.start_gateway();
    EXPECT_FALSE(gateway->wait_for("\"started\"", seconds(60)).empty()) << gateway->output();
    EXPECT_EQ(site.wait_until_final(seconds(120)), all) << gateway->output();
    stop(*gateway);
}

struct answer {
    int code = -1;
    std::string words;
};
answer accept(const installation& site, std::vector<std::string> more = {}) {
    std::vector<std::string> command{otagw(), "topics", "accept", "--config", "gateway.yaml"};
    command.insert(command.end(), more.begin(), more.end());
    answer out;
    out.words = run(command, site.path(), out.code);
    return out;
}

TEST(topics, a_store_that_was_restored_with_its_witness_is_not_ready_until_it_is_recovered) {
    events_by_kafka with(2);
    installation site("restored", 10, with.site());
    const auto data = site.path() / "data", copy = site.path() / "copy";
    site.publish(40);
    take_in(site, 40);
    std::filesystem::copy(data, copy, std::filesystem::copy_options::recursive);
    site.publish(40);
    take_in(site, 80);

    std::filesystem::remove_all(data);
    std::filesystem::copy(copy, data, std::filesystem::copy_options::recursive);
    {
        auto gateway = site.start_gateway();
        EXPECT_TRUE(says(*gateway, "the store is older than what this group has taken in")) << gateway->output();
        EXPECT_THAT(installation::ask(*gateway, "/readyz"), HasSubstr("otagw store recover --force"));
        stop(*gateway);
    }
    const auto unforced = accept(site);
    EXPECT_EQ(unforced.code, 1) << "that is not what the store needs";
    EXPECT_THAT(unforced.words, HasSubstr("otagw store recover --force"));
    EXPECT_THAT(site.tool({"store", "recover", "--force", "--config", "gateway.yaml"}), HasSubstr("10 counters leapt"));

    site.publish(20);
    auto gateway = site.start_gateway();
    EXPECT_EQ(site.wait_until_final(seconds(120)), 100u) << gateway->output();
    const auto open_events = [&] { return site.tool({"store", "check", "--config", "gateway.yaml"}); };
    EXPECT_TRUE(eventually([&] { return open_events().find(" 0 open events") != std::string::npos; }));
    EXPECT_THAT(installation::ask(*gateway, "/readyz"), Not(HasSubstr("older")));
    stop(*gateway);
    take_in(site, 100);  // and starts again
    site.expect_good_verdict();
}

TEST(topics, another_number_of_partitions_is_accepted_when_all_was_taken_in_and_no_gateway_runs) {
    events_by_kafka with(2);
    installation site("grown-topic", 10, with.site());
    site.publish(20);
    take_in(site, 20);
    EXPECT_THAT(accept(site).words, HasSubstr("nothing to accept"));

    with.events.grow(changes, 3);
    {
        auto gateway = site.start_gateway();
        EXPECT_TRUE(says(*gateway, "has 3 partitions and had 2")) << gateway->output();
        const auto beside = accept(site);
        EXPECT_EQ(beside.code, 1) << beside.words;
        EXPECT_THAT(beside.words, HasSubstr("another gateway runs on this store"));
        stop(*gateway);
    }
    {
        auto other = queue::kafka_source::open(
            {.properties = {{"bootstrap.servers", with.kafka.address()}}});  // of another machine
        ASSERT_TRUE(other);
        EXPECT_TRUE(eventually([&] { return !other.value()->reassigned().gained.empty(); }));
        const auto beside = accept(site);
        EXPECT_EQ(beside.code, 1) << beside.words;
        EXPECT_THAT(beside.words, HasSubstr("group otagw has 1 members: stop every gateway first"));
    }
    auto did = accept(site);
    EXPECT_EQ(did.code, 0) << did.words;
    EXPECT_THAT(did.words, HasSubstr("accepted with 3 partitions (2 before)"));
    EXPECT_THAT(did.words, HasSubstr("partition 2: begins at 0, 0 records to be taken in"));
    site.publish(20);
    take_in(site, 40);

    site.publish(20);  // while nobody reads
    with.events.grow(changes, 4);
    did = accept(site);
    EXPECT_EQ(did.code, 1) << did.words;
    EXPECT_THAT(did.words, HasSubstr("records are not taken in yet"));
    EXPECT_THAT(did.words, HasSubstr("Nothing was changed. `otagw topics accept --force`"));
    EXPECT_EQ(accept(site).code, 1) << "nothing was changed";
    did = accept(site, {"--force"});
    EXPECT_EQ(did.code, 0) << did.words;
    take_in(site, 60);
    site.expect_one_final_state_each();
}

TEST(topics, another_topic_and_offsets_moved_by_hand_are_accepted_by_force_only) {
    events_by_kafka with(2);
    installation site("other-topic", 10, with.site());
    site.publish(20);
    take_in(site, 20);
    const auto taken = with.events.committed("otagw", changes, 0);
    with.events.commit("otagw", changes, 0, taken + 5);
    {
        auto gateway = site.start_gateway();
        EXPECT_TRUE(says(*gateway, "If the group's offsets were moved by hand instead")) << gateway->output();
        stop(*gateway);
    }
    EXPECT_EQ(accept(site).code, 1);
    auto did = accept(site, {"--force"});
    EXPECT_EQ(did.code, 0) << did.words;
    EXPECT_EQ(with.events.committed("otagw", changes, 0), taken);
    site.publish(20);
    take_in(site, 40);

    with.events.remove(changes);
    EXPECT_TRUE(eventually([&] {
        try {
            with.events.create(changes, 3);
            return true;
        } catch (const std::runtime_error&) {
            return false;  // the old one is still being removed
        }
    }));
    site.publish(20);
    did = accept(site);
    EXPECT_EQ(did.code, 1) << did.words;
    EXPECT_THAT(did.words, HasSubstr("is another topic than the one that was read"));
    did = accept(site, {"--force"});
    EXPECT_EQ(did.code, 0) << did.words;
    EXPECT_THAT(did.words, HasSubstr("accepted with 3 partitions (2 before)"));
    take_in(site, 60);
    site.expect_one_final_state_each();
}

TEST(topics, accept_says_who_does_not_answer) {
    workplace here("nobody");
    here.write("gateway.yaml", "data_directory: data\nqueue: {kind: kafka, bootstrap_servers: \"127.0.0.1:1\"}\n");
    std::filesystem::create_directories(here.path() / "data");
    int code = 0;
    const auto said = run({otagw(), "topics", "accept", "--config", "gateway.yaml"}, here.path(), code);
    EXPECT_EQ(code, 1);
    EXPECT_THAT(said, HasSubstr("bootstrap.servers (127.0.0.1:1)"));
}

}  // namespace
}  // namespace ota::system_test
