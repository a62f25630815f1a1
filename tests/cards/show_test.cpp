#include "gateway/cards/show.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/explain.hpp"
#include "gateway/cards/operate.hpp"
#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>

namespace ota::cards::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct show : room {
    show() {
        take(header + row(iccid_a, "491700000001", "aes", ",,region=north") + row(iccid_b, "491700000002", "des") +
             row(iccid_c, "491700000003", "aes", ",,region=south"));
        now += std::chrono::seconds(10);
    }
    std::string text_of(const std::string& iccid) {
        std::ostringstream out;
        print_sheet(look_up(desk(), iccid).value(), out);
        return out.str();
    }
    std::string explained(const std::string& iccid) {
        const auto sheet = std::move(look_up(desk(), iccid).value());
        const auto at = profiles.find(sheet.row.profile);
        std::ostringstream out;
        print_explanation(explain(sheet, at == profiles.end() ? nullptr : at->second.get(), now), out);
        return out.str();
    }
    std::string listed(const store::card_filter& filter) {
        std::string out;
        const auto rows = std::move(list(desk(), filter).value());
        for (const auto& row : rows) {
            EXPECT_TRUE(row.sealed_keys.empty());
            out += row.iccid.substr(16) + " ";
        }
        return out;
    }
    void hold(const std::string& iccid, std::string_view why) {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid).value());
        c.row.is = store::standing::quarantined;
        c.state.hold = why;
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
    }
};

TEST_F(show, tells_everything_about_a_card_but_its_secrets) {
    give(iccid_a, "change-1", "./SC/USIM/SPN", "SPN text");
    give(iccid_a, "change-2", "./SC/UICC/PIN", "AQIDBA==");
    send(iccid_a);
    const auto sheet = std::move(look_up(desk(), iccid_a).value());
    const auto json = serialize_sheet(sheet);
    for (const auto& text : {text_of(iccid_a), json}) {
        EXPECT_THAT(text, HasSubstr(iccid_a));
        EXPECT_THAT(text, HasSubstr("491700000001"));
        EXPECT_THAT(text, HasSubstr("change-1"));
        EXPECT_THAT(text, HasSubstr("0000000001"));  // the counter that was reserved
        EXPECT_THAT(text, Not(HasSubstr(kic_16)));
        EXPECT_THAT(text, Not(HasSubstr("01020304")));
    }
    ASSERT_EQ(sheet.nodes.size(), 2u);
    EXPECT_EQ(sheet.nodes[0].desired.size, 17u);
    EXPECT_EQ(sheet.nodes[0].desired.digest.size(), 16u);
    EXPECT_TRUE(sheet.nodes[1].secret);
    EXPECT_EQ(sheet.nodes[1].desired.digest, "");  // four digits would be found by trying
    ASSERT_TRUE(sheet.in_flight.has_value());
    EXPECT_TRUE(sheet.in_flight->sealed.empty());
    EXPECT_THAT(json, HasSubstr(R"("keys":[{"kvn":1,"mac_length":8}])"));
    EXPECT_THAT(json, HasSubstr(R"("phase":"in-flight")"));
}

TEST_F(show, finds_the_card_that_has_a_number_now) {
    EXPECT_EQ(holder_of(desk(), "+491700000002").value(), iccid_b);
    EXPECT_EQ(holder_of(desk(), "491709999999").error(), make_error_code(errc::unknown_card));
    take(header + row(iccid_c, "491700000002"));
    EXPECT_EQ(holder_of(desk(), "491700000002").value(), iccid_c);
}

TEST_F(show, lists_cards_by_profile_label_standing_and_page) {
    ASSERT_TRUE(suspend(desk(), iccid_c));
    EXPECT_EQ(listed({}), "018 026 034 ");
    EXPECT_EQ(listed({.profile = "aes"}), "018 034 ");
    EXPECT_EQ(listed({.label = "region"}), "018 034 ");
    EXPECT_EQ(listed({.label = "region=south"}), "034 ");
    EXPECT_EQ(listed({.msisdn = "491700000002"}), "026 ");
    EXPECT_EQ(listed({.is = store::standing::suspended}), "034 ");
    EXPECT_EQ(listed({.after_iccid = iccid_a, .limit = 1}), "026 ");
    EXPECT_EQ(listed({.iccid_prefix = "894900000000000002", .after_iccid = iccid_a}), "026 ");
    EXPECT_EQ(listed({.iccid_prefix = "8949", .after_iccid = iccid_b}), "034 ");
    EXPECT_EQ(listed({.iccid_prefix = "894900000000000001", .after_iccid = iccid_b}), "");
    EXPECT_EQ(listed({.limit = 0}), "");
}

