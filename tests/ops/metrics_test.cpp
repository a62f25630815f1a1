#include "gateway/ops/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <thread>

namespace ota::ops {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(metrics, renders_counters_gauges_and_histograms_as_prometheus_text) {
    metrics all;
    all.make_counter("otagw_events_total", "Events by final state.", {{"state", "applied"}}).add(3);
    all.make_gauge("otagw_window_used", "Submits without answer.", {{"route", "main"}}).set(7);
    all.make_histogram("otagw_submit_seconds", "Answer times.", {0.1, 1}, {{"route", "main"}}).observe(0.5);
    const auto text = all.text();
    EXPECT_THAT(text, HasSubstr("# HELP otagw_events_total Events by final state.\n# TYPE otagw_events_total counter\n"
                                "otagw_events_total{state=\"applied\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("otagw_window_used{route=\"main\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("otagw_submit_seconds_bucket{route=\"main\",le=\"0.1\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("otagw_submit_seconds_bucket{route=\"main\",le=\"1\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("otagw_submit_seconds_count{route=\"main\"} 1\n"));
}

TEST(metrics, takes_many_observations_at_once) {
    metrics all;
    auto waits = all.make_histogram("otagw_wait_seconds", "Waits.", {0.1, 1}, {{"stage", "proof"}});
    const std::array<std::uint32_t, 3> by_bound{2, 1, 4};
    waits.observe(by_bound, 21.5);
    const auto text = all.text();
    EXPECT_THAT(text, HasSubstr("otagw_wait_seconds_bucket{stage=\"proof\",le=\"0.1\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("otagw_wait_seconds_bucket{stage=\"proof\",le=\"1\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("otagw_wait_seconds_count{stage=\"proof\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("otagw_wait_seconds_sum{stage=\"proof\"} 21.5\n"));
}

TEST(metrics, same_name_and_labels_are_the_same_series) {
    metrics all;
    auto first = all.make_counter("otagw_sms_total", "SMS.", {{"bearer", "sms"}});
    auto second = all.make_counter("otagw_sms_total", "SMS.", {{"bearer", "sms"}});
    first.add();
    second.add();
    EXPECT_THAT(all.text(), HasSubstr("otagw_sms_total{bearer=\"sms\"} 2\n"));
}

TEST(metrics, refuses_names_and_labels_outside_the_agreed_ones) {
    metrics all;
    EXPECT_THROW(all.make_counter("events_total", "h"), std::invalid_argument);
    EXPECT_THROW(all.make_counter("otagw_events", "h"), std::invalid_argument);
    EXPECT_THROW(all.make_counter("otagw_Events_total", "h"), std::invalid_argument);
    EXPECT_THROW(all.make_histogram("otagw_wait_ms", "h", {1}), std::invalid_argument);
    EXPECT_THROW(all.make_counter("otagw_events_total", "h", {{"card", "8944000000000000001"}}), std::invalid_argument);
    EXPECT_EQ(all.text().find("8944"), std::string::npos);
}

TEST(metrics, label_sets_beyond_the_limit_are_counted_as_other) {
    metrics all(2);
    for (const auto* reason : {"a", "b", "c", "d", "a"}) {
        all.make_counter("otagw_rejected_total", "h", {{"reason", reason}}).add();
    }
    const auto text = all.text();
    EXPECT_THAT(text, HasSubstr("{reason=\"a\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("{reason=\"b\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("{reason=\"other\"} 2\n"));
    EXPECT_THAT(text, Not(HasSubstr("{reason=\"c\"}")));
}

TEST(metrics, counter_follows_a_total_upwards_only) {
    metrics all;
    auto total = all.make_counter("otagw_receipts_total", "h");
    total.raise_to(10);
    total.raise_to(4);
    EXPECT_THAT(all.text(), HasSubstr("otagw_receipts_total 10\n"));
}

TEST(metrics, refreshes_before_each_rendering) {
    metrics all;
    auto depth = all.make_gauge("otagw_backlog", "h");
    double now = 0;
    all.on_render([&] { depth.set(++now); });
    EXPECT_THAT(all.text(), HasSubstr("otagw_backlog 1\n"));
    EXPECT_THAT(all.text(), HasSubstr("otagw_backlog 2\n"));
}

TEST(metrics, threads_count_into_one_series_while_it_is_rendered) {
    metrics all;
    auto total = all.make_counter("otagw_events_total", "h");
    std::jthread first([total]() mutable {
        for (int i = 0; i < 10000; ++i) total.add();
    });
    std::jthread second([total]() mutable {
        for (int i = 0; i < 10000; ++i) total.add();
    });
    for (int i = 0; i < 10; ++i) EXPECT_THAT(all.text(), HasSubstr("otagw_events_total"));
    first.join();
    second.join();
    EXPECT_THAT(all.text(), HasSubstr("otagw_events_total 20000\n"));
}

TEST(metrics, bounds_of_histograms_rise) {
    for (const auto& bounds : {latency_bounds_in_seconds(), delivery_bounds_in_seconds()}) {
        EXPECT_TRUE(std::ranges::is_sorted(bounds, std::ranges::less_equal{}) && bounds.front() > 0);
    }
}

}  // namespace
}  // namespace ota::ops
