#include "gateway/dm/notification.hpp"
#include "sandbox/device/dm_client_notification.hpp"
#include "tests/dm/two_ends.hpp"

// Package 0 by the gateway, read by the device, up to the generic alert of what was executed.
namespace ota::dm {
namespace {

class dm_notified : public testing::TestWithParam<combination> {
protected:
    wire::octets made(ui_mode ui = ui_mode::background, initiator by = initiator::server) const {
        const notification n{.ui = ui, .by = by, .session_id = 0x1A, .server_id = "dm.example"};
        return serialize_notification(n, {"dm.example", secret_of("server-password")}, ends.stored_server_nonce)
            .value();
    }
    two_ends ends{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(combinations, dm_notified, testing::ValuesIn(every_combination), name_of);

TEST_P(dm_notified, a_session_begins_with_the_identifier_of_the_notification) {
    const auto trigger = sandbox::dm_trigger_of(made(), ends.device);
    ASSERT_TRUE(trigger);
    EXPECT_EQ(trigger->session_id, "1A");
    EXPECT_TRUE(trigger->by_server);
    EXPECT_FALSE(trigger->ask_user || trigger->tell_user);
    ends.run({get(1, "./DevInfo/Man")}, {}, trigger->by_server);
    EXPECT_EQ(ends.value(1), "Maker");
    ASSERT_TRUE(ends.server);
    EXPECT_EQ(ends.server->id(), trigger->session_id);
}

TEST_P(dm_notified, a_notification_is_good_until_its_nonce_is_renewed) {
    const auto old = made();
    EXPECT_TRUE(sandbox::dm_trigger_of(old, ends.device));
    ends.run({get(1, "./DevInfo/Man")}, {}, true);
    EXPECT_FALSE(sandbox::dm_trigger_of(old, ends.device)) << "a replay";
    EXPECT_TRUE(sandbox::dm_trigger_of(made(), ends.device)) << "both ends know the new nonce";
}

TEST_P(dm_notified, what_is_not_genuine_starts_nothing) {
    const auto octets = made();
    for (std::size_t n = 0; n < octets.size(); ++n)
        EXPECT_FALSE(sandbox::dm_trigger_of(wire::octet_view(octets).first(n), ends.device)) << n;
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
        auto altered = octets;
        altered[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
        EXPECT_FALSE(sandbox::dm_trigger_of(altered, ends.device)) << bit;
    }
    ends.device.server.password = secret_of("another");
    EXPECT_FALSE(sandbox::dm_trigger_of(octets, ends.device));
}

TEST_P(dm_notified, the_user_is_asked_or_told_as_the_notification_says) {
    for (const auto ui :
         {ui_mode::not_specified, ui_mode::background, ui_mode::informative, ui_mode::user_interaction}) {
        const auto trigger = sandbox::dm_trigger_of(made(ui, initiator::user), ends.device);
        ASSERT_TRUE(trigger);
        EXPECT_FALSE(trigger->by_server);
        EXPECT_EQ(trigger->ask_user, ui == ui_mode::user_interaction);
        EXPECT_EQ(trigger->tell_user, ui == ui_mode::informative);
    }
}

// FUMO: the Exec is accepted (202), the device works after the session, and its outcome comes in the next one.
TEST_P(dm_notified, a_firmware_update_runs_from_its_exec_to_its_generic_alert) {
    auto fumo = mo::interior(
        "FUMO", {mo::interior("x", {mo::interior("Update"), mo::leaf("State", mo::node_format::integer, "50")},
                              "urn:oma:mo:oma-fumo:1.0")});
    fumo.acl = mo::parse_acl("Exec=dm.example&Get=*").value();
    ends.tree.children.push_back(std::move(fumo));
    ends.client_settings.tree.exec = [&](const mo::uri& at, const std::string& correlator,
                                         const std::string&) -> std::uint16_t {
        if (mo::serialize_uri(at) != "./FUMO/x/Update" || correlator != "job-9") return 500;
        mo::find(ends.tree, mo::parse_uri("./FUMO/x/State").value())->value = "60";
        return 202;
    };
    ends.run({one(1, {.what = syncml::verb::exec, .target = "./FUMO/x/Update", .correlator = "job-9"}),
              get(2, "./FUMO/x/State")});
    EXPECT_EQ(ends.answer(1).code, 202);
    EXPECT_EQ(ends.value(2), "60");

    syncml::alert outcome{.code = 1226, .correlator = "job-9"};
    outcome.items.push_back(
        {.source = syncml::location{"./FUMO/x/Update", {}},
         .about = syncml::meta{.format = "int", .type = "org.openmobilealliance.dm.firmwareupdate.update"},
         .data = "200"});
    ends.run({}, {outcome});
    std::vector<alerted> told;
    for (const auto& each : ends.what) {
        if (const auto* a = std::get_if<alerted>(&each)) told.push_back(*a);
    }
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].correlator, "job-9");
    EXPECT_EQ(told[0].items, outcome.items);
}

}  // namespace
}  // namespace ota::dm
