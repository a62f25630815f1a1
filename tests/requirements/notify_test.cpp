// Package 0: the operator has a device call. Order, SMPP, short message, terminal, DM session, all of it real.
#include "tests/requirements/site.hpp"

#include "gateway/dm/wap_push.hpp"

namespace ota::requirements {
namespace {

using sandbox::device_pool;
using sandbox::instant;

/// No device calls by itself.
site_options silent_devices() {
    return {.edit = [](card_profile& p) {
        for (auto& o : p.management_objects) o.autonomous = false;
    }};
}

TEST(notification, has_a_device_call_that_would_not_have_and_its_word_is_told) {
    site s(silent_devices());
    s.give_account();
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied") << s.reason(id);
    s.settle();
    EXPECT_EQ(s.devices().sessions_begun, 0U);
    std::string said;
    EXPECT_EQ(s.notify({.session_id = 0xBEE, .ui = "background"}, said), 0) << said;
    EXPECT_NE(said.find("session BEE"), std::string::npos) << said;
    EXPECT_TRUE(s.wait([&] { return s.devices().sessions_ended == 1; }));
    EXPECT_EQ(s.devices().notified, 1U);
    EXPECT_EQ(s.devices().sessions_begun, 1U);
    EXPECT_EQ(s.peers().snapshot().smsc.to_terminals, 1U);
    EXPECT_TRUE(s.wait([&] { return s.told(id, "incorporated"); }));
    EXPECT_EQ(s.notify({.session_id = 0xBEF}, said), 0) << said;  // both ends know the nonce that was renewed
    EXPECT_TRUE(s.wait([&] { return s.devices().sessions_ended == 2; }));
}

TEST(notification, that_the_network_brings_twice_begins_one_session) {
    auto how = silent_devices();
    how.smsc.duplicates = 1;
    site s(how);
    s.give_account();
    std::string said;
    EXPECT_EQ(s.notify({.session_id = 5}, said), 0) << said;
    EXPECT_TRUE(s.wait([&] { return s.devices().notifications_refused > 0 && s.devices().sessions_ended > 0; }));
    s.settle();
    EXPECT_EQ(s.devices().notified, 1U);
    EXPECT_EQ(s.devices().sessions_begun, 1U);
}

TEST(notification, that_is_forged_begins_none) {
    site s(silent_devices());
    s.give_account();
    const dm::identity somebody{"org.example.dm", secure_channel::secret(wire::octets(8, 'x'))};
    const auto forged =
        dm::serialize_notification({.session_id = 9, .server_id = "org.example.dm"}, somebody, "").value();
    const auto messages = dm::serialize_push_messages(dm::serialize_push(1, forged), 1).value();
    s.with_devices([&](device_pool& pool, instant now) {
        const auto number = s.peers().who().msisdn(s.card());
        (void)pool.deliver_to_terminal({1, number, messages.at(0), now});
    });
    EXPECT_EQ(s.devices().notifications_refused, 1U);
    EXPECT_EQ(s.devices().notified, 0U);
    EXPECT_EQ(s.devices().sessions_begun, 0U);
}

TEST(notification, whose_user_is_asked_and_refuses_begins_none) {
    auto how = silent_devices();
    how.devices.refusals = 1;
    site s(how);
    s.give_account();
    std::string said;
    EXPECT_EQ(s.notify({.session_id = 7, .ui = "user", .wait = 0}, said), 0) << said;
    EXPECT_TRUE(s.wait([&] { return s.devices().notifications_refused == 1; }));
    EXPECT_TRUE(s.wait([&] {
        (void)s.notify({.last = true}, said);
        return said.find("did not call yet") != std::string::npos;
    })) << said;
    EXPECT_EQ(s.devices().sessions_begun, 0U);
}

}  // namespace
}  // namespace ota::requirements
