#include "gateway/cards/inspect.hpp"
#include "gateway/cards/recover.hpp"
#include "gateway/cards/rewrap.hpp"
#include "gateway/flow/reasons.hpp"
#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>

namespace ota::cards::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct upkeep : room {
    void fill() {
        take(header + row(iccid_a, "491700000001", "aes", ",40,") + row(iccid_b, "491700000002", "des") +
             row(iccid_c, "491700000003", "strict", ",7,"));
        now += std::chrono::seconds(10);
    }
    std::uint64_t counter_in(const std::string& iccid, std::uint32_t key) {
        const auto c = card(iccid);
        for (const auto& k : c.state.counters) {
            if (k.key == key) return k.last;
        }
        return 0;
    }
    std::vector<std::string> problems;
    inspection inspected(bool alone = true) {
        problems.clear();
        return inspect(desk(), alone, [this](const std::string& p) { problems.push_back(p); }).value();
    }
};

TEST_F(upkeep, rewraps_keys_secret_images_and_parked_events_under_a_new_key) {
    fill();
    give(iccid_a, "e1", "./SC/UICC/PIN", "AQIDBA==");
    const auto guard = desk().guard();
    set_value("parked/8900/1", wire::to_hex(guard.seal(wire::as_octets("payload"), "parked")));
    const auto image = card(iccid_a).state.find("./SC/UICC/PIN")->desired;
    const auto fresh = kek_of(0x77);
    const auto did = std::move(rewrap(*state, kek, fresh, random, {}).value());
    EXPECT_EQ(did.cards, 3u);
    EXPECT_EQ(did.rewrapped, 3u);
    EXPECT_EQ(did.parked, 1u);
    EXPECT_TRUE(did.unreadable.empty());
    {
        auto tx = std::move(state->begin().value());
        EXPECT_FALSE(take_card(*tx, desk(), iccid_a).has_value());  // the old key opens it no more
        const auto c = std::move(take_card(*tx, desk_on(*state, fresh), iccid_a).value());
        EXPECT_EQ(c.state.find("./SC/UICC/PIN")->desired, image);
        const auto parked =
            guard_under(fresh, random).open(wire::from_hex(*tx->value("parked/8900/1").value()).value(), "parked");
        EXPECT_EQ(wire::as_text(parked.value()), "payload");
    }
    const auto again =
        std::move(rewrap(*state, kek, fresh, random, {}).value());  // a run that was cut off is run again
    EXPECT_EQ(again.rewrapped, 0u);
    EXPECT_EQ(again.already, 3u);
}

TEST_F(upkeep, leaves_cards_alone_that_are_under_neither_key) {
    fill();
    const auto other = kek_of(0x66), fresh = kek_of(0x77);
    const auto did = std::move(rewrap(*state, other, fresh, random, {}).value());
    EXPECT_THAT(did.unreadable, ElementsAre(iccid_a, iccid_b, iccid_c));
    EXPECT_EQ(keys_of(iccid_a).size(), 1u);
}

TEST_F(upkeep, r3_recovery_leaps_every_counter_also_those_not_begun) {
    fill();
    const auto did = std::move(recover(desk(), 1000, {}).value());
    EXPECT_EQ(did.cards, 3u);
    EXPECT_EQ(did.counters, 3u);
    EXPECT_EQ(counter_in(iccid_a, 1), 1040u);
    EXPECT_EQ(counter_in(iccid_b, 1u << 24 | 0xB00010), 1000u);  // never used in the copy
    EXPECT_EQ(counter_in(iccid_b, 1u << 24 | 0xB00011), 1000u);
    EXPECT_EQ(card(iccid_a).row.due, now);
}

