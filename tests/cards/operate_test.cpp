#include "gateway/cards/operate.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/recover.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/tally.hpp"
#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

namespace ota::cards::testing {
namespace {

using queue::event_state;
using store::standing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct operate : room {
    operate() {
        take(header + row(iccid_a, "491700000001") + row(iccid_b, ""));
        now += std::chrono::seconds(10);
    }
    std::vector<std::string> history_of(const std::string& iccid) {
        const auto newest = card(iccid).state.last_history;
        auto tx = std::move(state->begin().value());
        std::vector<std::string> out;
        const auto rows = std::move(tx->history(newest, 10).value());
        for (const auto& h : rows) out.push_back(h.what);
        return out;
    }
};

TEST_F(operate, suspends_a_card_and_lets_the_gateway_look_at_it_at_once) {
    ASSERT_TRUE(suspend(desk(), iccid_a));
    const auto c = card(iccid_a);
    EXPECT_EQ(c.row.is, standing::suspended);
    EXPECT_EQ(c.state.hold, flow::reason::suspended);
    EXPECT_EQ(c.row.due, now);
    EXPECT_THAT(history_of(iccid_a), ElementsAre(R"({"what":"suspended"})"));
}

TEST_F(operate, resumes_a_suspended_card_and_one_in_quarantine) {
    EXPECT_EQ(resume(desk(), iccid_a).error(), make_error_code(errc::not_suspended));
    for (auto is : {standing::suspended, standing::quarantined}) {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid_a).value());
        c.row.is = is;
        c.state.hold = flow::reason::security_refused;
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
        tx.reset();
        ASSERT_TRUE(resume(desk(), iccid_a));
        EXPECT_EQ(card(iccid_a).row.is, standing::active);
        EXPECT_EQ(card(iccid_a).state.hold, "");
    }
}

TEST_F(operate, the_tally_of_quarantined_cards_follows_every_change_of_standing) {
    const auto tally = [&] { return value(flow::quarantined_cards).value_or("0"); };
    for (const auto& iccid : {iccid_a, iccid_b}) {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid).value());
        c.row.is = standing::quarantined;
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));  // once more, the same: counted once
        ASSERT_TRUE(tx->commit());
    }
    EXPECT_EQ(tally(), "2");
    ASSERT_TRUE(resume(desk(), iccid_a));
    EXPECT_EQ(tally(), "1");
    ASSERT_TRUE(suspend(desk(), iccid_b));
    EXPECT_EQ(tally(), "0");
}

TEST_F(operate, repairs_a_card_by_trusting_nothing_that_it_is_thought_to_hold) {
    {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid_a).value());
        auto& node = c.state.nodes[c.state.node_index("./SC/USIM/ACC", false)];
        node.wanted = node.confirmed = true;
        node.desired = node.reported = {1, 2};
        node.blocked = flow::reason::card_refused;
        c.row.is = standing::quarantined;
        c.state.hold = flow::reason::tar_unknown;
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
    }
    ASSERT_TRUE(repair(desk(), iccid_a));
    const auto c = card(iccid_a);
    EXPECT_EQ(c.row.is, standing::active);
    EXPECT_EQ(c.state.hold, "");
    EXPECT_FALSE(c.state.nodes[0].confirmed);
    EXPECT_EQ(c.state.nodes[0].blocked, "");
    EXPECT_TRUE(c.state.has_work());
    EXPECT_EQ(c.row.due, now);
}

TEST_F(operate, leaves_a_suspended_card_suspended_when_it_repairs_it) {
    ASSERT_TRUE(suspend(desk(), iccid_a));
    ASSERT_TRUE(repair(desk(), iccid_a));
    EXPECT_EQ(card(iccid_a).row.is, standing::suspended);
    EXPECT_EQ(card(iccid_a).state.hold, flow::reason::suspended);
}

TEST_F(operate, sets_and_removes_labels_all_or_none) {
    EXPECT_EQ(label(desk(), iccid_a, {"region=north", "a=1"}).value(), "a=1,region=north");
    EXPECT_EQ(label(desk(), iccid_a, {"a-", "b=2"}).value(), "b=2,region=north");
    EXPECT_EQ(label(desk(), iccid_a, {"c=3", "d"}).error(), make_error_code(errc::bad_label));
    EXPECT_EQ(label(desk(), iccid_a, {"k=a,b=c"}).error(), make_error_code(errc::bad_label));
    EXPECT_EQ(card(iccid_a).row.labels, "b=2,region=north");
}

