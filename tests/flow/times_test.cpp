// How long things took, as the corridor tells it; and the oldest event that is open.
#include "tests/flow/rules.hpp"

#include <numeric>

namespace ota::simulation {
namespace {

using flow::stage;
using flow::wait;

/// All commits of a world together.
struct total {
    explicit total(world& w) {
        w.on_commit = [this](const flow::commit_report& r) {
            for (std::size_t i = 0; i < r.times.waits.size(); ++i) {
                const auto& by_bound = r.times.waits[i].by_bound();
                count[i] += std::accumulate(by_bound.begin(), by_bound.end(), 0u);
                seconds[i] += r.times.waits[i].sum_in_seconds();
            }
            for (std::size_t i = 0; i < r.times.work.size(); ++i) worked[i] = worked[i] || r.times.work[i].count() > 0;
        };
    }
    std::array<unsigned, flow::wait_names.size()> count{};
    std::array<double, flow::wait_names.size()> seconds{};
    std::array<bool, flow::stage_names.size()> worked{};
    [[nodiscard]] unsigned of(wait what) const { return count[static_cast<std::size_t>(what)]; }
    [[nodiscard]] double seconds_of(wait what) const { return seconds[static_cast<std::size_t>(what)]; }
};

TEST(times, each_step_of_an_event_is_counted_once) {
    world w(calm());
    const total all(w);
    w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(minutes(5)));
    for (const auto what : {wait::first_submit, wait::answer, wait::receipt, wait::proof, wait::final}) {
        EXPECT_EQ(all.of(what), 1u) << flow::wait_names[static_cast<std::size_t>(what)];
    }
    EXPECT_GE(all.seconds_of(wait::final), all.seconds_of(wait::proof));
    EXPECT_GT(all.seconds_of(wait::proof), 0) << "a card needs its time";
    for (const auto did : all.worked) EXPECT_TRUE(did);
}

TEST(times, a_repeat_is_no_first_submit_and_its_proof_counts_from_the_last_hand_over) {
    world w(calm());
    const total all(w);
    std::size_t passed = 0;
    w.on_air = [&](const bearer::submission&) { return ++passed > 1; };
    w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(minutes(30)));
    ASSERT_EQ(w.sent.size(), 2u);
    EXPECT_EQ(all.of(wait::first_submit), 1u);
    EXPECT_EQ(all.of(wait::answer), 2u);
    EXPECT_EQ(all.of(wait::final), 1u);
    EXPECT_GT(all.seconds_of(wait::final), 60) << "the repeat came after answer_timeout";
    EXPECT_LT(all.seconds_of(wait::proof), 60);
}

TEST(times, an_event_that_waits_for_its_time_waits_from_then_on) {
    world w(calm());
    const total all(w);
    auto e = event_for(w, queue::operation::replace, acc);
    e.format = "bin";
    e.value = {queue::node_value::kind::text, "AAE="};
    e.not_before = w.now + hours(3);
    w.publish(std::move(e));
    ASSERT_TRUE(w.run(hours(5)));
    EXPECT_EQ(all.of(wait::first_submit), 1u);
    EXPECT_LT(all.seconds_of(wait::first_submit), 600);
    EXPECT_GT(all.seconds_of(wait::final), 3 * 3600);
}

TEST(times, places_a_duration_by_the_first_bound_that_holds_it) {
    flow::spread s;
    EXPECT_FALSE(s.any());
    for (const auto took : {-5, 0, 10, 11, 604'800'000, 604'800'001}) s.add(milliseconds(took));
    EXPECT_EQ(s.by_bound().front(), 3u) << "a negative one counts as 0";
    EXPECT_EQ(s.by_bound()[1], 1u);
    EXPECT_EQ(s.by_bound()[16], 1u);
    EXPECT_EQ(s.by_bound().back(), 1u);
    EXPECT_NEAR(s.sum_in_seconds(), 1'209'600.022, 0.001);
}

TEST(oldest_open, is_told_until_it_is_final_also_over_a_restart) {
    world w(calm(2));
    EXPECT_FALSE(w.status().oldest_open_at);
    w.on_air = [&](const bearer::submission& s) { return s.destination != w.msisdn(0); };
    const auto began = w.now;
    w.replace(0, spn, "Stuck");
    for (int i = 0; i < 50; ++i) w.tick();
    w.replace(1, spn, "Quick");
    w.run(minutes(5));
    ASSERT_TRUE(w.status().oldest_open_at);
    const auto since = *w.status().oldest_open_at;
    EXPECT_LT(since - began, seconds(5));
    w.restart();
    w.run(minutes(2));
    EXPECT_EQ(w.status().oldest_open_at, since);
    w.on_air = {};
    ASSERT_TRUE(w.run(hours(2)));
    w.replace(1, acc, "2");  // something has to happen for a look
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_FALSE(w.status().oldest_open_at);
    const auto kept = w.state().begin().value()->values(flow::oldest_open::mark_name);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept.value().size(), 1u) << "a restart goes on from here";
}

}  // namespace
}  // namespace ota::simulation
