// The examples of docs/developers.md, run as they stand there.
#include "queue/event_sink.hpp"
#include "tests/published/published.hpp"
#include "tests/system/events_by_kafka.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <csignal>
#include <fstream>

namespace ota::system_test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

const std::string examples = OTA_SOURCE_DIR "/docs/examples/";
constexpr const char* node = "./SC/USIM/A";
constexpr const char* value = "AAECAwQFBgcICQoLDA0ODxAREhM=";  // 20 octets

/// How the examples of one language are called.
struct language {
    std::vector<std::string> interpreter;
    std::string send, follow, view;
    std::filesystem::path directory;  ///< to run in
};

language python(const installation& site) {
    return {
        {OTA_SOURCE_DIR "/tests/published/python.sh", OTA_PYTHON_PLACE "/confluent-kafka", "confluent-kafka==2.16.1"},
        examples + "send_change.py",
        examples + "follow_statuses.py",
        examples + "card_view.py",
        site.path()};
}

language java(const installation& site) {
    return {{"java", "-cp", OTA_KAFKA_LIB "/*"},
            examples + "SendChange.java",
            examples + "FollowStatuses.java",
            examples + "CardView.java",
            site.path()};
}

std::string call(const language& l, const std::string& example, std::vector<std::string> arguments, int expected = 0) {
    auto command = l.interpreter;
    command.push_back(example);
    command.insert(command.end(), arguments.begin(), arguments.end());
    int code = -1;
    auto said = run(command, l.directory, code, seconds(300));
    EXPECT_EQ(code, expected) << example << ": " << said;
    return said;
}

/// A change is sent twice, ends once, and stands in the view of the cards.
void tell_the_story(const language& l, events_by_kafka& with, const std::string& iccid, const std::string& id) {
    const auto broker = with.kafka.address();
    const std::vector<std::string> change{broker, iccid, node, "bin", value, id};
    EXPECT_THAT(call(l, l.send, change), HasSubstr(id + ": sent"));
    EXPECT_THAT(call(l, l.follow, {broker, "group-" + id, id}), HasSubstr(id + ": applied\n"));
    call(l, l.send, change);  // whoever does not know whether it went out sends it again,
    call(l, l.send, {broker, iccid, node, "bin", value, id + "-next"});
    const auto later = call(l, l.follow, {broker, "group-" + id, id + "-next"});
    EXPECT_THAT(later, HasSubstr(id + "-next: applied"));
    EXPECT_THAT(later, testing::Not(HasSubstr(id + ": ")))
        << "the group goes on where it was, and the repeat made no new status";
    EXPECT_THAT(call(l, l.view, {broker}), HasSubstr(iccid + "/SC/USIM/A in-sync"));
}

TEST(examples, in_python_and_java_send_follow_and_rebuild) {
    events_by_kafka with(2);
    installation site("examples", 3, with.site());
    auto gateway = site.start_gateway();
    tell_the_story(python(site), with, site.iccids()[0], "by-python");
    tell_the_story(java(site), with, site.iccids()[1], "by-java");
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(seconds(60)), 0) << gateway->output();

    published::records all;  // and so every kind of event is held against its schema as Kafka has it
    with.events.produce("dm.mo.changes", {{.key = site.iccids()[2], .payload = "no JSON", .headers = {}}});
    auto again = site.start_gateway();
    EXPECT_TRUE(kafka_rig::eventually([&] { return with.events.read(queue::topic_dead_letters).size() == 1; }))
        << again->output();
    again->signal(SIGTERM);
    EXPECT_EQ(again->wait(seconds(60)), 0) << again->output();
    for (const auto* topic : {queue::topic_status, queue::topic_card_state, queue::topic_dead_letters}) {
        for (const auto& r : with.events.read(topic)) all.add(topic, r.key.value_or(""), r.payload.value_or(""));
        EXPECT_GT(all.by_topic().count(topic), 0U) << topic;
    }
    for (const auto& r : with.events.read(queue::topic_changes))
        if (r.payload != "no JSON") all.add(queue::topic_changes, r.key.value_or(""), r.payload.value_or(""));
    EXPECT_EQ(all.breaches(), "");
}

TEST(examples, with_curl_send_and_wait) {
    site_options with;
    with.http = ", tokens: [{name: crm, role: operate, file: data/token}]";
    with.prepare_data = [](const std::filesystem::path& data) {
        for (const auto& [file, token] :
             {std::pair{"token", "crm-token-0123456789"}, std::pair{"wrong", "another-token-0123456789"}}) {
            std::ofstream(data / file) << token << '\n';
            std::filesystem::permissions(data / file, std::filesystem::perms::owner_read);
        }
    };
    installation site("examples-curl", 1, with);
    auto gateway = site.start_gateway();
    const auto started = gateway->wait_for("\"started\"", seconds(30));
    const auto port = std::to_string(boost::json::parse(started).at("http_port").to_number<int>());
    const auto send = [&](const std::string& token_file, int& code) {
        return run({examples + "send_change.sh", "http://127.0.0.1:" + port, token_file, site.iccids()[0], node, "bin",
                    value, "by-curl"},
                   site.path(), code, seconds(150));
    };
    int code = -1;
    const auto said = send("data/token", code);
    EXPECT_THAT(said, testing::AllOf(HasSubstr(R"({"accepted":[{"id":"by-curl")"),
                                     HasSubstr(R"("state":"applied","final":true)")));
    EXPECT_EQ(code, 0);
    EXPECT_THAT(send("data/wrong", code), HasSubstr("401"));
    EXPECT_NE(code, 0);
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(seconds(60)), 0) << gateway->output();
}

}  // namespace
}  // namespace ota::system_test
