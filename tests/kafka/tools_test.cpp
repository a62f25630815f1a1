#include "queue/dead_letter.hpp"
#include "queue/errc.hpp"
#include "queue/event_sink.hpp"
#include "tests/kafka/broker.hpp"
#include "tests/kafka/peer.hpp"
#include "tests/queue/event_samples.hpp"
#include "tests/queue/tool_run.hpp"

#include <gmock/gmock.h>

namespace ota::queue {
namespace {

using namespace testing;
using kafka_rig::broker;
using kafka_rig::peer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tools::run_dlq;
using tools::run_events_tail;
using tools::run_publish;

constexpr const char* iccid = "8949012345678901234";

/// Stands in for AES-GCM: every octet XOR 0x5a. The tools never look inside.
wire::octets seal(const std::string& payload) {
    wire::octets out(payload.begin(), payload.end());
    for (auto& octet : out) octet ^= 0x5a;
    return out;
}

wire::result<std::string> unseal(const dead_letter& letter) {
    std::string out(letter.sealed.begin(), letter.sealed.end());
    for (auto& c : out) c ^= 0x5a;
    return out;
}

tools::surroundings with_topics(const std::string& address) {
    auto out = around({});
    out.kafka = tools::cluster{{{"bootstrap.servers", address}, {"reconnect.backoff.max.ms", "200"}},
                               std::chrono::milliseconds(20'000)};
    out.open_payload = unseal;
    return out;
}

struct tools_on_kafka : ::testing::Test {
    tools_on_kafka() {
        admin.create(topic_changes, 3);
        admin.create(topic_status, 1);
        admin.create(topic_dead_letters, 2);
        admin.create(topic_card_state, 1, {{"cleanup.policy", "compact"}});
    }
    /// The place that `list` prints for it.
    std::string die(const std::string& reason, const std::string& id, const std::string& payload,
                    record_headers headers = {}) {
        dead_letter letter{reason, "field is wrong", "/dm/1", id, iccid, {topic_changes, 0, 5}, {}, seal(payload)};
        if (!headers.empty()) letter.sealed_headers = seal(serialize_headers(headers));
        const auto partition = static_cast<std::int32_t>(died++ % 2);
        const auto at = admin.produce(topic_dead_letters, {{iccid, serialize_dead_letter(letter), {}, partition}});
        return std::to_string(partition) + ":" + std::to_string(at.at(0));
    }
    broker kafka;
    peer admin{kafka.address()};
    tools::surroundings here = with_topics(kafka.address());
    std::size_t died = 0;
};

TEST_F(tools_on_kafka, list_and_show_dead_letters_of_every_partition) {
    const auto first = die("bad-subject", "e-1", "canary-7f3a", {{"tenant", "north"}});
    const auto second = die("bad-json", "", "{");
    auto r = run(run_dlq, {"list"}, here);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr("partition:offset\tat\treason\tsubject\tid\torigin\treplayed\n"));
    EXPECT_THAT(
        r.out,
        HasSubstr(first + "\t1970-01-01T00:00:00.000Z\tbad-subject\t8949012345678901234\te-1\tdm.mo.changes/0/5\t-\n"));
    EXPECT_THAT(r.out, HasSubstr(second + "\t1970-01-01T00:00:00.000Z\tbad-json\t8949012345678901234\t-\t"));
    EXPECT_THAT(run(run_dlq, {"list", "--reason", "bad-json"}, here).out, Not(HasSubstr("bad-subject")));
    for (const auto& which : {first, std::string("e-1")}) {
        r = run(run_dlq, {"show", which}, here);
        EXPECT_EQ(r.code, 0) << r.err;
        EXPECT_THAT(r.out, HasSubstr("header    tenant: north\npayload   canary-7f3a\n"));
    }
    auto without_key = here;
    without_key.open_payload = {};
    r = run(run_dlq, {"show", first}, without_key);
    EXPECT_EQ(r.code, 0);
    EXPECT_THAT(r.out, HasSubstr("payload   sealed, 11 octets\n"));
    for (const auto* which : {"0:99", "9:0", "e-9"}) EXPECT_EQ(run(run_dlq, {"show", which}, here).code, 1) << which;
}

TEST_F(tools_on_kafka, replay_what_died_with_its_key_and_headers_and_only_once) {
    const auto good = die("bad-subject", "e-1", samples::altered("/dm/1", "/dm/1"),
                          {{"tenant", "north"}, {"content-type", "application/cloudevents+json"}});
    const auto broken = die("bad-json", "", "canary-7f3a");
    auto r = run(run_dlq, {"replay", "--all"}, here);
    EXPECT_EQ(r.code, 1);
    EXPECT_THAT(r.err, HasSubstr("partition:offset " + broken + ": it still is no event: bad-json: "));
    EXPECT_THAT(r.err, HasSubstr("replayed 1, not replayed 1\n"));
    EXPECT_THAT(r.err, Not(HasSubstr("canary")));
    const auto changes = admin.read(topic_changes);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(*changes[0].payload, samples::altered("/dm/1", "/dm/1"));
    EXPECT_EQ(*changes[0].key, iccid);
    EXPECT_EQ(changes[0].header("tenant"), "north");
    EXPECT_EQ(changes[0].headers.size(), 2U) << "each once";
    EXPECT_EQ(r.out, good + "\te-1\t" + std::to_string(changes[0].partition) + ":0\n");

    EXPECT_THAT(run(run_dlq, {"list"}, here).out, HasSubstr("dm.mo.changes/0/5\t2026-03-01T00:00:00.000Z\n"));
    EXPECT_EQ(run(run_dlq, {"replay", "--all", "--reason", "bad-subject"}, here).out, "") << "replayed already";
    r = run(run_dlq, {"replay", "e-1"}, here);
    EXPECT_EQ(r.code, 1);
    EXPECT_THAT(r.err, HasSubstr("was replayed at 2026-03-01T00:00:00.000Z; --again replays it once more"));
    EXPECT_EQ(admin.read(topic_changes).size(), 1U);
    EXPECT_EQ(run(run_dlq, {"replay", good, "--again", "--id", "e-1b"}, here).code, 0);
    const auto twice = admin.read(topic_changes);
    ASSERT_EQ(twice.size(), 2U);
    EXPECT_EQ(twice[0].partition, twice[1].partition) << "beside the card's others";
    const auto read = parse_event(*twice[1].payload, iccid);
    ASSERT_TRUE(std::holds_alternative<change_event>(read));
    EXPECT_EQ(std::get<change_event>(read).id, "e-1b");
}

TEST_F(tools_on_kafka, replay_under_the_old_key_only_when_it_is_given) {  // R24
    const auto place = die("bad-subject", "e-1", samples::altered("/dm/1", "/dm/1"), {{"tenant", "north"}});
    here.open_payload = [](const dead_letter&) -> wire::result<std::string> { return errc::bad_dead_letter; };
    here.open_payload_under = [](const dead_letter& letter, const std::string& file) -> wire::result<std::string> {
        if (file != "old.kek") return errc::bad_dead_letter;
        return unseal(letter);
    };
    auto r = run(run_dlq, {"replay", place}, here);
    EXPECT_EQ(r.code, 1);
    EXPECT_THAT(r.err, HasSubstr("--old-kek FILE"));
    EXPECT_THAT(admin.read(topic_changes), IsEmpty());
    EXPECT_EQ(run(run_dlq, {"replay", place, "--old-kek", "old.kek"}, here).code, 0);
    EXPECT_EQ(admin.read(topic_changes).at(0).header("tenant"), "north");
}

TEST_F(tools_on_kafka, publish_and_print_what_lies_there) {
    const tools::arguments one{"--card",        iccid,     "--op",        "replace", "--node",
                               "./SC/USIM/SPN", "--value", "canary-7f3a", "--id",    "e-7"};
    auto r = run(run_publish, one, here);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, "e-7\n");
    r = run(run_publish, {"--batch", "2"}, here,
            samples::altered("/dm/1", "/dm/1") + "\nnot an event\n" + samples::altered("Example", "other") + "\n");
    EXPECT_EQ(r.code, 1);
    EXPECT_THAT(r.err, HasSubstr("line 2: bad-json"));
    EXPECT_THAT(r.err, HasSubstr("published 2, refused 1"));
    const auto changes = admin.read(topic_changes);
    ASSERT_EQ(changes.size(), 3U);
    for (const auto& c : changes) EXPECT_EQ(*c.key, iccid);
    EXPECT_THAT(changes[0].header("content-type"), HasSubstr("application/cloudevents+json"));

    admin.produce(topic_changes,
                  {{"k",
                    R"({"op":"replace","node":"./A","value":"canary-7f3a"})",
                    {{"ce_specversion", "1.0"}, {"ce_id", "binary"}, {"content-type", "application/json"}},
                    0},
                   {"k", R"({"op":"replace","node":"./A","value":"canary-7f3a"})", {}, 0}});
    r = run(run_events_tail, {"--offsets"}, here);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 5);
    EXPECT_THAT(r.out, Not(HasSubstr("canary")));
    EXPECT_THAT(r.out, HasSubstr("\"id\":\"binary\""));
    EXPECT_THAT(r.out, HasSubstr(std::to_string(changes[0].partition) + ":0\t8949012345678901234\t{"));
    const auto from_second = std::to_string(changes[0].partition) + ":1";
    r = run(run_events_tail, {"--from", from_second, "--count", "1", "--values", "--follow"}, here);
    EXPECT_EQ(r.out, samples::altered("/dm/1", "/dm/1") + "\n") << r.err;
    EXPECT_EQ(run(run_events_tail, {"--from", "end"}, here).out, "");
    EXPECT_EQ(run(run_events_tail, {"--from", "7"}, here).code, 2);
    EXPECT_EQ(run(run_events_tail, {"--from", "0:99999"}, here).code, 1);
}

TEST_F(tools_on_kafka, print_card_states_whole_and_say_what_was_removed) {
    const auto* state =
        R"({"specversion":"1.0","type":"dm.card.state.v1","data":{"node":"./A","desired":{"version":3},"secret":"canary"}})";
    admin.produce(topic_card_state, {{"1/A", state, {}, 0}, {"1/A", std::nullopt, {}, 0}});
    const auto r = run(run_events_tail, {"--topic", "states"}, here);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr(R"x("desired":{"version":3},"secret":"(hidden)")x"));
    EXPECT_THAT(r.out, HasSubstr("(tombstone of 1/A)\n"));
}

