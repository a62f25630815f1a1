#include "tests/cluster/virtual_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <random>
#include <tuple>

namespace ota::cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr milliseconds life{10'000}, interval{2000};

const std::vector<route_quota> routes{{"a", 4}, {"b", 1}, {"c", 7}};

/// A gateway that opens what it may, closes a little later what it may not, and can be stopped at any moment.
struct gateway {
    gateway(std::uint16_t number, const std::string& name, time_point now)
        : who(name),
          part({number, store::wall_time(milliseconds(1000 + number)), routes, milliseconds(3000)}),
          next(now) {}

    [[nodiscard]] unsigned may(std::size_t route, time_point now) const {
        return now < share_.until && route < share_.binds.size() ? share_.binds[route] : 0;
    }
    void step(virtual_table& table, time_point now) {
        if (now < next) return;
        next = now + interval;
        if (now >= share_.until) use(now);
        std::vector<route_use> use;
        for (std::size_t r = 0; r < routes.size(); ++r) use.push_back({open[r], gets_through ? open[r] : 0});
        part.on_use(use, {publishing, sink_works ? outbox_use::sink::works : outbox_use::sink::fails}, now);
        const auto names = table.hold(who, life, [&](auto others) { return part.choose(others, now); });
        if (names) share_ = part.on_held(names.value(), now, life);
    }
    void use(time_point now) {
        for (std::size_t r = 0; r < routes.size(); ++r) {
            const auto allowed = may(r, now);
            if (open[r] < allowed) open[r] = allowed;
            // What is given back is closed behind its last answers, here after 1.5 s; what ran out, at once.
            if (open[r] > allowed && (now >= share_.until || ++slow[r] >= 15)) {
                open[r] = allowed;
                slow[r] = 0;
            }
        }
        publishing = now < share_.until ? share_.outbox : 0;
    }

    std::string who;
    member part;
    share share_;
    time_point next;
    std::map<std::size_t, unsigned> open, slow;
    store::shard_set publishing = 0;
    bool paused = false, gets_through = true, sink_works = true;
};

struct cluster_of_gateways : testing::Test {
    gateway& start(std::uint16_t number) {
        all.push_back(std::make_unique<gateway>(number, "g" + std::to_string(++started), now));
        return *all.back();
    }
    void pass(milliseconds time) {
        for (const auto end = now + time; now < end; now += milliseconds(100)) {
            for (auto& g : all) {
                if (g->paused) continue;
                g->step(table, now);
                g->use(now);
            }
            check();
        }
    }
    /// Nothing is ever used twice: not what the gateways may use, nor the connections of those that run.
    void check() {
        for (std::size_t r = 0; r < routes.size(); ++r) {
            unsigned allowed = 0, open = 0;
            for (const auto& g : all) {
                allowed += g->may(r, now);
                if (!g->paused) open += g->open[r];
            }
            ASSERT_LE(allowed, routes[r].binds) << "route " << routes[r].name;
            ASSERT_LE(open, routes[r].binds) << "route " << routes[r].name;
        }
        store::shard_set published = 0;
        for (const auto& g : all) {
            if (now >= g->share_.until) continue;
            ASSERT_EQ(published & g->share_.outbox, 0u) << "one publisher for each key";
            published |= g->share_.outbox;
        }
    }
    [[nodiscard]] std::vector<unsigned> binds(std::size_t route) const {
        std::vector<unsigned> out;
        for (const auto& g : all) out.push_back(g->may(route, now));
        return out;
    }
    [[nodiscard]] unsigned sum(std::size_t route) const {
        unsigned n = 0;
        for (const auto b : binds(route)) n += b;
        return n;
    }
    [[nodiscard]] int shards() const {
        int n = 0;
        for (const auto& g : all)
            if (now < g->share_.until) n += std::popcount(g->share_.outbox);
        return n;
    }
    void expect_everything_is_shared_out() {
        for (std::size_t r = 0; r < routes.size(); ++r) EXPECT_EQ(sum(r), routes[r].binds);
        EXPECT_EQ(shards(), static_cast<int>(store::outbox_shards));
    }