TEST_F(upkeep, r3_recovery_makes_what_is_in_flight_unknown) {
    fill();
    give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    send(iccid_a);
    EXPECT_EQ(recover(desk(), 1000, {}).value().unknown, 1u);
    const auto c = card(iccid_a);
    EXPECT_FALSE(c.state.in_flight.has_value());
    ASSERT_TRUE(c.state.unknown.has_value());
    EXPECT_TRUE(c.state.read_back_due);
    EXPECT_EQ(c.state.unknown->cntr, 41u);
}

TEST_F(upkeep, r10_recovery_does_not_leap_where_the_counter_rises_by_exactly_one) {
    fill();
    EXPECT_EQ(recover(desk(), 1000, {}).value().out_of_step, 1u);
    EXPECT_EQ(counter_in(iccid_c, 1), 7u);
    EXPECT_EQ(card(iccid_c).row.is, store::standing::quarantined);
    EXPECT_EQ(card(iccid_c).state.hold, flow::reason::counter_out_of_step);
}

TEST_F(upkeep, r3_a_restored_copy_opens_only_for_recovery_and_then_for_good) {
    const folder at;
    const auto path = (at.path / "store.db").string(), copy = (at.path / "copy.db").string();
    const auto open = [&](bool accept) {
        return store::open_sqlite({.path = path, .cache_bytes = 1u << 20, .recover = accept});
    };
    state = std::move(open(false).value());
    fill();
    state.reset();
    std::filesystem::copy_file(path, copy);
    state = std::move(open(false).value());
    for (int i = 0; i < 3; ++i) set_value("n", std::to_string(i));
    state.reset();
    std::filesystem::copy_file(copy, path, std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(open(false).error(), store::make_error_code(store::errc::restored));

    state = std::move(open(true).value());
    ASSERT_TRUE(recover(desk(), default_leap, {}).has_value());
    state.reset();
    auto opened = open(false);
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    state = std::move(opened.value());
    EXPECT_EQ(counter_in(iccid_a, 1), 40 + default_leap);
}

TEST_F(upkeep, inspection_finds_nothing_in_a_sound_store) {
    fill();
    give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    const auto found = inspected();
    EXPECT_EQ(found.cards, 3u);
    EXPECT_EQ(found.open_events, 1u);
    EXPECT_EQ(found.problems, 0u) << problems.front();
}

TEST_F(upkeep, inspection_tells_lost_events_profiles_and_unreadable_keys) {
    fill();
    const auto seq = give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    {
        auto tx = std::move(state->begin().value());
        const store::event_close closes[] = {{seq, 1, "", "", now}};
        ASSERT_TRUE(tx->close_events(closes));
        auto c = std::move(take_card(*tx, desk(), iccid_b).value());
        c.row.profile = "gone";
        c.row.sealed_keys[20] ^= 1;
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
    }
    EXPECT_EQ(inspected().problems, 4u);  // with the ledger's sum
    const auto all = ::testing::PrintToString(problems);
    EXPECT_THAT(all,
                HasSubstr("card " + iccid_a + ": event " + std::to_string(seq) + " is open on the card and final"));
    EXPECT_THAT(all, HasSubstr("card " + iccid_b + ": its profile gone is not configured"));
    EXPECT_THAT(all, HasSubstr("card " + iccid_b + ": its keys cannot be unwrapped"));
    EXPECT_EQ(inspected(false).problems, 3u);
}

TEST_F(upkeep, r22_pruning_deletes_only_what_is_finished_and_old) {
    fill();
    const auto old = give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    const auto open = give(iccid_b, "e2", "./SC/USIM/SPN", "x");
    {
        auto tx = std::move(state->begin().value());
        const store::event_close closes[] = {{old, 1, "", "", now}};
        ASSERT_TRUE(tx->close_events(closes));
        ASSERT_TRUE(tx->commit());
    }
    EXPECT_EQ(prune(*state, now).value(), 0u);
    EXPECT_EQ(prune(*state, now + std::chrono::seconds(1)).value(), 1u);
    EXPECT_EQ(event(open).id, "e2");
}

}  // namespace
}  // namespace ota::cards::testing
