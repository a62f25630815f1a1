#include "sandbox/radio_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace ota::sandbox {
namespace {

using std::chrono::milliseconds;

struct listener final : channel_owner {
    void on_data(channel_id, wire::octets data, instant) override { came.push_back(data.at(0)); }
    void on_link(channel_id, bool up, instant) override { links.push_back(up); }
    std::vector<int> came;
    std::vector<bool> links;
};

struct radio_bench {
    explicit radio_bench(const radio_options& o, std::uint64_t seed = 1)
        : radio(o, seed, [this](socket_order order) { orders.push_back(std::move(order)); }) {}

    channel_id open(bool tcp = false, wire::octets address = {127, 0, 0, 1}) {
        const auto made = radio.open(owner, {tcp, std::move(address), 9000});
        const auto* id = std::get_if<channel_id>(&made);
        return id == nullptr ? 0 : *id;
    }
    std::vector<int> sent() {
        std::vector<int> out;
        for (const auto& order : std::exchange(orders, {}))
            if (order.what == socket_order::kind::send) out.push_back(order.data.at(0));
        return out;
    }
    [[nodiscard]] bool closed(channel_id id) const {
        return std::ranges::any_of(
            orders, [id](const auto& o) { return o.what == socket_order::kind::close && o.channel == id; });
    }
    void pass_time(milliseconds by) {
        now += by;
        radio.on_tick(now);
    }

    listener owner;
    std::vector<socket_order> orders;
    instant now{std::chrono::hours(1)};
    radio_network radio;
};

TEST(radio_network, passes_on_what_it_gets) {
    radio_bench bench({});
    const auto id = bench.open();
    EXPECT_EQ(bench.orders.at(0).what, socket_order::kind::open);
    for (std::uint8_t i = 0; i < 10; ++i) bench.radio.send(id, {i});
    EXPECT_EQ(bench.sent(), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    bench.radio.on_data(id, {5}, bench.now);
    EXPECT_EQ(bench.owner.came, std::vector<int>{5});
    bench.radio.close(id);
    EXPECT_TRUE(bench.closed(id));
    bench.radio.send(id, {1});
    bench.radio.on_data(id, {1}, bench.now);
    EXPECT_EQ(bench.owner.came.size(), 1U);
}

TEST(radio_network, reaches_this_machine_only) {
    radio_bench bench({});
    EXPECT_NE(bench.open(false, {127, 255, 0, 1}), 0U);
    wire::octets six(16, 0);
    six.back() = 1;
    EXPECT_NE(bench.open(true, six), 0U);
    EXPECT_EQ(bench.open(false, {10, 0, 0, 1}), 0U);
    six.front() = 0x20;
    EXPECT_EQ(bench.open(false, six), 0U);
    EXPECT_EQ(bench.open(false, {}), 0U);
    EXPECT_EQ(bench.radio.counts().beyond, 3U);
    EXPECT_EQ(bench.radio.counts().opened, 2U);
}

TEST(radio_network, lets_datagrams_overtake_each_other_and_sends_what_set_out_before_a_close) {
    radio_bench bench({.reordering = 0.5, .reordering_delay = milliseconds(100)});
    const auto id = bench.open();
    bench.radio.clock(bench.now);
    for (std::uint8_t i = 0; i < 20; ++i) bench.radio.send(id, {i});
    bench.radio.close(id);
    EXPECT_FALSE(bench.closed(id));
    auto all = bench.sent();
    EXPECT_LT(all.size(), 20U);
    bench.pass_time(milliseconds(100));
    EXPECT_TRUE(bench.closed(id));
    const auto late = bench.sent();
    all.insert(all.end(), late.begin(), late.end());
    EXPECT_EQ(all.size(), 20U);
    EXPECT_FALSE(std::ranges::is_sorted(all));
    EXPECT_EQ(bench.radio.counts().reordered, late.size());
    EXPECT_FALSE(bench.radio.next_due());
}

TEST(radio_network, loses_and_doubles_by_seeded_chance) {
    std::vector<int> first;
    for (int run = 0; run < 2; ++run) {
        radio_bench bench({.loss = 0.3, .duplicates = 0.3}, 5);
        const auto id = bench.open();
        for (std::uint8_t i = 0; i < 200; ++i) bench.radio.send(id, {i});
        const auto sent = bench.sent();
        EXPECT_EQ(sent.size(), 200 - bench.radio.counts().lost + bench.radio.counts().duplicated);
        EXPECT_GT(bench.radio.counts().lost, 20U);
        EXPECT_GT(bench.radio.counts().duplicated, 20U);
        if (run == 0) first = sent;
        EXPECT_EQ(sent, first);
    }
}

TEST(radio_network, cuts_a_link_for_good) {
    radio_bench bench({.cuts = 0.2}, 3);
    const auto id = bench.open();
    bench.radio.clock(bench.now);
    for (std::uint8_t i = 0; i < 100; ++i) bench.radio.send(id, {i});
    EXPECT_EQ(bench.radio.counts().cut, 1U);
    EXPECT_TRUE(bench.owner.links.empty());  // never from within a call
    bench.pass_time(milliseconds(0));
    EXPECT_EQ(bench.owner.links, std::vector<bool>{false});
    EXPECT_TRUE(bench.closed(id));
    EXPECT_LT(bench.sent().size(), 100U);
    bench.radio.on_link(id, false, bench.now);
    EXPECT_EQ(bench.owner.links.size(), 1U);
}

TEST(radio_network, refuses_channels_in_both_ways) {
    radio_bench bench({.refusals = 0.5}, 3);
    std::set<std::uint8_t> results;
    for (int i = 0; i < 100; ++i) {
        const auto made = bench.radio.open(bench.owner, {false, {127, 0, 0, 1}, 9000});
        if (const auto* no = std::get_if<channel_refusal>(&made)) results.insert(no->result);
    }
    EXPECT_EQ(results, (std::set<std::uint8_t>{0x20, 0x3A}));
    EXPECT_EQ(bench.radio.counts().opened + bench.radio.counts().refused, 100U);
}

TEST(radio_network, tells_when_a_connection_stands_and_when_it_went) {
    radio_bench bench({});
    const auto id = bench.open(true);
    bench.radio.on_link(id, true, bench.now);
    bench.radio.on_link(id, false, bench.now);
    EXPECT_EQ(bench.owner.links, (std::vector<bool>{true, false}));
    EXPECT_EQ(bench.radio.counts().failed, 1U);
    EXPECT_TRUE(bench.closed(id));
}

}  // namespace
}  // namespace ota::sandbox