TEST_F(operate, says_that_a_card_is_not_known) {
    EXPECT_EQ(suspend(desk(), iccid_c).error(), make_error_code(errc::unknown_card));
    EXPECT_EQ(replace(desk(), iccid_a, iccid_c, true).error(), make_error_code(errc::unknown_card));
    EXPECT_EQ(replace(desk(), iccid_a, iccid_a, true).error(), make_error_code(errc::same_card));
    EXPECT_EQ(card(iccid_a).row.is, standing::active);
}

TEST_F(operate, r14_lifts_the_pause_of_a_profile) {
    EXPECT_FALSE(resume_profile(desk(), "aes").value());
    set_value("paused/aes", "refused");
    EXPECT_TRUE(resume_profile(desk(), "aes").value());
    EXPECT_EQ(value("paused/aes"), std::nullopt);
}

TEST_F(operate, r21_replaces_a_card_ends_its_events_and_frees_its_number) {
    const auto state_event = give(iccid_a, "e1", "./SC/USIM/SPN", "one");
    const auto get = give(iccid_a, "e2", "./SC/USIM/ACC", "", queue::operation::get);
    const auto did = replace(desk(), iccid_a, iccid_b, false);
    ASSERT_TRUE(did.has_value()) << did.error().message();
    EXPECT_EQ(did.value().ended, 2u);
    EXPECT_EQ(did.value().number, "491700000001");
    for (auto seq : {state_event, get}) {
        EXPECT_EQ(event(seq).state, static_cast<std::uint8_t>(event_state::failed));
        EXPECT_EQ(event(seq).reason, "card-replaced");
    }
    const auto old = card(iccid_a), fresh = card(iccid_b);
    EXPECT_EQ(old.row.is, standing::replaced);
    EXPECT_EQ(old.row.msisdn, "");
    EXPECT_EQ(old.row.due, std::nullopt);
    EXPECT_FALSE(old.state.has_work());
    EXPECT_EQ(fresh.row.msisdn, "491700000001");
    EXPECT_FALSE(fresh.state.has_work());
    const auto statuses = outbox();
    ASSERT_EQ(statuses.size(), 2u);
    EXPECT_EQ(statuses[0].topic, "dm.mo.status");
    EXPECT_EQ(statuses[0].key, iccid_a);
    EXPECT_THAT(statuses[0].value, HasSubstr(R"("card-replaced")"));
}

TEST_F(operate, r21_carries_desired_over_with_reported_unknown) {
    const auto spn = give(iccid_a, "e1", "./SC/USIM/SPN", "carried");
    const auto pin = give(iccid_a, "e2", "./SC/UICC/PIN", "AQIDBA==");
    const auto later =
        give(iccid_a, "e3", "./SC/USIM/ACC", "AQI=", queue::operation::replace, now + std::chrono::hours(1));
    const auto image = card(iccid_a).state.find("./SC/USIM/SPN")->desired;
    const auto did = replace(desk(), iccid_a, iccid_b, true);
    ASSERT_TRUE(did.has_value()) << did.error().message();
    EXPECT_THAT(did.value().carried, ElementsAre("./SC/USIM/SPN", "./SC/UICC/PIN"));
    EXPECT_EQ(event(spn).state, static_cast<std::uint8_t>(event_state::superseded));
    EXPECT_EQ(event(pin).state, static_cast<std::uint8_t>(event_state::superseded));
    EXPECT_EQ(event(later).state, static_cast<std::uint8_t>(event_state::failed));
    const auto fresh = card(iccid_b);
    const auto* node = fresh.state.find("./SC/USIM/SPN");
    ASSERT_NE(node, nullptr);
    EXPECT_TRUE(node->wanted);
    EXPECT_FALSE(node->confirmed);
    EXPECT_EQ(node->desired, image);
    EXPECT_TRUE(fresh.state.find("./SC/UICC/PIN")->secret);
    EXPECT_EQ(fresh.row.due, now);
    send(iccid_b);  // the next packet writes it, without any event
    EXPECT_EQ(card(iccid_b).state.in_flight->carries.size(), 1u);
}