TEST_F(tools_on_kafka, say_which_topic_is_missing) {
    admin.remove(topic_dead_letters);
    admin.remove(topic_changes);
    using any_tool = int (*)(const tools::arguments&, tools::streams, const tools::surroundings&);
    for (const auto& [tool, args] : std::vector<std::pair<any_tool, tools::arguments>>{
             {run_dlq, {"list"}},
             {run_events_tail, {"--topic", "changes"}},
             {run_publish, {"--card", iccid, "--op", "get", "--node", "./A"}}}) {
        const auto r = run(tool, args, here);
        EXPECT_EQ(r.code, 1);
        EXPECT_THAT(r.err, HasSubstr("topic dm.mo.changes"));
        EXPECT_THAT(r.err, HasSubstr("does not exist; `otagw topics create` makes it"));
    }
}

TEST_F(tools_on_kafka, stop_a_replay_at_the_first_failure_of_the_broker_and_tell_how_far_it_came) {
    for (const auto* id : {"e-1", "e-2", "e-3"}) die("bad-subject", id, samples::altered("/dm/1", "/dm/1"));
    admin.remove(topic_changes);
    const auto r = run(run_dlq, {"replay", "--all"}, here);
    EXPECT_EQ(r.code, 1);
    EXPECT_THAT(r.err, HasSubstr("topic dm.mo.changes does not exist"));
    EXPECT_THAT(r.err, HasSubstr("replayed 0, not replayed 3\n"));
    admin.create(topic_changes, 3);
    EXPECT_THAT(run(run_dlq, {"replay", "--all"}, here).err, HasSubstr("replayed 3, not replayed 0\n"));
}

