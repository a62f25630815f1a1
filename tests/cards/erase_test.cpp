#include "gateway/cards/errc.hpp"
#include "gateway/cards/events.hpp"
#include "gateway/cards/inspect.hpp"
#include "gateway/cards/operate.hpp"
#include "gateway/cards/show.hpp"
#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace ota::cards::testing {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct erasing : room {
    erasing() { take(header + row(iccid_a, "491700000001", "aes", ",,region=north") + row(iccid_b, "491700000002")); }
};

TEST_F(erasing, leaves_nothing_of_a_card_but_that_it_was) {
    (void)give(iccid_a, "1", "./SC/USIM/ACC", "qqs=");
    ASSERT_TRUE(suspend(desk(), iccid_a));
    ASSERT_TRUE(erase(desk(), iccid_a));
    const auto left = card(iccid_a);
    EXPECT_EQ(left.row.is, store::standing::erased);
    EXPECT_THAT(left.row.msisdn, IsEmpty());
    EXPECT_THAT(left.row.labels, IsEmpty());
    EXPECT_TRUE(left.row.sealed_keys.empty());
    EXPECT_TRUE(left.state.nodes.empty());
    EXPECT_TRUE(left.state.counters.empty());
    EXPECT_FALSE(left.row.due);
    const auto timeline = timeline_of(desk(), iccid_a, 10);
    ASSERT_TRUE(timeline);
    ASSERT_EQ(timeline.value().size(), 1u);
    EXPECT_EQ(timeline.value().front().row.what, R"({"what":"erased"})");
    EXPECT_EQ(holder_of(desk(), "491700000001").error(), make_error_code(errc::unknown_card));
    EXPECT_EQ(card(iccid_b).row.is, store::standing::active);
}

TEST_F(erasing, ends_open_events_with_a_reason_of_its_own) {
    const auto waiting = give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    const auto ended = erase(desk(), iccid_a);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended.value(), 1u);
    EXPECT_EQ(event(waiting).state, static_cast<std::uint8_t>(queue::event_state::rejected));
    EXPECT_EQ(event(waiting).reason, "card-erased");
    EXPECT_THAT(outbox().back().value, HasSubstr("card-erased")) << "whoever sent it is told";
    EXPECT_EQ(events_of(desk(), iccid_a, 10).value().size(), 1u) << "a repeat of it is still known";
}

TEST_F(erasing, says_of_an_event_in_flight_that_it_may_have_been_applied) {
    const auto sent = give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    send(iccid_a);
    ASSERT_TRUE(erase(desk(), iccid_a));
    EXPECT_THAT(event(sent).detail, HasSubstr("may have been applied"));
    EXPECT_FALSE(card(iccid_a).state.in_flight);
}

TEST_F(erasing, is_for_good) {
    ASSERT_TRUE(erase(desk(), iccid_a));
    const auto gone = make_error_code(errc::card_is_erased);
    EXPECT_EQ(suspend(desk(), iccid_a).error(), gone);
    EXPECT_EQ(repair(desk(), iccid_a).error(), gone);
    EXPECT_EQ(replace(desk(), iccid_a, iccid_b, false).error(), gone);
    EXPECT_EQ(replace(desk(), iccid_b, iccid_a, false).error(), gone);
    const auto again = take(header + row(iccid_a, "491700000001"));
    EXPECT_EQ(again.rejected, 1u);
    EXPECT_THAT(told(), HasSubstr("the card was erased"));
    EXPECT_EQ(erase(desk(), iccid_a).value(), 0u) << "once more does no harm";
    EXPECT_EQ(erase(desk(), iccid_c).error(), make_error_code(errc::unknown_card));
}

TEST_F(erasing, leaves_a_store_in_which_a_check_finds_no_fault) {
    (void)give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    ASSERT_TRUE(erase(desk(), iccid_a));
    const auto found = inspect(desk(), true, [](const std::string& what) { ADD_FAILURE() << what; });
    ASSERT_TRUE(found);
    EXPECT_EQ(found.value().problems, 0u);
}

TEST_F(erasing, overwrites_earlier_rows_of_the_card_in_the_file) {
    const folder place;
    const auto path = (place.path / "store.db").string();
    const auto labelled = "region=nowhere-else-written";
    {
        auto on_disk = std::move(store::open_sqlite({path}).value());
        std::swap(state, on_disk);
        take(header + row(iccid_c, "491700000009", "aes", std::string(",,") + labelled));
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(suspend(desk(), iccid_c));
            ASSERT_TRUE(resume(desk(), iccid_c));
        }
        ASSERT_TRUE(erase(desk(), iccid_c));
        std::swap(state, on_disk);
    }
    std::string octets;
    for (const auto& entry : std::filesystem::directory_iterator(place.path)) {
        std::ifstream in(entry.path(), std::ios::binary);
        octets.append(std::istreambuf_iterator<char>(in), {});
    }
    EXPECT_THAT(octets, HasSubstr("aes")) << "the file is what was looked at";
    EXPECT_THAT(octets, Not(HasSubstr("nowhere-else-written")));
}

}  // namespace ota::cards::testing