TEST_F(operate, r21_says_of_an_event_in_flight_that_it_may_have_been_applied) {
    const auto seq = give(iccid_a, "e1", "./SC/USIM/SPN", "sent");
    send(iccid_a);
    ASSERT_TRUE(replace(desk(), iccid_a, iccid_b, false));
    EXPECT_THAT(event(seq).detail, HasSubstr("may have been applied"));
    EXPECT_EQ(card(iccid_a).state.in_flight, std::nullopt);
}

TEST_F(operate, leaves_what_the_new_card_was_told_itself) {
    give(iccid_a, "e1", "./SC/USIM/SPN", "old");
    give(iccid_b, "e2", "./SC/USIM/SPN", "new");
    const auto image = card(iccid_b).state.find("./SC/USIM/SPN")->desired;
    ASSERT_TRUE(replace(desk(), iccid_a, iccid_b, true));
    EXPECT_EQ(card(iccid_b).state.find("./SC/USIM/SPN")->desired, image);
    EXPECT_EQ(replace(desk(), iccid_a, iccid_b, true).error(), make_error_code(errc::card_is_replaced));
}

/// The desk of a gateway whose card states are told.
struct told_states : operate {
    [[nodiscard]] cards::desk desk() {
        auto d = room::desk();
        d.card_states = true;
        return d;
    }
    /// "ICCID/NODE state reason reported" of what was told since the last call.
    std::vector<std::string> states() {
        std::vector<std::string> out;
        for (const auto& row : outbox()) {
            if (row.topic != queue::topic_card_state || row.seq <= last) continue;
            last = row.seq;
            const auto data = boost::json::parse(row.value).at("data").as_object();
            const auto* reason = data.if_contains("reason");
            out.push_back(row.key + " " + std::string(data.at("state").as_string()) + " " +
                          (reason == nullptr ? "" : std::string(reason->as_string())) +
                          (data.at("reported").is_null() ? "" : " confirmed"));
        }
        return out;
    }
    /// A node that is as it should be, except that it may be blocked.
    void hold(const std::string& iccid, const std::string& blocked = {}) {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid).value());
        auto& node = c.state.nodes[c.state.node_index("./SC/USIM/ACC", false)];
        node.wanted = node.confirmed = true;
        node.desired = node.reported = {1, 2};
        node.blocked = blocked;
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
    }
    std::int64_t last = 0;
};

TEST_F(told_states, follow_what_the_operators_commands_change) {
    const auto acc = "/SC/USIM/ACC";
    hold(iccid_a);
    EXPECT_THAT(states(), ElementsAre(iccid_a + acc + " in-sync  confirmed"));
    ASSERT_TRUE(suspend(desk(), iccid_a));
    ASSERT_TRUE(resume(desk(), iccid_a));
    EXPECT_THAT(states(), ElementsAre()) << "no node stands elsewhere than before";
    hold(iccid_a, "card-refused");
    EXPECT_THAT(states(), ElementsAre(iccid_a + acc + " blocked card-refused confirmed"));
    hold(iccid_a, "file-not-found");
    EXPECT_THAT(states(), ElementsAre(iccid_a + acc + " blocked file-not-found confirmed"))
        << "R14: another reason is told";
    ASSERT_TRUE(repair(desk(), iccid_a));
    EXPECT_THAT(states(), ElementsAre(iccid_a + acc + " pending "));
    ASSERT_TRUE(replace(desk(), iccid_a, iccid_b, true));
    EXPECT_THAT(states(), ::testing::UnorderedElementsAre(iccid_a + acc + " unmanaged ", iccid_b + acc + " pending "));
}

TEST_F(told_states, of_every_node_are_told_again_when_the_store_is_recovered) {
    hold(iccid_a);
    (void)states();
    ASSERT_TRUE(recover(desk(), default_leap, {}));
    EXPECT_THAT(states(), ElementsAre(iccid_a + "/SC/USIM/ACC pending "));
}

TEST_F(told_states, are_not_told_by_a_gateway_without_topics) {
    hold(iccid_a);
    (void)states();
    ASSERT_TRUE(repair(room::desk(), iccid_a));
    EXPECT_THAT(states(), ElementsAre());
}

}  // namespace
}  // namespace ota::cards::testing
