#include "gateway/cards/notify.hpp"

#include "gateway/cards/errc.hpp"
#include "tests/cards/card_room.hpp"

namespace ota::cards {
namespace {

using sessions::notify_order;
using phase = notify_order::phase;

struct notify : testing::room {
    int run(notify_call call, const std::string& iccid = testing::iccid_a) {
        std::istringstream in;
        out.str({});
        err.str({});
        return perform_notify(call, iccid, {in, out, err}, desk());
    }
    void give_account() {
        auto tx = std::move(state->begin().value());
        const std::string iccids[] = {testing::iccid_a};
        const auto id = tx->cards_by_iccid(iccids).value().front()->id;
        ASSERT_TRUE(tx->save_account({id, "./DMAcc/Operator", "subscriber", "", "", ""}));
        ASSERT_TRUE(tx->commit());
    }
    void becomes(phase is, std::string detail) {
        auto order = look_at_notification(desk(), testing::iccid_a).value().value();
        order.is = is;
        order.detail = std::move(detail);
        auto tx = std::move(state->begin().value());
        ASSERT_TRUE(sessions::save_notify_order(*tx, testing::iccid_a, order));
        ASSERT_TRUE(tx->commit());
    }
    std::vector<std::string> due() {
        auto tx = std::move(state->begin().value());
        return sessions::due_notify_orders(*tx).value();
    }
    std::ostringstream out, err;
};

TEST_F(notify, leaves_an_order_that_a_gateway_finds) {
    take(testing::header + row(testing::iccid_a, "491700000001"));
    give_account();
    EXPECT_EQ(run({.session_id = 0x1A2B, .ui = "informative", .by = "user", .wait = 0, .life = 60}), good);
    EXPECT_NE(out.str().find("session 1A2B"), std::string::npos);
    EXPECT_EQ(due(), std::vector{testing::iccid_a});
    const auto order = look_at_notification(desk(), testing::iccid_a).value().value();
    EXPECT_EQ(order.is, phase::asked);
    EXPECT_EQ(order.session_id, 0x1A2B);
    EXPECT_EQ(order.ui, dm::ui_mode::informative);
    EXPECT_EQ(order.by, dm::initiator::user);
    EXPECT_EQ(order.until, now + std::chrono::seconds(60));
}

TEST_F(notify, makes_up_a_session_that_is_not_zero) {
    take(testing::header + row(testing::iccid_a, "491700000001"));
    give_account();
    EXPECT_EQ(run({.wait = 0}), good);
    EXPECT_NE(look_at_notification(desk(), testing::iccid_a).value().value().session_id, 0);
}

TEST_F(notify, tells_what_came_of_the_last_order) {
    take(testing::header + row(testing::iccid_a, "491700000001"));
    give_account();
    EXPECT_EQ(run({.last = true}), failed);
    EXPECT_NE(err.str().find("never notified"), std::string::npos);
    EXPECT_EQ(run({.session_id = 7, .wait = 0}), good);
    EXPECT_EQ(run({.last = true}), failed);
    EXPECT_NE(err.str().find("not sent yet"), std::string::npos);
    becomes(phase::sent, "route a, message 12");
    EXPECT_TRUE(due().empty());
    EXPECT_EQ(run({.last = true}), failed);
    EXPECT_NE(err.str().find("route a, message 12"), std::string::npos);
    becomes(phase::failed, "no route");
    EXPECT_EQ(run({.last = true}), failed);
    EXPECT_NE(err.str().find("no route"), std::string::npos);
    becomes(phase::called, {});
    EXPECT_EQ(run({.last = true, .json = true}), good);
    EXPECT_EQ(out.str(), "{\"iccid\":\"" + testing::iccid_a + "\",\"state\":\"called\",\"session\":\"7\"}\n");
}

TEST_F(notify, is_refused_where_no_device_could_call) {
    EXPECT_EQ(ask_to_notify(desk(), testing::iccid_a, {.session_id = 1}).error(), errc::unknown_card);
    take(testing::header + row(testing::iccid_a, "491700000001") + row(testing::iccid_b, ""));
    EXPECT_EQ(ask_to_notify(desk(), testing::iccid_a, {.session_id = 1}).error(), errc::no_account);
    EXPECT_EQ(ask_to_notify(desk(), testing::iccid_b, {.session_id = 1}).error(), errc::no_number);
    EXPECT_TRUE(due().empty());
}

TEST_F(notify, order_comes_back_as_it_was_kept_and_nothing_else_does) {
    const notify_order order{phase::sent, 0xFFFF, dm::ui_mode::user_interaction, dm::initiator::user,
                             now,         now,    "route a b, message 1"};
    EXPECT_EQ(sessions::parse_notify_order(serialize(order)), order);
    for (const auto* text : {"", "asked", "asked 0 0 0 0 0 ", "asked 1 4 0 0 0 ", "asked 1 0 2 0 0 ",
                             "asked 65536 0 0 0 0 ", "other 1 0 0 0 0 "})
        EXPECT_FALSE(sessions::parse_notify_order(text)) << text;
}

}  // namespace
}  // namespace ota::cards
