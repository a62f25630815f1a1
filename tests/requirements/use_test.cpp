// DM-SC-USE-1 to USE-3, and the use case of a card that moves into another device. Each has a twin with the feature
// off.
#include "tests/requirements/site.hpp"

#include "sandbox/device_models.hpp"

namespace ota::requirements {
namespace {

using sandbox::device_pool;
using sandbox::instant;

void never_ask(card_profile& p) {
    for (auto& o : p.management_objects) o.ask = false;
}

TEST(DM_SC_USE_1, the_user_is_asked_when_the_card_says_so_and_his_no_counts) {
    auto devices = site_options::all_of_them();
    devices.refusals = 1;
    site s({.devices = devices});
    s.give_account();
    const auto asked = s.devices().asked;
    const auto id = s.replace(mail_address, "smtp.new.example.org");
    ASSERT_EQ(s.state(id), "applied") << s.reason(id);
    s.settle();
    EXPECT_EQ(s.devices().asked, asked + 1);
    EXPECT_EQ(s.on_card(mail_address), "smtp.new.example.org");
    EXPECT_EQ(s.at_device(mail_address), std::nullopt);
    EXPECT_FALSE(s.told(id, "incorporated"));
    const auto other =
        s.replace(imps_address, "imps.new.example.org");  // brings about a session, in which the device tells
    ASSERT_EQ(s.state(other), "applied") << s.reason(other);
    EXPECT_TRUE(s.wait([&] { return s.told(id, "declined"); }));
}

TEST(DM_SC_USE_1, the_user_is_asked_and_his_yes_counts) {
    site s;
    s.give_account();
    const auto asked = s.devices().asked;
    const auto id = s.replace(mail_address, "smtp.new.example.org");
    ASSERT_EQ(s.state(id), "applied") << s.reason(id);
    s.settle();
    EXPECT_EQ(s.devices().asked, asked + 1);
    EXPECT_EQ(s.at_device(mail_address), "smtp.new.example.org");
    EXPECT_TRUE(s.wait([&] { return s.told(id, "incorporated"); }));
}

TEST(DM_SC_USE_1, off_without_the_cards_word_nobody_can_refuse) {
    site s({.edit = never_ask, .devices = {.share = 1, .refusals = 1}});
    const auto id = s.replace(mail_address, "smtp.new.example.org");
    ASSERT_EQ(s.state(id), "applied") << s.reason(id);
    s.settle();
    EXPECT_EQ(s.devices().asked, 0U);
    EXPECT_EQ(s.at_device(mail_address), "smtp.new.example.org");
}

TEST(DM_SC_USE_2, nobody_is_asked_when_the_card_does_not_say_so) {
    site s;
    s.settle();
    const auto asked = s.devices().asked;  // for the mail of a new card
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied") << s.reason(id);
    s.settle();
    EXPECT_EQ(s.devices().asked, asked);
    EXPECT_EQ(s.at_device(imps_address), "imps.new.example.org");
}

TEST(DM_SC_USE_2, off_with_the_cards_word_somebody_is) {
    site s({.edit = [](card_profile& p) {
        for (auto& o : p.management_objects) o.ask = !o.mirror;
    }});
    s.settle();
    const auto asked = s.devices().asked;
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied") << s.reason(id);
    s.settle();
    EXPECT_EQ(s.devices().asked, asked + 1);
}

TEST(DM_SC_USE_3, a_device_connects_to_the_server_by_itself_when_the_card_says_so) {
    site s;
    const auto before = s.devices().sessions_ended;
    s.give_account();
    EXPECT_TRUE(s.wait([&] { return s.devices().sessions_ended > before; }));
}

TEST(DM_SC_USE_3, off_without_the_cards_word_it_does_not) {
    site s({.edit = [](card_profile& p) {
        for (auto& o : p.management_objects) o.autonomous = false;
    }});
    s.give_account();
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied") << s.reason(id);
    s.settle();
    EXPECT_EQ(s.devices().sessions_begun, 0U);
    EXPECT_FALSE(s.told(id, "incorporated"));
}

TEST(DM_SC_use_case, a_card_makes_its_services_usable_in_the_next_device_at_once) {
    site s;
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied") << s.reason(id);
    std::size_t other = 0;
    s.with_devices([&](device_pool& pool, instant now) {
        other = pool.add_device(sandbox::make_device(1, 900), now);
        ASSERT_TRUE(pool.insert(s.card(), other, now));
    });
    s.settle();
    EXPECT_EQ(s.at_device(imps_address, other), "imps.new.example.org");
    EXPECT_EQ(s.at_device(imps_address, s.card()), std::nullopt);
}

TEST(DM_SC_use_case, off_a_device_that_has_no_use_for_the_service_leaves_it_on_the_card) {
    site s;
    std::size_t other = 0;
    s.with_devices([&](device_pool& pool, instant now) {
        auto model = sandbox::make_device(1, 900);
        model.objects.clear();
        other = pool.add_device(model, now);
        ASSERT_TRUE(pool.insert(s.card(), other, now));
    });
    s.settle();
    EXPECT_EQ(s.at_device(imps_address, other), std::nullopt);
    EXPECT_EQ(s.on_card(imps_address), "imps.old.example.org");
}

}  // namespace
}  // namespace ota::requirements
