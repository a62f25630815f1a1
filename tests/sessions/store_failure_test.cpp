#include "tests/sessions/firmware_world.hpp"

// R1: what a device says is stored before it gets its answer; a store that fails loses nothing of it and is not told as
// another fault.
namespace ota::simulation {
namespace {

using testing::SizeIs;

constexpr auto address = "./IMPS/AppAddr/x/Addr";

TEST(what_a_device_says, is_stored_before_it_gets_its_answer) {
    firmware_world w;
    ASSERT_TRUE(w.phone->phone.edit(at(address), "mine.example.org"));
    const auto first = w.phone->wanted();
    ASSERT_TRUE(first);
    ASSERT_EQ(w.answer(*first).status, 200U);  // the gateway may be killed here
    EXPECT_EQ(w.view_of("./IMPS").drifts, 1U);
}

TEST(what_a_device_says, is_not_taken_while_the_store_fails_and_said_again) {
    firmware_world w;
    ASSERT_TRUE(w.phone->phone.edit(at(address), "mine.example.org"));
    const auto first = w.phone->wanted();
    ASSERT_TRUE(first);
    w.moody.fails_from = w.moody.begun;
    w.moody.fails_until = w.moody.begun + 2;
    EXPECT_EQ(w.answer(*first).status, 503U);
    EXPECT_EQ(w.answer(*first).status, 503U);
    EXPECT_EQ(w.view_of("./IMPS").drifts, 0U);
    EXPECT_EQ(w.answer(*first).status, 200U);
    EXPECT_EQ(w.view_of("./IMPS").drifts, 1U);
    EXPECT_EQ(w.answer(*first).status, 200U);  // a repetition
    EXPECT_EQ(w.view_of("./IMPS").drifts, 1U);
    EXPECT_EQ(w.http.met().wrong_credentials + w.http.met().no_credentials + w.http.met().unknown_device, 0U);
    EXPECT_EQ(w.http.met().unavailable, 2U);
}

/// A session with everything in it, while any one of its transactions fails: the device is answered 503 and tries
/// again.
TEST(what_a_device_says, is_put_down_once_whichever_transaction_fails) {
    unsigned transactions = 1;
    for (unsigned fails = 0; fails < transactions; ++fails) {
        SCOPED_TRACE(fails);
        firmware_world w;
        w.replace_leaf("./IMPS/Name", "Another name");
        ASSERT_TRUE(w.run(minutes(5)));
        w.phone->refresh();
        const auto id = w.exec();
        w.phone->exec_says = 200;
        w.owner.replace(w.iccid(0), {.node = "./IMPS/AppAddr/x/Addr", .value = "imps-2.example.org"});
        ASSERT_TRUE(w.phone->phone.edit(at("./NAP/Name"), "mine"));
        w.phone->connections.clear();
        const auto begun = w.moody.begun, failures = static_cast<unsigned>(w.owner.tally().store_failures);
        w.moody.fails_from = begun + fails;
        w.moody.fails_until = begun + fails + 1;
        EXPECT_EQ(w.call(*w.phone), "done");
        EXPECT_EQ(w.owner.tally().store_failures, failures + 1);
        transactions = w.moody.begun - begun - 1;
        w.publish_outbox();
        EXPECT_THAT(w.phone->executed, SizeIs(1));
        EXPECT_EQ(w.state_of(id), "applied");
        EXPECT_EQ(w.view_of("./NAP").drifts, 1U);
        EXPECT_EQ(w.changes.size(), 1U);
        EXPECT_EQ(w.view_of("./IMPS").said, flow::device_word::incorporated);
        EXPECT_EQ(w.http.met().wrong_credentials + w.http.met().no_credentials + w.http.met().unknown_device, 0U);
        EXPECT_EQ(w.call(*w.phone), "done");
        EXPECT_THAT(w.phone->executed, SizeIs(1));
    }
    EXPECT_GE(transactions, 3U);
}

/// The device does not come again: what it said when the session ended waits for the store.
TEST(what_a_device_says, at_the_end_of_a_session_waits_for_a_store_that_fails) {
    firmware_world w;
    const auto id = w.exec();
    w.phone->exec_says = 200;
    auto first = w.phone->wanted();
    ASSERT_TRUE(first);
    const auto reply = w.answer(*first);
    ASSERT_EQ(reply.status, 200U);
    const auto second =
        w.phone->phone.on_response({reply.status, reply.content_type, wire::as_octets(reply.body)}, w.phone->now);
    ASSERT_TRUE(second);
    w.moody.fails_from = w.moody.begun;
    w.moody.fails_until = w.moody.begun + 2;
    EXPECT_EQ(w.answer(*second).status, 503U);
    w.owner.tick();  // fails too
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "");
    w.owner.tick();
    w.publish_outbox();
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.answer(*second).status, 200U);  // and the device, should it ask after all
}

}  // namespace
}  // namespace ota::simulation