TEST(tools_on_kafka_refused, say_what_is_wrong_and_name_the_setting) {
    broker kafka({.properties = {}, .sasl = true});
    auto nobody = with_topics("127.0.0.1:1");
    auto stranger = with_topics(kafka.sasl_address());
    stranger.kafka->properties.insert({{"security.protocol", "SASL_PLAINTEXT"},
                                       {"sasl.mechanisms", "PLAIN"},
                                       {"sasl.username", "gateway"},
                                       {"sasl.password", "canary-7f3a"}});
    nobody.kafka->patience = stranger.kafka->patience = std::chrono::milliseconds(3000);
    auto mistaken = with_topics(kafka.address());
    mistaken.kafka->properties["no.such.property"] = "1";
    for (const auto tool : {0, 1, 2}) {
        const auto call = [&](const tools::surroundings& a) {
            if (tool == 0) return run(run_dlq, {"list"}, a);
            if (tool == 1) return run(run_events_tail, {}, a);
            return run(run_publish, {"--card", iccid, "--op", "get", "--node", "./A"}, a);
        };
        auto r = call(nobody);
        EXPECT_EQ(r.code, 1);
        EXPECT_THAT(r.err, HasSubstr("bootstrap.servers (127.0.0.1:1)"));
        r = call(stranger);
        EXPECT_EQ(r.code, 1);
        EXPECT_THAT(r.err, HasSubstr("sasl.password"));
        EXPECT_THAT(r.err, Not(HasSubstr("canary")));
        r = call(mistaken);
        EXPECT_EQ(r.code, 78);
        EXPECT_THAT(r.err, HasSubstr("no.such.property"));
    }
}

}  // namespace
}  // namespace ota::queue
