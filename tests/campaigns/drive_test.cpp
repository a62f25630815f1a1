#include "gateway/campaigns/errc.hpp"
#include "tests/campaigns/campaign_world.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

namespace ota::campaigns::testing {
namespace {

using queue::event_state;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class driving : public world {};

TEST_F(driving, every_card_gets_its_change_once_and_the_report_tells_how_it_ended) {
    add_cards(0, 1200);
    add_cards(1200, 3, "", store::standing::suspended);
    begin();
    run_for(seconds(10), [&](const std::string& iccid) {
        return iccid == world::iccid(7) ? std::pair(event_state::failed, std::string("sw-6a82"))
                                        : std::pair(event_state::applied, std::string());
    });
    const auto p = look().progress;
    EXPECT_EQ(p.is, phase::completed);
    EXPECT_EQ(p.cards, 1203u);
    EXPECT_EQ(p.of(outcome::applied), 1199u);
    EXPECT_EQ(p.of(outcome::failed), 1u);
    EXPECT_EQ(p.of(outcome::skipped), 3u);
    EXPECT_EQ(p.reasons,
              (std::map<std::string, std::size_t, std::less<>>{{"failed/sw-6a82", 1}, {"skipped/suspended", 3}}));
    EXPECT_EQ(log.size(), 1200u);
    EXPECT_EQ(duplicates, 0u);
    const auto failed = cards_of(office(), "spring", outcome::failed, 0, 100).value();
    ASSERT_EQ(failed.cards.size(), 1u);
    EXPECT_EQ(failed.cards[0].iccid, iccid(7));
    EXPECT_EQ(failed.cards[0].reason, "sw-6a82");
}

TEST_F(driving, the_selection_is_what_it_was_at_the_start) {
    add_cards(100, 50, "region=north");
    add_cards(300, 50, "region=south");
    begin("pace: 1/s\n", "{label: region=north}");
    run_for(seconds(5), applied());
    add_cards(0, 20, "region=north");
    add_cards(500, 20, "region=north");
    run_for(seconds(120), applied());
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(look().progress.cards, 50u);
    EXPECT_EQ(of(outcome::applied), 50u);
}

TEST_F(driving, a_list_may_name_cards_that_are_not_there) {
    add_cards(0, 3);
    begin("", "{iccids: [\"" + iccid(1) + "\", \"" + iccid(77) + "\"]}");
    run_for(seconds(5), applied());
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(of(outcome::applied), 1u);
    EXPECT_EQ(look().progress.reasons.at("skipped/unknown-card"), 1u);
}

TEST_F(driving, keeps_the_pace) {
    add_cards(0, 500);
    begin("pace: 10/s\n");
    run_for(seconds(20), applied());
    EXPECT_GE(log.size(), 190u);
    EXPECT_LE(log.size(), 220u);
}

TEST_F(driving, learns_what_became_of_cards_while_it_gives_out_to_others) {
    add_cards(0, 500);
    begin("pace: 10/s\n");
    run_for(seconds(10), applied(), std::chrono::milliseconds(200));
    EXPECT_GE(of(outcome::applied), 60u);
    EXPECT_GE(of(outcome::waiting), 380u);
}

TEST_F(driving, cards_wait_for_the_window_of_their_own_zone) {
    add_cards(0, 5, "tz=Europe/Berlin");    // 13:00
    add_cards(5, 5, "tz=Asia/Tokyo");       // 21:00
    add_cards(10, 5, "tz=Nowhere");         // as the default: 12:00
    add_cards(15, 5, "tz=America/Denver");  // 05:00
    begin("zone: {name: UTC, label: tz}\nwindow: {from: \"09:00\", to: \"18:00\"}\n");
    run_for(seconds(5), applied());
    EXPECT_EQ(of(outcome::applied), 10u);
    const auto waiting = cards_of(office(), "spring", outcome::waiting, 0, 100).value().cards;
    ASSERT_EQ(waiting.size(), 10u);
    EXPECT_EQ(waiting.front().reason, "hours");
    EXPECT_EQ(queue::serialize_timestamp(waiting.front().at), "2027-01-13T00:00:00.000Z");
    EXPECT_EQ(queue::serialize_timestamp(waiting.back().at), "2027-01-12T16:00:00.000Z");
    now = queue::parse_timestamp("2027-01-12T16:00:00Z").value();
    run_for(seconds(5), applied());
    EXPECT_EQ(of(outcome::applied), 15u);
    now = queue::parse_timestamp("2027-01-13T00:00:00Z").value();
    run_for(seconds(5), applied());
    EXPECT_EQ(state_of(), "completed");
}

TEST_F(driving, a_canary_that_fails_stops_the_campaign_before_the_others) {
    add_cards(0, 1000);
    begin("canary: {cards: 20, failure_rate: 0.1}\n");
    run_for(seconds(10),
            [](const std::string&) { return std::pair(event_state::rejected, std::string("unknown-node")); });
    EXPECT_EQ(state_of(), "stopped");
    EXPECT_THAT(look().progress.why, HasSubstr("of 20 cards failed"));
    EXPECT_EQ(log.size(), 20u);
    std::set<std::string> hundreds;
    for (const auto& m : log) hundreds.insert(m.key.substr(0, m.key.size() - 2));
    EXPECT_EQ(hundreds.size(), 10u);  // they are spread over the selection
    ASSERT_TRUE(give(office(), "spring", order::resume));
    run_for(seconds(10), applied());
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(of(outcome::applied), 980u);
}

TEST_F(driving, a_canary_that_ends_well_is_followed_by_the_others) {
    add_cards(0, 1000);
    begin("canary: {share: 0.02, failure_rate: 0.1}\n");
    for (int i = 0; i < 3; ++i) run_for(seconds(1), nothing());
    EXPECT_EQ(log.size(), 20u);
    EXPECT_EQ(state_of(), "canary");
    run_for(seconds(200), applied());
    EXPECT_EQ(of(outcome::applied), 1000u);
}

TEST_F(driving, pause_holds_resume_goes_on) {
    add_cards(0, 100);
    begin("pace: 10/s\n");
    run_for(seconds(3), applied());
    ASSERT_TRUE(give(office(), "spring", order::pause));
    run_for(seconds(2), applied());
    const auto then = log.size();
    EXPECT_LT(then, 60u);
    run_for(seconds(60), applied());
    EXPECT_EQ(log.size(), then);
    EXPECT_EQ(of(outcome::open), 0u);  // what was under way is followed to its end
    EXPECT_EQ(state_of(), "paused");
    ASSERT_TRUE(give(office(), "spring", order::resume));
    run_for(seconds(30), applied());
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(of(outcome::applied), 100u);
}

TEST_F(driving, at_the_end_the_others_get_nothing) {
    add_cards(0, 100);
    begin("pace: 1/s\nend: \"2027-01-12T12:00:20Z\"\n");
    run_for(seconds(60), applied());
    EXPECT_EQ(state_of(), "completed");
    EXPECT_LE(log.size(), 22u);
    EXPECT_EQ(of(outcome::waiting), 100 - log.size());
    EXPECT_THAT(look().progress.why, HasSubstr("the end was reached"));
}

TEST_F(driving, a_log_that_is_away_is_waited_for_and_nothing_is_lost) {
    add_cards(0, 700);
    begin();
    log_is_away = true;
    run_for(seconds(20), applied());
    EXPECT_EQ(log.size(), 0u);
    ASSERT_FALSE(faults_told.empty());
    EXPECT_THAT(faults_told.front(), HasSubstr("cannot be put into the log"));
    log_is_away = false;
    run_for(seconds(200), applied());
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(of(outcome::applied), 700u);
    EXPECT_EQ(faults_told.back(), "");
}

TEST_F(driving, an_event_that_nobody_ever_saw_is_given_up_after_its_life) {
    add_cards(0, 1);
    begin("life: 10m\n");
    log_is_away = true;
    run_for(seconds(2), applied());
    now += hours(2);
    run_for(seconds(2), applied());
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(look().progress.reasons.at("expired/not-seen"), 1u);
}

TEST_F(driving, does_not_run_ahead_of_a_gateway_that_takes_nothing_in) {
    add_cards(0, 7000);
    begin();
    for (int i = 0; i < 20; ++i) {
        settle();
        now += seconds(1);
    }
    EXPECT_EQ(log.size(), 5000u);
    run_for(seconds(300), applied());
    EXPECT_EQ(of(outcome::applied), 7000u);
    EXPECT_EQ(state_of(), "completed");
}

TEST_F(driving, two_campaigns_go_side_by_side) {
    add_cards(0, 300);
    begin("pace: 20/s\n");
    auto other = document("pace: 20/s\n");
    other.name = "summer";
    ASSERT_TRUE(create(office(), other, "test"));
    EXPECT_EQ(create(office(), other, "test").error(), errc::name_taken);
    run_for(seconds(5), applied());
    const auto both = all(office()).value();
    ASSERT_EQ(both.size(), 2u);
    for (const auto& s : both) EXPECT_GE(s.progress.of(outcome::applied), 60u) << s.what.name;
    run_for(seconds(60), applied());
    EXPECT_EQ(running->figures().by_state.at("completed"), 2u);
    EXPECT_EQ(running->figures().cards[static_cast<std::size_t>(outcome::applied)], 600u);
}

/// Dies in every publication that has its turn: before it, or behind it.
class dying : public world {
protected:
    enum class when { never, before, behind };
    wire::result<void> publish(const std::vector<queue::message>& batch) override {
        if (dies == when::before) throw killed();
        auto did = world::publish(batch);
        if (dies == when::behind) throw killed();
        return did;
    }
    void tick_and_die(when how) {
        dies = how;
        try {
            running->tick();
        } catch (const killed&) {
            ++deaths;
        }
        dies = when::never;
        start_anew();  // whatever it did: nothing of its memory stays
    }
    when dies = when::never;
    std::size_t deaths = 0;
};

TEST_F(dying, a_kill_at_every_step_neither_loses_nor_doubles) {
    add_cards(0, 1300);
    begin("canary: {cards: 10, failure_rate: 0.5}\n");
    for (int round = 0; round < 2000 && state_of() != "completed"; ++round) {
        tick_and_die(static_cast<when>(round % 3));
        take_in(applied());
        now += seconds(1);
    }
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(of(outcome::applied), 1300u);
    EXPECT_EQ(contents.size(), 1300u);
    EXPECT_GE(deaths, 5u);
}

TEST_F(dying, a_kill_while_it_is_cancelled_ends_what_waits) {
    add_cards(0, 30);
    begin("pace: 5/s\n");
    run_for(seconds(2), nothing());
    ASSERT_TRUE(give(office(), "spring", order::cancel));
    for (int round = 0; round < 200 && state_of() != "cancelled"; ++round) {
        tick_and_die(static_cast<when>(round % 3));
        take_in(round < 20 ? nothing() : applied());
        now += seconds(5);
    }
    EXPECT_EQ(state_of(), "cancelled");
    EXPECT_EQ(of(outcome::open), 0u);
    EXPECT_GT(of(outcome::waiting), 0u);
    EXPECT_EQ(contents.size(), 30 - of(outcome::waiting));
}

TEST_F(driving, of_many_cards_only_a_summary_stays_in_memory) {
    const std::size_t many = std::getenv("OTAGW_LONG") != nullptr ? 1'000'000 : 20'000;
    for (std::size_t first = 0; first < many; first += 10'000) add_cards(first, 10'000);
    begin();
    for (int i = 0; i < 100'000 && state_of() != "completed"; ++i) {
        settle();
        take_in(applied());
        log.clear();
        taken = 0;
        now += seconds(1);
    }
    EXPECT_EQ(of(outcome::applied), many);
    auto tx = std::move(state->begin().value());
    const auto kept = tx->values("campaign").value();
    std::size_t octets = 0, largest = 0;
    for (const auto& [name, value] : kept) {
        octets += value.size();
        largest = std::max(largest, value.size());
    }
    EXPECT_EQ(kept.size(), 3 + many / chunk_size);
    EXPECT_LT(octets / many, 40u);
    EXPECT_LT(largest, chunk_size * 40);
}

}  // namespace
}  // namespace ota::campaigns::testing
