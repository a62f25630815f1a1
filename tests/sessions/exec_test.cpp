#include "tests/sessions/firmware_world.hpp"

namespace ota::simulation {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

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

/// The first session still has it in hand when the device begins another.
TEST(exec, that_waits_in_a_session_which_its_device_left_is_neither_lost_nor_run_twice) {
    dm::table_settings one_command_at_once;
    one_command_at_once.each.commands_at_once = 1;
    firmware_world w(one_command_at_once);
    w.replace_leaf("./IMPS/Name", "Another name");
    ASSERT_TRUE(w.run(minutes(5)));
    w.phone->refresh();
    w.phone->connections.clear();
    const auto id = w.exec();
    w.phone->exec_says = 200;
    auto first = w.phone->wanted();
    ASSERT_TRUE(first);
    EXPECT_EQ(w.answer(*first).status, 200U);  // it asks for the object; the Exec waits for its turn
    w.phone->restart();
    w.phone->connections.clear();
    (void)w.phone->told(sandbox::kind::session_failed);
    EXPECT_EQ(w.call(*w.phone), "done");
    EXPECT_THAT(w.phone->executed, IsEmpty());
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "");
    w.clock += hours(1);
    w.http.tick();  // the first session is over: the Exec never went out
    EXPECT_EQ(w.call(*w.phone), "done");
    EXPECT_THAT(w.phone->executed, SizeIs(1));
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.call(*w.phone), "done");
    EXPECT_THAT(w.phone->executed, SizeIs(1));
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
