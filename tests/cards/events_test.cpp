#include "gateway/cards/events.hpp"

#include "gateway/cards/operate.hpp"
#include "gateway/flow/in_flight.hpp"
#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>

namespace ota::cards::testing {
namespace {

using queue::event_state;
using ::testing::HasSubstr;

struct events : room {
    events() {
        take(header + row(iccid_a, "491700000001") + row(iccid_b, "491700000002"));
        now += std::chrono::seconds(10);
    }
    std::vector<store::event_row> find(const std::string& id, const std::string& source = {},
                                       const std::vector<std::string>& guesses = {}) {
        return std::move(find_events(desk(), id, source, guesses).value());
    }
};

TEST_F(events, are_found_by_source_by_guess_and_by_walking_the_cards) {
    const auto seq = give(iccid_b, "e1", "./SC/USIM/SPN", "x");
    for (const auto& found : {find("e1", "//dm"), find("e1", {}, {"//other", "//dm"}), find("e1")}) {
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found[0].seq, seq);
    }
    EXPECT_TRUE(find("e1", "//other").empty());
    EXPECT_TRUE(find("e2").empty());
}

TEST(sources, that_are_known_are_those_of_rules_tokens_campaigns_and_publish_each_once) {
    gateway_settings s;
    s.sources = {{"//dm", {}}, {"urn:*", {}}, {"api/billing", {}}};
    s.http.tokens = {{"billing", api_role::operate, "new.token"}, {"billing", api_role::operate, "old.token"}};
    EXPECT_THAT(known_sources(s),
                ::testing::UnorderedElementsAre("//dm", "api/billing", "otagw-publish", "otagw/campaigns"));
}

TEST_F(events, are_listed_per_card_newest_first) {
    give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    give(iccid_b, "e2", "./SC/USIM/SPN", "x");
    give(iccid_a, "e3", "./SC/USIM/ACC", "AQI=");
    const auto rows = std::move(events_of(desk(), iccid_a, 10).value());
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].id, "e3");
    EXPECT_EQ(rows[1].id, "e1");
    EXPECT_EQ(events_of(desk(), iccid_a, 1).value().size(), 1u);
}

TEST_F(events, are_shown_with_their_phase_and_what_their_card_did_meanwhile) {
    ASSERT_TRUE(suspend(desk(), iccid_a));
    ASSERT_TRUE(resume(desk(), iccid_a));
    now += std::chrono::seconds(1);
    const auto seq = give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    now += std::chrono::seconds(1);
    ASSERT_TRUE(repair(desk(), iccid_a));
    const auto sheet = std::move(look_up_event(desk(), event(seq)).value());
    EXPECT_EQ(sheet.phase, "waiting");
    ASSERT_EQ(sheet.history.size(), 1u);
    EXPECT_EQ(sheet.history[0].row.what, R"({"what":"repaired"})");
    EXPECT_THAT(serialize_event_sheet(sheet), HasSubstr(R"("state":"open","final":false)"));
    EXPECT_THAT(serialize_event_sheet(sheet), HasSubstr(R"("entry":{"what":"repaired"})"));
    std::ostringstream out;
    print_event_sheet(sheet, out);
    EXPECT_THAT(out.str(), HasSubstr("change    replace ./SC/USIM/SPN"));
}

TEST_F(events, tell_of_their_packets_and_what_the_receipts_said_of_its_short_messages) {
    const auto seq = give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    send(iccid_a);
    const auto packet = card(iccid_a).state.in_flight->id;
    now += std::chrono::seconds(1);
    auto tx = std::move(state->begin().value());
    auto c = std::move(take_card(*tx, desk(), iccid_a).value());
    flow::note(c.fx, c.state, *c.state.in_flight, "unanswered");
    flow::note(c.fx, c.state, *c.state.in_flight, "repeat");
    const store::submission_row sent[] = {{packet, 0, 0, c.row.id, "north", "17", now, 2, now},
                                          {packet, 0, 1, c.row.id, "south", "", now, 0, {}}};
    ASSERT_TRUE(tx->insert_submissions(sent));
    ASSERT_TRUE(put_card(*tx, desk(), c, true, ids));
    ASSERT_TRUE(tx->commit());
    tx.reset();

    const auto timeline = std::move(timeline_of(desk(), iccid_a, 10).value());
    ASSERT_GE(timeline.size(), 2u);
    EXPECT_THAT(timeline[0].row.what,
                HasSubstr(R"("spi":"1619","kic":"12","kid":"12","tar":"b00011","carries":["write ./SC/USIM/SPN"]})"));
    EXPECT_EQ(timeline[0].submissions.size(), 2u);
    EXPECT_TRUE(timeline[1].submissions.empty()) << "they stand at the packet's newest line";
    const auto sheet = std::move(look_up_event(desk(), event(seq)).value());
    const auto text = serialize_event_sheet(sheet);
    EXPECT_THAT(text, HasSubstr(R"({"segment":1,"sending":1,"route":"north","message_id":"17",)"));
    EXPECT_THAT(text, HasSubstr(R"("receipt":"delivered")"));
    EXPECT_THAT(text, HasSubstr(R"({"segment":1,"sending":2,"route":"south","message_id":"",)"));
    std::ostringstream out;
    print_event_sheet(sheet, out);
    EXPECT_THAT(out.str(), HasSubstr("segment 1, sending 1, by north as 17: delivered "));
    EXPECT_THAT(out.str(), HasSubstr("segment 1, sending 2, by south\n"));
}

TEST_F(events, that_wait_can_be_cancelled_and_their_status_goes_out) {
    const auto seq = give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    EXPECT_EQ(cancel_event(desk(), seq).value(), cancel_outcome::cancelled);
    EXPECT_EQ(event(seq).state, static_cast<std::uint8_t>(event_state::rejected));
    EXPECT_EQ(event(seq).reason, "cancelled");
    const auto c = card(iccid_a);
    EXPECT_TRUE(c.state.events.empty());
    EXPECT_FALSE(c.state.has_work());
    ASSERT_EQ(outbox().size(), 1u);
    EXPECT_THAT(outbox()[0].value, HasSubstr(R"("e1/rejected/0")"));
    EXPECT_EQ(cancel_event(desk(), seq).value(), cancel_outcome::final_already);
    EXPECT_EQ(outbox().size(), 1u);
    const auto sheet = std::move(look_up_event(desk(), event(seq)).value());
    std::ostringstream out;
    print_event_sheet(sheet, out);
    EXPECT_THAT(out.str(), HasSubstr("cancelled by an operator before it was sent"));
}

TEST_F(events, r16_in_flight_are_decided_by_their_own_proof) {
    const auto seq = give(iccid_a, "e1", "./SC/USIM/SPN", "x");
    send(iccid_a);
    EXPECT_EQ(cancel_event(desk(), seq).value(), cancel_outcome::in_flight);
    EXPECT_EQ(event(seq).state, static_cast<std::uint8_t>(event_state::open));
    EXPECT_TRUE(outbox().empty());
    EXPECT_EQ(cancel_event(desk(), seq + 1).value(), cancel_outcome::not_found);
}

}  // namespace
}  // namespace ota::cards::testing