TEST_F(show, says_that_keys_cannot_be_read_with_another_key) {
    const auto other = kek_of(0x43);
    const auto sheet = std::move(look_up(desk_on(*state, other), iccid_a).value());
    EXPECT_FALSE(sheet.keys_readable);
    EXPECT_TRUE(sheet.keys.empty());
}

using explaining = show;

TEST_F(explaining, a_card_without_work_waits_for_nothing_and_nobody) {
    EXPECT_THAT(explained(iccid_a), HasSubstr("Nothing waits"));
    EXPECT_THAT(explained(iccid_a), HasSubstr("Who must act\n  nobody"));
}

TEST_F(explaining, a_packet_in_flight_waits_for_its_proof_and_says_when_it_is_repeated) {
    give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    EXPECT_THAT(explained(iccid_a), HasSubstr("1 event(s) wait for their packet"));
    EXPECT_THAT(explained(iccid_a), HasSubstr("next look"));
    send(iccid_a);
    const auto text = explained(iccid_a);
    EXPECT_THAT(text, HasSubstr("in flight since " + std::string("2027-01-15T08:00:10.000Z")));
    EXPECT_THAT(text, HasSubstr("sent again at 2027-01-15T08:15:10.000Z"));
    EXPECT_THAT(text, HasSubstr("closed at"));
    EXPECT_THAT(text, HasSubstr("nobody"));
}

TEST_F(explaining, a_quarantine_names_its_reason_and_the_actor_of_the_table) {
    hold(iccid_a, "counter-blocked");
    const auto text = explained(iccid_a);
    EXPECT_THAT(text, HasSubstr("in quarantine: the card says that its counter is blocked (counter-blocked)"));
    EXPECT_THAT(text, HasSubstr("card issuer: remove the cause; then `otagw cards resume " + iccid_a));
}

TEST_F(explaining, a_suspension_a_paused_profile_and_a_missing_number_are_the_operators) {
    ASSERT_TRUE(suspend(desk(), iccid_a));
    EXPECT_THAT(explained(iccid_a), HasSubstr("operator: `otagw cards resume " + iccid_a));
    set_value("paused/des", "unanswered");
    EXPECT_THAT(explained(iccid_b),
                HasSubstr("profile des is paused: too many of its last cards ended alike (unanswered)"));
    EXPECT_THAT(explained(iccid_b), HasSubstr("`otagw cards resume --profile des`"));
    now += std::chrono::seconds(1);
    take(header + row(iccid_c, "491700000001"));
    EXPECT_THAT(explained(iccid_a), HasSubstr("no number"));
}

TEST_F(explaining, a_blocked_node_says_what_would_try_again) {
    {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid_a).value());
        c.state.nodes[c.state.node_index("./SC/USIM/ACC", false)].blocked = "card-refused";
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
    }
    const auto text = explained(iccid_a);
    EXPECT_THAT(text, HasSubstr("Node ./SC/USIM/ACC is blocked"));
    EXPECT_THAT(text, HasSubstr("`otagw cards repair " + iccid_a));
}

TEST_F(explaining, a_deferred_event_waits_for_its_time) {
    give(iccid_a, "e1", "./SC/USIM/SPN", "x", queue::operation::replace, now + std::chrono::hours(1));
    EXPECT_THAT(explained(iccid_a), HasSubstr("Event e1 waits for its time, 2027-01-15T09:00:10.000Z"));
}

TEST_F(explaining, a_replaced_card_gets_nothing_any_more) {
    ASSERT_TRUE(replace(desk(), iccid_a, iccid_b, false));
    EXPECT_THAT(explained(iccid_a), HasSubstr("was replaced"));
    const auto sheet = std::move(look_up(desk(), iccid_a).value());
    EXPECT_THAT(serialize_explanation(explain(sheet, nullptr, now), iccid_a), HasSubstr(R"("act":[])"));
}

}  // namespace
}  // namespace ota::cards::testing
