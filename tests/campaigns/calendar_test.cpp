#include "gateway/campaigns/calendar.hpp"
#include "queue/timestamp.hpp"

#include <gtest/gtest.h>

namespace ota::campaigns {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

wall_time at(const char* text) { return queue::parse_timestamp(text).value(); }
std::string text(std::optional<wall_time> t) { return t ? queue::serialize_timestamp(*t) : "never"; }

opening window(int from, int to, std::uint8_t days = 0x7F) {
    return {day_hours{hours(from), hours(to), days}, std::nullopt};
}

TEST(calendar, knows_the_zones_of_the_machine_and_no_others) {
    EXPECT_TRUE(is_zone("Europe/Berlin"));
    EXPECT_TRUE(is_zone("UTC"));
    EXPECT_FALSE(is_zone("Europe/Atlantis"));
    EXPECT_FALSE(is_zone(""));
}

TEST(calendar, a_window_is_read_on_the_clock_of_the_zone) {
    const auto day = window(9, 17);
    EXPECT_FALSE(is_open(day, "Europe/Berlin", at("2027-01-12T07:59:59Z")));
    EXPECT_TRUE(is_open(day, "Europe/Berlin", at("2027-01-12T08:00:00Z")));
    EXPECT_FALSE(is_open(day, "Europe/Berlin", at("2027-01-12T16:00:00Z")));
    EXPECT_TRUE(is_open(day, "Europe/Berlin", at("2027-07-12T07:00:00Z")));  // summer time
    EXPECT_TRUE(is_open(day, "Asia/Kolkata", at("2027-01-12T03:30:00Z")));
    EXPECT_FALSE(is_open(day, "Asia/Kolkata", at("2027-01-12T03:29:00Z")));
}

TEST(calendar, a_window_over_midnight_belongs_to_the_day_on_which_it_begins) {
    const auto monday_night = window(22, 2, 0x01);
    EXPECT_FALSE(is_open(monday_night, "UTC", at("2027-01-11T01:00:00Z")));  // Monday, but Sunday's night
    EXPECT_TRUE(is_open(monday_night, "UTC", at("2027-01-11T22:00:00Z")));
    EXPECT_TRUE(is_open(monday_night, "UTC", at("2027-01-12T01:59:59Z")));
    EXPECT_FALSE(is_open(monday_night, "UTC", at("2027-01-12T02:00:00Z")));
    EXPECT_FALSE(is_open(monday_night, "UTC", at("2027-01-12T22:00:00Z")));
    EXPECT_EQ(text(next_opening(monday_night, "UTC", at("2027-01-12T02:00:00Z"))), "2027-01-18T22:00:00.000Z");
}

TEST(calendar, quiet_hours_close_the_window) {
    opening both = window(8, 20);
    both.quiet = day_hours{hours(12), hours(14), 0x7F};
    EXPECT_EQ(text(next_opening(both, "UTC", at("2027-01-12T12:30:00Z"))), "2027-01-12T14:00:00.000Z");
    EXPECT_EQ(text(next_opening(both, "UTC", at("2027-01-12T20:00:00Z"))), "2027-01-13T08:00:00.000Z");
    EXPECT_EQ(text(next_opening(both, "UTC", at("2027-01-12T09:00:00Z"))), "2027-01-12T09:00:00.000Z");
}

TEST(calendar, what_never_opens_says_so) {
    opening never = window(8, 10);
    never.quiet = day_hours{hours(7), hours(11), 0x7F};
    EXPECT_EQ(text(next_opening(never, "UTC", at("2027-01-12T12:30:00Z"))), "never");
}

TEST(calendar, an_hour_that_is_left_out_in_spring_opens_when_the_clock_is_put_forward) {
    // Berlin, 28 March 2027: 02:00 becomes 03:00 at 01:00 UTC.
    const opening half_past_two{day_hours{minutes(150), hours(6), 0x7F}, std::nullopt};
    EXPECT_EQ(text(next_opening(half_past_two, "Europe/Berlin", at("2027-03-28T00:30:00Z"))),
              "2027-03-28T01:00:00.000Z");
}

TEST(calendar, an_hour_that_comes_twice_in_autumn_is_quiet_twice) {
    // Berlin, 31 October 2027: 03:00 becomes 02:00 at 01:00 UTC.
    const opening o{std::nullopt, day_hours{hours(2), minutes(150), 0x7F}};
    EXPECT_FALSE(is_open(o, "Europe/Berlin", at("2027-10-31T00:15:00Z")));
    EXPECT_TRUE(is_open(o, "Europe/Berlin", at("2027-10-31T00:45:00Z")));
    EXPECT_FALSE(is_open(o, "Europe/Berlin", at("2027-10-31T01:15:00Z")));
    EXPECT_EQ(text(next_opening(o, "Europe/Berlin", at("2027-10-31T01:15:00Z"))), "2027-10-31T01:30:00.000Z");
}

TEST(calendar, a_clock_that_is_put_back_into_the_window_opens_it_again) {
    const opening o = window(1, 3);  // open from 01:00 to 03:00; at 03:00 it is 02:00 again
    EXPECT_TRUE(is_open(o, "Europe/Berlin", at("2027-10-31T00:59:00Z")));
    EXPECT_TRUE(is_open(o, "Europe/Berlin", at("2027-10-31T01:00:00Z")));
    EXPECT_FALSE(is_open(o, "Europe/Berlin", at("2027-10-31T02:00:00Z")));
    const opening early = {day_hours{hours(1), minutes(150), 0x7F}, std::nullopt};
    EXPECT_EQ(text(next_opening(early, "Europe/Berlin", at("2027-10-31T00:40:00Z"))), "2027-10-31T01:00:00.000Z");
}

TEST(calendar, a_day_has_the_hours_that_its_zone_gives_it) {
    EXPECT_EQ(
        next_day("Europe/Berlin", at("2027-03-28T12:00:00Z")) - day_begins("Europe/Berlin", at("2027-03-28T12:00:00Z")),
        hours(23));
    EXPECT_EQ(
        next_day("Europe/Berlin", at("2027-10-31T12:00:00Z")) - day_begins("Europe/Berlin", at("2027-10-31T12:00:00Z")),
        hours(25));
    EXPECT_EQ(text(day_begins("Pacific/Auckland", at("2027-01-12T12:00:00Z"))), "2027-01-12T11:00:00.000Z");
}

TEST(calendar, open_time_is_summed_over_nights_and_weekends) {
    const auto week = window(9, 17, 0x1F);
    EXPECT_EQ(open_time(week, "UTC", at("2027-01-11T00:00:00Z"), at("2027-01-18T00:00:00Z")), hours(40));
    EXPECT_EQ(text(after_open_time(week, "UTC", at("2027-01-15T16:00:00Z"), hours(2))), "2027-01-18T10:00:00.000Z");
    EXPECT_EQ(text(after_open_time({}, "UTC", at("2027-01-15T16:00:00Z"), hours(2))), "2027-01-15T18:00:00.000Z");
}

}  // namespace
}  // namespace ota::campaigns
