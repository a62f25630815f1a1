#include "gateway/cli/top_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace ota::cli {
namespace {

using testing::HasSubstr;
constexpr auto noon = std::chrono::system_clock::time_point(std::chrono::sys_days(std::chrono::March / 1 / 2026) +
                                                            std::chrono::hours(12));

instance_look look(int seconds, int taken, const std::string& more) {
    return {noon + std::chrono::seconds(seconds),
            scrape::parse("otagw_build_info{version=\"1.2\"} 1\notagw_events_taken_total " + std::to_string(taken) +
                          '\n' + more),
            {},
            {}};
}

TEST(top, tells_rates_of_the_time_between_two_looks) {
    const auto f = compare(look(0, 100, ""), look(2, 10'100, ""));
    EXPECT_EQ(f.rates.front(), std::pair(std::string("taken"), 5000.0));
    EXPECT_EQ(f.version, "1.2");
    const auto again = compare(look(0, 10'100, ""), look(2, 100, ""));
    EXPECT_EQ(again.rates.front().second, 50) << "the instance was started again";
}

TEST(top, draws_routes_with_their_window_and_says_why_it_is_not_ready) {
    auto now = look(1, 0,
                    "otagw_route_binds_up{route=\"a\"} 1\notagw_route_binds_here{route=\"a\"} "
                    "2\notagw_route_window{route=\"a\"} 200\n"
                    "otagw_route_window_used{route=\"a\"} 50\notagw_route_queued{route=\"a\"} "
                    "1234567\notagw_reasons_total{reason=\"card-refused\"} 12\n"
                    "otagw_events_closed_total{state=\"applied\"} 9\notagw_oldest_unreconciled_seconds 5400\n");
    now.objections.emplace_back("routes: no route has a bind");
    const auto f = compare(look(0, 0, ""), now);
    std::string view;
    for (const auto& line : lines_of(f, "http://x:1", now.at, 200)) view += line + '\n';
    EXPECT_THAT(view, HasSubstr("NOT READY"));
    EXPECT_THAT(view, HasSubstr("routes: no route has a bind"));
    EXPECT_THAT(view, HasSubstr("[#####...............] 50/200"));
    EXPECT_THAT(view, HasSubstr("1,234,567"));
    EXPECT_THAT(view, HasSubstr("oldest 90 min"));
    EXPECT_THAT(view, HasSubstr("card-refused 12"));
    for (const auto& line : lines_of(f, "http://x:1", now.at, 40)) EXPECT_LE(line.size(), 40u);
}

TEST(top, gives_scripts_the_same_with_the_overview_of_the_api) {
    const auto f = compare(look(0, 0, ""), look(1, 7, ""));
    const auto said = boost::json::parse(json_of(f, "http://x:1", noon, R"({"cards":3})"));
    EXPECT_EQ(said.at("rates").at("taken").to_number<int>(), 7);
    EXPECT_EQ(said.at("ready").as_bool(), true);
    EXPECT_TRUE(said.at("oldest_unreconciled_s").is_null());
    EXPECT_TRUE(said.at("times").at("proof").at("p99_s").is_null());
    EXPECT_EQ(said.at("overview").at("cards").to_number<int>(), 3);
    EXPECT_EQ(said.at("at").as_string(), "2026-03-01T12:00:00.000Z");
    EXPECT_FALSE(boost::json::parse(json_of(f, "", noon, "not JSON")).as_object().contains("overview"));
}

}  // namespace
}  // namespace ota::cli
