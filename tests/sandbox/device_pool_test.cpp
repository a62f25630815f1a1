#include "tests/sandbox/pool_bench.hpp"

#include <gmock/gmock.h>

#include <set>

namespace ota::sandbox {
namespace {

using namespace std::chrono_literals;

TEST(device_pool, a_device_takes_over_what_messages_bring_its_card) {
    pool_bench bench;
    EXPECT_EQ(bench.value(3, "./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
    const auto before = bench.pool.counts().taken_over;
    EXPECT_EQ(bench.change(3, "./IMPS", leaf_address, "imps.new.example.org"), acknowledgement::accepted);
    EXPECT_EQ(bench.value(3, "./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
    EXPECT_EQ(bench.value(4, "./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
    EXPECT_EQ(bench.sight(3, "./IMPS"), object_sight::held);
    EXPECT_EQ(bench.pool.counts().taken_over, before + 1);
    EXPECT_EQ(bench.pool.find(3)->card(), bench.cards.who().iccid(3));
}

TEST(device_pool, cards_beyond_the_share_are_reached_without_a_device) {
    pool_bench bench({.share = 0.5}, {}, 60);
    std::size_t in_devices = 0;
    for (std::size_t card = 0; card < 60; ++card) {
        in_devices += bench.pool.device_of(card).has_value();
        EXPECT_EQ(bench.change(card, "./IMPS", leaf_address, "imps.new.example.org"), acknowledgement::accepted);
    }
    EXPECT_EQ(in_devices, bench.pool.counts().devices);
    EXPECT_GT(in_devices, 15U);
    EXPECT_LT(in_devices, 45U);
    EXPECT_EQ(bench.cards.counts().by_status[0], 60U);
}

TEST(device_pool, each_device_is_one_of_a_few_models_with_an_imei_of_its_own) {
    pool_bench bench({.share = 1}, {}, 60);
    std::set<std::string> models, imeis;
    for (std::size_t i = 0; i < 60; ++i) {
        const auto& who = bench.pool.find(i)->who();
        models.insert(who.model);
        imeis.insert(who.imei);
        EXPECT_EQ(who.imei.size(), 15U);
        EXPECT_EQ(luhn_digit(std::string_view(who.imei).substr(0, 14)), who.imei.back());
    }
    EXPECT_EQ(models.size(), device_model_count());
    EXPECT_EQ(imeis.size(), 60U);
}

TEST(device_pool, the_card_mirrors_the_device_that_it_is_in) {
    pool_bench bench;
    const auto mirror = mo::read_image(bench.cards.content(5, "./DevInfo").value()).value();
    ASSERT_TRUE(mirror);
    EXPECT_EQ(mo::get(mirror->top, mo::parse_uri("DevId").value()).value(), "IMEI:" + bench.pool.find(5)->who().imei);
}

TEST(device_pool, users_are_asked_when_the_card_says_so_and_else_never) {
    pool_bench bench;
    const auto card = bench.device_with_mail();
    const auto at_start = bench.pool.counts().asked;
    std::size_t with_mail = 0;
    for (std::size_t i = 0; i < bench.cards.who().size(); ++i)
        with_mail += bench.pool.find(i)->who().knows("org.otagw/1.0/EmailSmtp");
    EXPECT_EQ(at_start, with_mail);  // for the mail of a new card
    bench.change(card, "./IMPS", leaf_address, "imps.new.example.org");
    bench.change(card, "./NAP", "Name", "New");
    EXPECT_EQ(bench.pool.counts().asked, at_start);
    bench.change(card, "./Email", leaf_address, "smtp.new.example.org");
    EXPECT_EQ(bench.pool.counts().asked, at_start + 1);
    EXPECT_EQ(bench.value(card, "./Email/AppAddr/x/Addr"), "smtp.new.example.org");
    EXPECT_EQ(bench.pool.counts().refused, 0U);
}

TEST(device_pool, what_a_user_refuses_is_on_the_card_and_not_in_the_device) {
    pool_bench bench({.share = 1, .refusals = 1});
    const auto card = bench.device_with_mail();
    EXPECT_EQ(bench.sight(card, "./Email"), object_sight::refused);
    EXPECT_EQ(bench.change(card, "./Email", leaf_address, "smtp.new.example.org"), acknowledgement::accepted);
    EXPECT_EQ(bench.sight(card, "./Email"), object_sight::refused);
    EXPECT_EQ(bench.value(card, "./Email/AppAddr/x/Addr"), "<none>");
    EXPECT_EQ(
        mo::get_from_image(bench.cards.content(card, "./Email").value(), mo::parse_uri(leaf_address).value()).value(),
        "smtp.new.example.org");
    EXPECT_EQ(bench.sight(card, "./IMPS"), object_sight::held);  // nobody was asked about it
}

TEST(device_pool, a_user_who_answers_later_has_the_object_from_then_on) {
    pool_bench bench({.share = 1, .late_answers = 1, .answer_delay = 500ms});
    const auto card = bench.device_with_mail();
    EXPECT_EQ(bench.sight(card, "./Email"), object_sight::unanswered);
    EXPECT_EQ(bench.value(card, "./Email/AppAddr/x/Addr"), "<none>");
    EXPECT_TRUE(bench.pool.busy(bench.now));
    bench.pool.on_tick(bench.now + 499ms);
    EXPECT_EQ(bench.sight(card, "./Email"), object_sight::unanswered);
    bench.pool.on_tick(bench.now + 500ms);
    EXPECT_EQ(bench.sight(card, "./Email"), object_sight::held);
    EXPECT_EQ(bench.value(card, "./Email/AppAddr/x/Addr"), "smtp.old.example.org");
}

TEST(device_pool, a_simple_device_leaves_the_mail_on_the_card_and_asks_nobody) {
    pool_bench bench;
    const auto card = bench.device_with_mail(false);
    const auto asked = bench.pool.counts().asked;
    bench.change(card, "./Email", leaf_address, "smtp.new.example.org");
    EXPECT_EQ(bench.sight(card, "./Email"), object_sight::unsupported);
    EXPECT_EQ(bench.value(card, "./Email/AppAddr/x/Addr"), "<none>");
    EXPECT_EQ(bench.pool.counts().asked, asked);
}

TEST(device_pool, devices_connect_by_themselves_and_give_up_when_nobody_answers) {
    pool_bench bench({.share = 1, .retry = {.attempts = 3, .first = 10s, .longest = 60s}}, {}, 4);
    ASSERT_EQ(bench.posted.size(), 4U);  // one session each, of the card's account
    EXPECT_EQ(bench.posted[0].server_uri, "http://dm.example.org/dm");
    const auto began = bench.now;
    constexpr std::size_t attempts = 3, messages_of_one = 3;
    EXPECT_EQ(bench.nobody_answers(), 4 * attempts * messages_of_one);
    EXPECT_EQ(bench.now - began, 10s + 20s);
    EXPECT_EQ(bench.pool.counts().sessions_begun, 4 * attempts);
    EXPECT_EQ(bench.pool.counts().sessions_failed, 4 * attempts);
    EXPECT_EQ(bench.pool.counts().given_up, 4U);
    EXPECT_FALSE(bench.pool.busy(bench.now));
    bench.change(1, "./IMPS", leaf_address, "imps.new.example.org");  // no reason to connect
    EXPECT_EQ(bench.nobody_answers(), 0U);
    bench.change(1, "./DMAcc/Operator", leaf_address, "http://other.example.org/dm");
    EXPECT_EQ(bench.nobody_answers(), attempts * messages_of_one);
}

TEST(device_pool, the_answer_to_an_exchange_that_is_over_is_passed_over) {
    pool_bench bench({.share = 1}, {}, 2);
    ASSERT_EQ(bench.posted.size(), 2U);
    const auto first = bench.posted[0];
    bench.pool.on_answer(first.device, first.exchange, std::nullopt, bench.now);
    ASSERT_EQ(bench.posted.size(), 3U);  // the same message again
    bench.pool.on_answer(first.device, first.exchange, std::nullopt, bench.now);
    bench.pool.on_answer(99, 1, std::nullopt, bench.now);
    EXPECT_EQ(bench.posted.size(), 3U);
    EXPECT_EQ(bench.pool.counts().unanswered, 1U);
}

TEST(device_pool, a_user_has_the_device_call_the_server_of_the_cards_account) {
    pool_bench bench({.share = 1, .retry = {.attempts = 1}}, {}, 2);
    EXPECT_FALSE(bench.pool.call(0, bench.now));  // a session is under way
    (void)bench.nobody_answers();
    EXPECT_TRUE(bench.pool.call(0, bench.now));
    ASSERT_EQ(bench.posted.size(), 1U);
    EXPECT_EQ(bench.posted[0].server_uri, "http://dm.example.org/dm");
    EXPECT_FALSE(bench.pool.call(99, bench.now));
    const auto empty = bench.pool.add_device(make_device(1, 900), bench.now);
    EXPECT_FALSE(bench.pool.call(empty, bench.now));
}

TEST(device_pool, a_card_moved_into_another_model_makes_its_services_usable_there_at_once) {
    pool_bench bench;
    const auto card = bench.device_with_mail();
    bench.change(card, "./IMPS", leaf_address, "imps.new.example.org");
    auto model = make_device(2, 500);
    model.maker = "Another";
    const auto other = bench.pool.add_device(model, bench.now);
    EXPECT_EQ(bench.value(other, "./IMPS/AppAddr/x/Addr"), "<none>");
    ASSERT_TRUE(bench.pool.insert(card, other, bench.now));
    EXPECT_EQ(bench.value(other, "./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
    EXPECT_EQ(bench.value(card, "./IMPS/AppAddr/x/Addr"), "<none>");  // the old device purged it
    EXPECT_EQ(bench.sight(card, "./IMPS"), object_sight::unseen);
    EXPECT_GE(bench.pool.counts().purged, 3U);
    EXPECT_EQ(bench.pool.device_of(card), other);
    bench.change(card, "./IMPS", leaf_address, "imps.newest.example.org");
    EXPECT_EQ(bench.value(other, "./IMPS/AppAddr/x/Addr"), "imps.newest.example.org");
    const auto mirror = mo::read_image(bench.cards.content(card, "./DevInfo").value()).value();
    EXPECT_EQ(mo::get(mirror->top, mo::parse_uri("DevId").value()).value(), "IMEI:" + model.imei);
}

TEST(device_pool, a_card_that_another_one_drove_out_is_reached_by_nobody) {
    pool_bench bench;
    ASSERT_TRUE(bench.pool.insert(1, 2, bench.now));
    EXPECT_EQ(bench.pool.device_of(1), 2U);
    EXPECT_FALSE(bench.pool.device_of(2));
    EXPECT_EQ(bench.change(2, "./IMPS", leaf_address, "imps.new.example.org"), acknowledgement::none);
    EXPECT_EQ(bench.change(1, "./IMPS", leaf_address, "imps.new.example.org"), acknowledgement::accepted);
    EXPECT_EQ(bench.value(2, "./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
    EXPECT_FALSE(bench.pool.insert(1, 999, bench.now));
    EXPECT_FALSE(bench.pool.insert(999, 1, bench.now));
}

TEST(device_pool, a_local_edit_is_drift_and_stays_off_the_card) {
    pool_bench bench;
    const auto on_card = bench.cards.content(3, "./IMPS");
    ASSERT_TRUE(bench.pool.edit(3, mo::parse_uri("./IMPS/Name").value(), "Mine", bench.now));
    EXPECT_EQ(bench.value(3, "./IMPS/Name"), "Mine");
    EXPECT_EQ(bench.pool.counts().drift, 1U);
    EXPECT_EQ(bench.cards.content(3, "./IMPS"), on_card);
    EXPECT_FALSE(bench.pool.edit(3, mo::parse_uri("./IMPS/Nothing").value(), "x", bench.now));
}

TEST(device_pool, a_card_that_lost_its_power_is_switched_on_again) {
    pool_bench bench({.share = 1}, {.power_cut = 1});
    std::size_t silent = 0;
    for (std::size_t card = 0; card < 10; ++card) {
        bench.change(card, "./IMPS", leaf_address, "imps.new.example.org");
        const auto value = bench.value(card, "./IMPS/AppAddr/x/Addr");
        EXPECT_THAT(value, testing::AnyOf("imps.old.example.org", "imps.new.example.org"));
        silent = bench.pool.counts().card_silent;
    }
    EXPECT_GT(silent, 0U);
    EXPECT_EQ(silent, bench.cards.counts().power_cuts);
}

TEST(device_pool, the_same_seed_makes_the_same_devices) {
    pool_bench one({.share = 0.5, .refusals = 0.5}, {}, 40), two({.share = 0.5, .refusals = 0.5}, {}, 40);
    for (std::size_t card = 0; card < 40; ++card) {
        ASSERT_EQ(one.pool.device_of(card), two.pool.device_of(card));
        if (!one.pool.device_of(card)) continue;
        EXPECT_EQ(one.pool.find(card)->who().imei, two.pool.find(card)->who().imei);
        EXPECT_EQ(one.sight(card, "./Email"), two.sight(card, "./Email"));
    }
}

}  // namespace
}  // namespace ota::sandbox
