#include "tests/sessions/session_world.hpp"

#include <fstream>
#include <iterator>

namespace ota::simulation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto update = "./FUMO/Update";
constexpr auto fumo_id = "urn:oma:mo:oma-fumo:1.0";

/// The sample profile with one object more: firmware update.
std::shared_ptr<card_profile> firmware_profile() {
    const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml";
    std::ifstream in(file);
    std::string yaml{std::istreambuf_iterator<char>(in), {}};
    yaml.insert(yaml.find("        - uri: ./NAP"),
                "        - {uri: ./FUMO, label: Firmware, file: 6437, size: 256, ddf: ../management-objects/fumo.xml}\n");
    config::faults faults;
    profile_set read;
    const auto document = config::document::parse(yaml, file, faults);
    load_profiles(document.root().at("profiles"), read);
    for (const auto& f : faults.list()) ADD_FAILURE() << to_string(f);
    auto p = std::make_shared<card_profile>(*read.at("usim-aes-dm"));
    p->answer_timeout = seconds(60);
    p->validity = minutes(10);
    p->validity_margin = minutes(1);
    p->retry_backoff = seconds(5);
    return p;
}

constexpr auto firmware = R"(<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>FUMO</NodeName>
  <RTProperties><Format><node/></Format><Type><DDFName>urn:oma:mo:oma-fumo:1.0</DDFName></Type></RTProperties>
  <Node><NodeName>PkgName</NodeName><RTProperties><Format><chr/></Format><Type><MIME>text/plain</MIME></Type></RTProperties><Value>Phone 2.0</Value></Node>
  <Node><NodeName>Update</NodeName><RTProperties><Format><node/></Format><Type><DDFName/></Type></RTProperties></Node>
  <Node><NodeName>State</NodeName><RTProperties><Format><int/></Format><Type><MIME>text/plain</MIME></Type></RTProperties><Value>50</Value></Node>
</Node></MgmtTree>)";

struct firmware_world : session_world {
    firmware_world() : session_world(calm(1, firmware_profile())) {
        provision(0, "subscriber-0", "secret-0");
        const auto id = change(queue::operation::replace, "./FUMO", firmware, 0,
                               [](queue::change_event& e) { e.type = "application/vnd.syncml.dmtnds+xml"; });
        EXPECT_TRUE(run(minutes(5)));
        EXPECT_EQ(state_of(id), "applied") << reason_of(id);
        auto knows = sandbox::every_object;
        knows.push_back(fumo_id);
        phone = std::make_unique<phone_in_world>(*this, 0, sandbox::phone_model(knows));
        EXPECT_EQ(call(*phone), "done");
        EXPECT_TRUE(phone->has(update));
    }
    std::string exec(const std::string& node = update, std::function<void(queue::change_event&)> more = {}) {
        const auto id = change(queue::operation::exec, node, {}, 0, std::move(more));
        wait();
        return id;
    }
    void wait(milliseconds time = minutes(2)) {
        const auto until = now + time;
        while (now < until) tick();
    }
    void report(const std::string& correlator, const std::string& code) {
        mo::dm::alert told{.code = 1226, .correlator = correlator};
        told.items.push_back({.source = mo::dm::location{update, {}},
                              .about = mo::dm::meta{.format = "int", .type = "org.openmobilealliance.dm.firmwareupdate.update"},
                              .data = code});
        phone->phone.report(std::move(told));
    }
    std::unique_ptr<phone_in_world> phone;
};

TEST(exec, waits_for_a_session_and_ends_with_the_devices_generic_alert) {
    firmware_world w;
    const auto sent = w.messages();
    const auto id = w.exec();
    EXPECT_EQ(w.state_of(id), "");
    w.phone->exec_says = 202;
    EXPECT_EQ(w.call(*w.phone), "done");
    ASSERT_THAT(w.phone->executed, SizeIs(1));
    EXPECT_EQ(w.phone->executed[0].first, update);
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "");  // accepted, not done
    EXPECT_EQ(w.call(*w.phone), "done");
    EXPECT_THAT(w.phone->executed, SizeIs(1));  // R17
    w.report(w.phone->executed[0].second, "200");
    EXPECT_EQ(w.call(*w.phone), "done");
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.messages(), sent);  // it needs no short message
    EXPECT_EQ(w.owner.tally().execs_applied, 1U);
}