    time_point now{seconds(1000)};
    virtual_table table{now};
    std::vector<std::unique_ptr<gateway>> all;
    int started = 0;
};

TEST_F(cluster_of_gateways, the_first_has_everything_at_once) {
    start(0);
    pass(milliseconds(100));
    EXPECT_THAT(binds(0), ElementsAre(4));
    expect_everything_is_shared_out();
}

TEST_F(cluster_of_gateways, a_second_gets_its_half_when_the_first_has_closed_it) {
    start(0);
    pass(seconds(5));
    start(1);
    pass(seconds(10));
    EXPECT_THAT(binds(0), ElementsAre(2, 2));
    EXPECT_EQ(binds(2)[0] + binds(2)[1], 7u);
    expect_everything_is_shared_out();
    EXPECT_EQ(all[0]->share_.alive.at(1), store::wall_time(milliseconds(1001)));
    EXPECT_EQ(all[1]->share_.alive.at(0), store::wall_time(milliseconds(1000)));
}

TEST(member, gives_nothing_back_before_the_smaller_share_is_told) {
    auto now = time_point(seconds(1000));
    virtual_table table(now);
    member first({0, {}, routes, milliseconds(3000)}), second({1, {}, routes, milliseconds(3000)});
    const auto look = [&](member& m, const std::string& who) {
        const auto names = table.hold(who, life, [&](auto others) { return m.choose(others, now); });
        return m.on_held(names.value(), now, life);
    };
    EXPECT_EQ(look(first, "first").binds[0], 4u);
    EXPECT_EQ(look(second, "second").binds[0], 0u);
    // It is told to do with two; its client, and its corridor, may just be about to use what they were told before.
    first.on_use({{0, 0}, {0, 0}, {0, 0}}, {}, now);
    const auto smaller = look(first, "first");
    EXPECT_EQ(smaller.binds[0], 2u);
    const auto early = look(second, "second");
    EXPECT_EQ(early.binds[0], 0u);
    EXPECT_EQ(early.outbox, 0u);
    first.on_use({{0, 0}, {0, 0}, {0, 0}}, {}, now);
    EXPECT_EQ(look(first, "first").outbox, smaller.outbox);
    const auto later = look(second, "second");
    EXPECT_EQ(later.binds[0], 2u);
    EXPECT_EQ(std::popcount(later.outbox), 8);
    EXPECT_EQ(later.outbox & smaller.outbox, 0u);
}

TEST(member, holds_the_binds_of_a_route_that_is_gone_until_they_are_down) {
    const auto now = time_point(seconds(1000));
    member part({1, store::wall_time(milliseconds(1000)), {{"a", 2}, {"b", 1}}, milliseconds(3000)});
    std::vector<std::string> held;
    const auto hold = [&](time_point at) {
        store::lease_scene scene;
        scene.own = held;
        scene.lapsed = held.empty();
        held = part.choose(scene, at);
        return std::pair(held, part.on_held(held, at, life).binds);
    };
    EXPECT_THAT(hold(now).second, ElementsAre(2, 1));
    part.set_routes({{"new", 3}, {"a", 1}}, now);  // b is gone, and a has one bind less
    auto [names, binds] = hold(now);
    EXPECT_THAT(binds, ElementsAre(3, 1)) << "in the new order";
    EXPECT_THAT(names, testing::IsSupersetOf({"bind/a/0", "bind/a/1", "bind/b/0", "bind/new/2"}));
    part.set_routes({{"new", 3}, {"a", 1}, {"b", 1}}, now + seconds(1));
    std::tie(names, binds) = hold(now + seconds(1));
    EXPECT_EQ(std::ranges::count(names, "bind/b/0"), 1) << "it came back";
    EXPECT_THAT(binds, ElementsAre(3, 1, 1));
    EXPECT_EQ(std::ranges::count(hold(now + seconds(8)).first, "bind/a/1"), 1);
    std::tie(names, binds) = hold(now + seconds(16));
    EXPECT_EQ(std::ranges::count(names, "bind/a/1"), 0) << "by now it is down";
    EXPECT_EQ(std::ranges::count(names, "bind/b/0"), 1);
}

TEST(member, counts_the_times_that_its_lease_was_over) {
    auto now = time_point(seconds(1000));
    virtual_table table(now);
    member m({0, {}, routes, milliseconds(3000)});
    const auto look = [&] {
        const auto names = table.hold("m", life, [&](auto others) { return m.choose(others, now); });
        return m.on_held(names.value(), now, life);
    };
    EXPECT_EQ(look().epoch, 1u);
    now += seconds(8);
    EXPECT_EQ(look().epoch, 1u);
    now += seconds(9);
    EXPECT_EQ(look().epoch, 2u) << "its share was over at 9 s";
    now += milliseconds(8900);  // by our clock; by the store's, a machine that stood still with its clock, 10 s
    table.ahead = milliseconds(1500);
    EXPECT_EQ(look().epoch, 3u);
    (void)table.hold("tool", life, [](auto) { return std::vector{std::string(alone_lease)}; });
    EXPECT_EQ(look().epoch, 0u);
}

TEST_F(cluster_of_gateways, after_an_outage_of_minutes_nobody_is_robbed_either) {
    for (std::uint16_t n = 0; n < 3; ++n) start(n);
    pass(seconds(20));
    const auto before = binds(0);
    table.away = true;
    pass(seconds(100));
    table.away = false;
    all[0]->next = now;
    all[1]->next = all[2]->next = now + milliseconds(2900);
    pass(milliseconds(2800));
    EXPECT_LE(sum(0), 2u) << "also where nothing of the others is left in the table";
    pass(seconds(3));
    EXPECT_EQ(binds(0), before);
}

TEST_F(cluster_of_gateways, one_that_was_killed_takes_back_its_own_while_others_are_not_back) {
    for (std::uint16_t n = 0; n < 2; ++n) start(n);
    pass(seconds(20));
    const auto name = all[0]->who;
    all.clear();
    now += seconds(12);
    auto& again = start(0);
    again.who = name;
    pass(milliseconds(100));
    EXPECT_EQ(again.may(0, now), 2u);
    EXPECT_EQ(std::popcount(again.share_.outbox), static_cast<int>(store::outbox_shards) / 2);
}

TEST_F(cluster_of_gateways, who_does_not_reach_the_topics_leaves_the_outbox_to_others) {
    for (std::uint16_t n = 0; n < 2; ++n) start(n);
    pass(seconds(20));
    all[0]->sink_works = false;
    pass(seconds(36));
    EXPECT_EQ(all[0]->share_.outbox, 0u);
    EXPECT_EQ(std::popcount(all[1]->share_.outbox), static_cast<int>(store::outbox_shards));
    EXPECT_EQ(all[0]->may(0, now), 2u) << "its binds are as good as before";
    all[0]->sink_works = true;
    pass(seconds(60));
    EXPECT_EQ(std::popcount(all[0]->share_.outbox), static_cast<int>(store::outbox_shards) / 2);
    expect_everything_is_shared_out();
}

TEST_F(cluster_of_gateways, what_a_lost_one_had_is_taken_over_when_its_lease_is_over) {
    for (std::uint16_t n = 0; n < 3; ++n) start(n);
    pass(seconds(20));
    expect_everything_is_shared_out();
    all[1]->paused = true;
    pass(seconds(7));
    EXPECT_LT(sum(0) - all[1]->may(0, now), 4u) << "not before";
    pass(seconds(13));
    EXPECT_EQ(all[1]->may(0, now), 0u);
    EXPECT_FALSE(all[0]->share_.alive.contains(1));
    expect_everything_is_shared_out();
    all[1]->paused = false;  // it wakes: nothing of what it had is left
    EXPECT_EQ(all[1]->may(0, now), 0u);
    pass(seconds(20));
    expect_everything_is_shared_out();
    EXPECT_GE(all[1]->may(0, now), 1u);
}

TEST_F(cluster_of_gateways, two_with_one_number_are_not_let_in) {
    start(3);
    pass(seconds(5));
    auto& twin = start(3);
    pass(seconds(5));
    EXPECT_THAT(twin.share_.refused, HasSubstr("instance number 3 is held by another gateway"));
    EXPECT_EQ(twin.may(0, now), 0u);
    EXPECT_EQ(all[0]->share_.refused, "");
    all[0]->paused = true;
    pass(seconds(15));
    EXPECT_EQ(twin.share_.refused, "");
}

TEST_F(cluster_of_gateways, a_tool_that_wants_to_be_alone_keeps_them_out) {
    (void)table.hold("tool", life, [](auto) { return std::vector{std::string(alone_lease)}; });
    start(0);
    pass(seconds(1));
    EXPECT_THAT(all[0]->share_.refused, HasSubstr("a tool"));
    pass(seconds(15));
    EXPECT_EQ(all[0]->share_.refused, "");
}

TEST_F(cluster_of_gateways, after_an_outage_of_the_store_nobody_is_robbed) {
    for (std::uint16_t n = 0; n < 3; ++n) start(n);
    pass(seconds(20));
    const auto before = binds(0);
    table.away = true;
    pass(seconds(30));
    EXPECT_EQ(sum(0), 0u) << "every lease is over";
    table.away = false;
    all[0]->next = now;
    all[1]->next = now + seconds(1);
    all[2]->next = now + seconds(2);
    pass(milliseconds(100));
    EXPECT_LE(sum(0), 2u) << "the first takes back its own";
    EXPECT_FALSE(all[0]->share_.settled) << "who is not back yet is not dead";
    pass(seconds(3));
    EXPECT_EQ(binds(0), before);
    expect_everything_is_shared_out();
}

TEST_F(cluster_of_gateways, a_route_that_one_does_not_reach_goes_to_the_others) {
    for (std::uint16_t n = 0; n < 2; ++n) start(n);
    pass(seconds(20));
    all[0]->gets_through = false;
    pass(seconds(16));
    EXPECT_EQ(all[0]->may(0, now), 0u);
    EXPECT_EQ(all[1]->may(0, now), 4u);
    all[0]->gets_through = true;
    pass(seconds(30));
    EXPECT_EQ(all[0]->may(0, now), 2u) << "it tries again";
    expect_everything_is_shared_out();
}

TEST_F(cluster_of_gateways, a_route_that_nobody_reaches_is_tried_by_all) {
    for (std::uint16_t n = 0; n < 2; ++n) start(n).gets_through = false;
    pass(seconds(60));
    unsigned tried = 0;
    for (int i = 0; i < 60; ++i) {
        pass(seconds(1));
        tried += sum(1);
    }
    EXPECT_GT(tried, 20u);
}

TEST_F(cluster_of_gateways, more_instances_than_binds_leave_some_without) {
    for (std::uint16_t n = 0; n < 6; ++n) start(n);
    pass(seconds(20));
    auto got = binds(0);
    std::ranges::sort(got);
    EXPECT_THAT(got, ElementsAre(0, 0, 1, 1, 1, 1));
    expect_everything_is_shared_out();
}

TEST_F(cluster_of_gateways, whatever_happens_nothing_is_used_twice) {
    std::mt19937 random(7);
    for (std::uint16_t n = 0; n < 4; ++n) start(n);
    std::map<std::string, int> struck;
    for (int i = 0; i < 400; ++i) {
        auto& one = *all[random() % all.size()];
        switch (random() % 7) {
            case 0:
                one.paused = !one.paused;
                ++struck["pause"];
                break;
            case 1:
                table.away = !table.away;
                ++struck["outage"];
                break;
            case 2:
                one.gets_through = !one.gets_through;
                ++struck["route"];
                break;
            case 3:
                if (all.size() > 6) break;
                start(static_cast<std::uint16_t>(random() % 5));
                ++struck["start"];
                break;
            case 4:  // killed: its sockets are closed, its leases stay
                if (all.size() < 3) break;
                std::erase_if(all, [&](const auto& g) { return g.get() == &one; });
                ++struck["kill"];
                break;
            case 5:
                one.sink_works = !one.sink_works;
                ++struck["sink"];
                break;
            default: break;
        }
        pass(milliseconds(100 * (random() % 80)));
        if (HasFatalFailure()) return;
    }
    for (const auto* fault : {"pause", "outage", "route", "start", "kill", "sink"})
        EXPECT_GT(struck[fault], 0) << fault;
    table.away = false;
    for (auto& g : all) g->paused = false, g->gets_through = g->sink_works = true;
    pass(std::chrono::minutes(15));
    expect_everything_is_shared_out();
}

}  // namespace
}  // namespace ota::cluster
