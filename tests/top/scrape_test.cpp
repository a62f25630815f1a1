#include "gateway/cli/scrape.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace ota::cli {
namespace {

const std::string text =
    "# HELP a_total A.\n# TYPE a_total counter\na_total 3\n"
    "b{route=\"x\",state=\"1\"} 2\nb{route=\"x\",state=\"2\"} 3\nb{route=\"y \\\"q\\\" \\\\ \\n\"} 5.5\n"
    "h_bucket{stage=\"s\",le=\"0.1\"} 1\nh_bucket{stage=\"s\",le=\"1\"} 9\nh_bucket{stage=\"s\",le=\"+Inf\"} 10\n"
    "h_bucket{stage=\"t\",le=\"0.1\"} 4\nh_bucket{stage=\"t\",le=\"1\"} 4\nh_bucket{stage=\"t\",le=\"+Inf\"} 4\n"
    "broken{a=\"b\nnot a number x\n\nlast NaN";

TEST(scrape, reads_series_and_labels) {
    const auto s = scrape::parse(text);
    EXPECT_EQ(s.sum("a_total"), 3);
    EXPECT_EQ(s.sum("b"), 10.5);
    EXPECT_EQ(s.sum("none"), 0);
    EXPECT_EQ(s.by("b", "route"), (std::map<std::string, double, std::less<>>{{"x", 5}, {"y \"q\" \\ \n", 5.5}}));
    EXPECT_TRUE(std::isnan(s.sum("last")));
    EXPECT_TRUE(scrape::parse("<html>nothing</html>").empty());
}

TEST(scrape, reads_histograms_of_one_label_or_of_all) {
    const auto s = scrape::parse(text);
    EXPECT_EQ(s.buckets("h", "stage", "s"), (std::map<double, double>{{0.1, 1}, {1, 9}, {INFINITY, 10}}));
    EXPECT_EQ(s.buckets("h"), (std::map<double, double>{{0.1, 5}, {1, 13}, {INFINITY, 14}}));
}

TEST(scrape, tells_quantiles_of_what_happened_in_between) {
    const std::map<double, double> before{{0.1, 1}, {1, 1}, {INFINITY, 1}}, now{{0.1, 1}, {1, 9}, {INFINITY, 11}};
    EXPECT_NEAR(quantile(0.5, before, now).value(), 0.1 + 0.9 * 5 / 8, 1e-9);
    EXPECT_EQ(quantile(0.99, before, now), 1) << "above the last bound: at least that";
    EXPECT_FALSE(quantile(0.5, now, now));
    EXPECT_FALSE(quantile(0.5, {}, {}));
    EXPECT_NEAR(quantile(0.5, {}, {{0.1, 4}, {INFINITY, 4}}).value(), 0.05, 1e-9);
}

}  // namespace
}  // namespace ota::cli
