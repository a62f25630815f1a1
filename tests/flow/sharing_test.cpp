// What several instances that look at the same cards may expect of each other.
#include "gateway/flow/receipt.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ota::flow {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t cards = 200;

/// A packet that was recorded, and that no SMSC has taken.
twin recorded(std::int64_t id) {
    twin t;
    packet p;
    p.id = id;
    p.segments = 1;
    p.sendings = 1;
    p.sent_at = wall_time(seconds(100));
    p.check_at = p.sent_at + seconds(1);
    p.closes_at = p.sent_at + seconds(62);
    t.in_flight = p;
    return t;
}

TEST(sharing, an_instance_comes_upon_what_it_holds_also_where_others_look_before_it) {
    card_profile profile;
    profile.answer_timeout = seconds(1);
    std::vector<twin> all;
    for (std::size_t i = 0; i < cards; ++i) all.push_back(recorded(static_cast<std::int64_t>(i) << 22 | 1 << 14));
    std::size_t found = 0;
    // The other one looks every 50 ms and puts off what it does not hold; the one that holds them looks 45 ms after it.
    for (auto now = wall_time(seconds(101)); now < wall_time(seconds(150)) && found < cards; now += milliseconds(50)) {
        for (auto& t : all) {
            const auto due = [&](wall_time at) { return t.in_flight && next_look(t, false, at).value() <= at; };
            effects out;
            if (due(now)) on_look(t, profile, {}, {true, 0}, now, out);
            if (!due(now + milliseconds(45))) continue;
            t.in_flight.reset();
            ++found;
        }
    }
    EXPECT_EQ(found, cards);
}

}  // namespace
}  // namespace ota::flow