TEST(exec, fails_with_the_result_code_that_the_device_tells) {
    firmware_world w;
    const auto id = w.exec();
    w.phone->exec_says = 202;
    EXPECT_EQ(w.call(*w.phone), "done");
    w.report(w.phone->executed.at(0).second, "402");
    EXPECT_EQ(w.call(*w.phone), "done");
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "failed");
    EXPECT_EQ(w.reason_of(id), "device-refused");
    EXPECT_EQ(w.told(id, "detail"), "the device told 402");
}

TEST(exec, fails_at_once_when_the_device_refuses_it_and_is_applied_at_once_when_it_is_done) {
    firmware_world w;
    const auto refused = w.exec();
    EXPECT_EQ(w.call(*w.phone), "done");
    const auto done = w.exec();
    w.phone->exec_says = 200;
    EXPECT_EQ(w.call(*w.phone), "done");
    w.publish_outbox();
    EXPECT_EQ(w.state_of(refused), "failed");
    EXPECT_EQ(w.told(refused, "detail"), "the device answered 405");
    EXPECT_EQ(w.state_of(done), "applied");
}

TEST(exec, expires_when_no_session_comes) {
    firmware_world w;
    const auto id = w.exec(update, [&](queue::change_event& e) { e.expires_at = w.now + minutes(30); });
    w.wait(minutes(31));
    EXPECT_EQ(w.state_of(id), "expired");
    EXPECT_EQ(w.reason_of(id), "life-over");
    EXPECT_EQ(w.call(*w.phone), "done");
    EXPECT_THAT(w.phone->executed, IsEmpty());
}

TEST(exec, that_was_taken_and_never_told_of_expires_with_its_outcome_unknown) {
    firmware_world w;
    const auto id = w.exec(update, [&](queue::change_event& e) { e.expires_at = w.now + minutes(30); });
    w.phone->exec_says = 202;
    EXPECT_EQ(w.call(*w.phone), "done");
    w.wait(minutes(31));
    EXPECT_EQ(w.state_of(id), "expired");
    EXPECT_EQ(w.reason_of(id), "life-over-outcome-unknown");
}

TEST(exec, before_its_time_waits_for_a_later_session) {
    firmware_world w;
    const auto id = w.exec(update, [&](queue::change_event& e) { e.not_before = w.now + minutes(30); });
    w.phone->exec_says = 200;
    EXPECT_EQ(w.call(*w.phone), "done");
    EXPECT_THAT(w.phone->executed, IsEmpty());
    w.wait(minutes(31));
    EXPECT_EQ(w.call(*w.phone), "done");
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "applied");
}

TEST(exec, on_a_node_whose_description_allows_none_is_rejected) {
    firmware_world w;
    const auto leaf = w.exec("./FUMO/PkgName");
    const auto other = w.exec("./IMPS");
    EXPECT_EQ(w.state_of(leaf), "rejected");
    EXPECT_EQ(w.reason_of(leaf), "not-executable");
    EXPECT_EQ(w.state_of(other), "rejected");
}

TEST(exec, whose_session_broke_off_after_it_went_out_is_not_repeated) {
    firmware_world w;
    const auto id = w.exec();
    w.phone->exec_says = 202;
    auto request = w.phone->wanted();
    ASSERT_TRUE(request);
    const auto reply = w.answer(*request);  // it goes out, and the device is not heard of again
    EXPECT_EQ(reply.status, 200U);
    w.clock += hours(1);
    w.http.tick();
    w.phone->restart();
    (void)w.phone->told(sandbox::kind::session_failed);
    EXPECT_EQ(w.call(*w.phone), "done");
    EXPECT_THAT(w.phone->executed, IsEmpty());
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "failed");
    EXPECT_EQ(w.reason_of(id), "outcome-unknown");
}

TEST(exec, of_one_card_is_not_ended_by_another_devices_alert) {
    firmware_world w;
    const auto id = w.exec();
    w.report("123456789", "200");
    w.report("not-a-number", "200");
    w.phone->exec_says = 202;
    EXPECT_EQ(w.call(*w.phone), "done");
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "");
}

}  // namespace
}  // namespace ota::simulation
