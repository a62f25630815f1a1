// Data channels: which bearer a change takes, and R6, R7 and R8 where a channel is one of them.
#include "tests/flow/bad_day.hpp"
#include "tests/flow/rules.hpp"

#include "gateway/flow/channel.hpp"
#include "gateway/flow/reasons.hpp"
#include "queue/base64.hpp"

#include <algorithm>

namespace ota::simulation {
namespace {

constexpr const char* steering = "./SC/USIM/Steering";

std::string large(char with) { return std::string(4000, with); }

std::set<std::int64_t> packets_by_sms(const world& w) {
    std::set<std::int64_t> out;
    for (const auto& each : w.sent) out.insert(each.packet);
    return out;
}

std::string replace_by(world& w, queue::bearer_wish wish, const char* node, char with) {
    auto e = event_for(w, queue::operation::replace, node);
    e.format = "bin";
    e.value = {queue::node_value::kind::text,
               queue::to_base64(wire::octets(w.opts.profile->find(node)->size, static_cast<std::uint8_t>(with)))};
    e.bearer = wish;
    return w.publish(std::move(e));
}

TEST(channel, a_large_change_goes_over_a_link_that_one_short_message_asked_for) {
    world w(calm(1, profile_with_channels()));
    const auto id = w.replace(0, steering, large('a'));
    ASSERT_TRUE(w.run(minutes(10)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.content(0, steering)->at(3999), 'a');
    EXPECT_EQ(packets_by_sms(w).size(), 1u);  // the PUSH
    EXPECT_EQ(w.sent_by_channel.size(), 3u);  // the card takes 2000 octets at a time
    EXPECT_EQ(w.channels.pushes, 1u);
    EXPECT_EQ(w.channels.opened, 1u);
    EXPECT_GE(w.channels.short_messages_saved, 30u);
    EXPECT_FALSE(w.twin_of(0).in_flight);
    expect_no_violation(w);
}

TEST(channel, a_small_change_goes_by_short_message) {
    world w(calm(1, profile_with_channels()));
    const auto id = w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.channels.pushes, 0u);
    EXPECT_EQ(w.sent.size(), 1u);
}

TEST(channel, an_event_may_ask_for_its_bearer) {
    world small(calm(1, profile_with_channels()));
    const auto by_channel = replace_by(small, queue::bearer_wish::bip, acc, 'x');
    ASSERT_TRUE(small.run(minutes(10)));
    EXPECT_EQ(small.state_of(by_channel), "applied");
    EXPECT_EQ(small.sent_by_channel.size(), 1u);
    world big(calm(1, profile_with_channels()));
    const auto by_sms = replace_by(big, queue::bearer_wish::sms, steering, 'x');
    ASSERT_TRUE(big.run(hours(1)));
    EXPECT_EQ(big.state_of(by_sms), "applied");
    EXPECT_EQ(big.channels.pushes, 0u);
    EXPECT_GE(big.sent.size(), 30u);
    expect_no_violation(small);
    expect_no_violation(big);
}

TEST(channel, the_threshold_is_what_everything_that_waits_would_take) {
    auto profile = profile_with_channels();
    profile->max_segments = 2;  // of one packet: the change takes many
    profile->bip->threshold = 40;
    world below(calm(1, profile));
    below.replace(0, steering, large('a'));
    ASSERT_TRUE(below.run(hours(2)));
    const auto needed = below.sent.size();
    EXPECT_EQ(below.channels.pushes, 0u);
    EXPECT_GE(needed, 30u);
    EXPECT_LT(needed, 40u);
    auto lower = std::make_shared<card_profile>(*profile);
    lower->bip->threshold = static_cast<unsigned>(needed * 9 / 10);  // an estimate: a large script has fewer headers
    world at(calm(1, lower));
    at.replace(0, steering, large('a'));
    ASSERT_TRUE(at.run(hours(2)));
    EXPECT_EQ(at.channels.pushes, 1u);
}

TEST(channel, while_it_is_open_everything_goes_over_it) {
    world w(calm(1, profile_with_channels()));
    const auto ends = [&](const std::string& id) {
        for (int i = 0; i < 5000 && w.state_of(id).empty(); ++i) w.tick();
        return w.state_of(id);
    };
    ASSERT_EQ(ends(w.replace(0, steering, large('a'))), "applied");
    const auto before = w.sent.size();
    ASSERT_TRUE(w.twin_of(0).channel);
    ASSERT_EQ(ends(w.replace(0, spn, "Operator")), "applied");
    EXPECT_EQ(w.sent.size(), before);
    EXPECT_EQ(w.sent_by_channel.size(), 4u);
    for (int i = 0; i < 5000 && w.twin_of(0).channel; ++i) w.tick();
    EXPECT_FALSE(w.twin_of(0).channel);  // closed for idleness
    w.replace(0, spn, "Another");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.sent.size(), before + 1);
    expect_no_violation(w);
}

std::size_t times_told(const std::vector<std::string>& timeline, std::string_view what) {
    return static_cast<std::size_t>(
        std::ranges::count_if(timeline, [&](const auto& line) { return line.find(what) != std::string::npos; }));
}

TEST(R6, a_push_is_closed_by_the_arriving_link_and_its_late_proof_is_only_logged) {
    world w(calm(1, profile_with_channels()));
    w.slower_answers = seconds(20);
    const auto id = w.replace(0, steering, large('a'));
    for (int i = 0; i < 2000 && w.channels.opened == 0; ++i) w.tick();
    ASSERT_EQ(w.channels.opened, 1u);
    EXPECT_EQ(times_told(w.timeline(0), "\"proof\""), 0u);  // the link was enough
    for (int i = 0; i < 2000 && w.state_of(id).empty(); ++i) w.tick();
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(times_told(w.timeline(0), "proof-of-a-closed-packet"), 0u);
    ASSERT_TRUE(w.run(minutes(10)));
    EXPECT_EQ(times_told(w.timeline(0), "proof-of-a-closed-packet"), 1u);
    EXPECT_EQ(w.channels.pushes, 1u);
    EXPECT_EQ(w.channels.failed, 0u);
    expect_no_violation(w);
}

TEST(R6, the_proof_of_a_push_does_not_close_it) {
    auto o = calm(1, profile_with_channels());
    o.with.push_ignored = 1;
    world w(std::move(o));
    w.replace(0, steering, large('a'));
    for (int i = 0; i < 2000 && (w.channels.pushes == 0 || times_told(w.timeline(0), "push-taken") == 0); ++i) w.tick();
    const auto push = w.twin_of(0).in_flight;
    ASSERT_TRUE(push);
    EXPECT_EQ(push->by, flow::carriage::push);
    (void)w.run(minutes(2));  // connect_timeout: 3
    ASSERT_TRUE(w.twin_of(0).in_flight);
    EXPECT_EQ(w.twin_of(0).in_flight->id, push->id);
    (void)w.run(minutes(2));
    EXPECT_EQ(w.channels.failed, 1u);
}

TEST(channel, a_link_that_nobody_waits_on_any_more_is_let_go) {
    auto o = calm(1, profile_with_channels());
    o.with.link_silent = 1;
    world w(std::move(o));
    w.replace(0, steering, large('a'));
    while (w.sent_by_channel.empty()) w.tick();
    auto t = w.twin_of(0);
    t.in_flight.reset();  // by another hand than the corridor's
    t.channel.reset();
    t.events.clear();
    for (auto& n : t.nodes) n.wanted = false;
    w.save(0, t, store::standing::replaced);
    (void)w.run(minutes(30));
    EXPECT_EQ(w.open_links(), 1u);
    (void)w.run(hours(1));
    EXPECT_EQ(w.open_links(), 0u);
}

TEST(R6, a_push_that_the_network_doubled_still_waits_for_its_link) {
    auto o = calm(1, profile_with_channels());
    o.with.duplicate = 1;
    world w(std::move(o));
    const auto id = w.replace(0, steering, large('a'));
    ASSERT_TRUE(w.run(minutes(10)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.channels.pushes, 1u);
    EXPECT_EQ(w.twin_of(0).leaps, 0);
    expect_no_violation(w);
}

TEST(R6, a_link_whose_push_is_over_is_refused) {
    auto o = calm(1, profile_with_channels());
    o.with.late_link = 1;
    world w(std::move(o));
    const auto id = w.replace(0, steering, large('a'));
    ASSERT_TRUE(w.run(hours(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.channels.opened, 0u);
    EXPECT_EQ(w.channels.pushes, 3u);  // retries: 2
    EXPECT_GE(w.sent.size(), 30u);     // then by short messages
    EXPECT_TRUE(w.sent_by_channel.empty());
    expect_no_violation(w);
}

TEST(channel, a_card_that_does_not_come_is_asked_again_and_then_served_by_short_messages_for_a_time) {
    auto o = calm(1, profile_with_channels());
    o.with.push_ignored = 1;
    world w(std::move(o));
    const auto id = w.replace(0, steering, large('a'));
    ASSERT_TRUE(w.run(hours(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.channels.pushes, 3u);
    EXPECT_EQ(w.channels.failed, 3u);
    EXPECT_GT(w.twin_of(0).short_messages_until, w.now);
    w.replace(0, steering, large('b'));
    ASSERT_TRUE(w.run(hours(5)));
    EXPECT_EQ(w.channels.pushes, 3u);
    w.now += hours(24);
    w.opts.with.push_ignored = 0;
    w.replace(0, steering, large('c'));
    ASSERT_TRUE(w.run(hours(5)));
    EXPECT_EQ(w.channels.pushes, 4u);
    EXPECT_EQ(w.channels.opened, 1u);
    expect_no_violation(w);
}

TEST(channel, a_card_that_does_not_know_the_command_is_not_asked_again_at_once) {
    world w(calm(1, profile_with_channels()));
    w.cards_know_push = false;
    const auto id = w.replace(0, steering, large('a'));
    ASSERT_TRUE(w.run(hours(2)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.channels.pushes, 1u);
    EXPECT_TRUE(w.sent_by_channel.empty());
    expect_no_violation(w);
}

TEST(R8, what_the_transport_acknowledged_without_a_proof_is_unknown_and_read_back) {
    auto o = calm(1, profile_with_channels());
    o.with.link_silent = 1;
    world w(std::move(o));
    const auto id = w.replace(0, steering, large('a'));
    while (w.sent_by_channel.empty()) w.tick();
    for (int i = 0; i < 300; ++i) w.tick();
    EXPECT_EQ(w.state_of(id), "");
    EXPECT_GE(w.channels.failed, 1u);
    w.opts.with.link_silent = 0;
    ASSERT_TRUE(w.run(hours(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.content(0, steering)->at(3999), 'a');
    expect_no_violation(w);
}

TEST(R7, after_a_broken_link_another_packet_with_another_counter_reads_back_by_short_message) {
    auto o = calm(1, profile_with_channels());
    o.with.link_cut = 1;
    world w(std::move(o));
    const auto id = w.replace(0, steering, large('a'));
    while (w.sent_by_channel.empty()) w.tick();
    const auto first = w.sent_by_channel.front();
    const auto before = w.sent.size();
    w.opts.with.link_cut = 0;
    while (w.sent.size() == before) w.tick();
    const auto t = w.twin_of(0);
    ASSERT_TRUE(t.unknown && t.in_flight);
    EXPECT_EQ(t.unknown->id, first.packet);
    EXPECT_EQ(t.in_flight->by, flow::carriage::short_message);
    EXPECT_GT(t.in_flight->cntr, t.unknown->cntr);
    EXPECT_EQ(t.in_flight->carries.front().is, flow::carried::kind::read_back);
    ASSERT_TRUE(w.run(hours(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_FALSE(packets_by_sms(w).contains(first.packet));
    expect_no_violation(w);
}

TEST(channel, a_restart_reads_back_what_was_under_way_on_a_link_and_goes_on) {
    world w(calm(1, profile_with_channels()));
    const auto id = w.replace(0, steering, large('a'));
    while (w.sent_by_channel.empty()) w.tick();
    w.restart();
    ASSERT_TRUE(w.run(hours(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.content(0, steering)->at(3999), 'a');
    EXPECT_EQ(w.channels.pushes, 2u);
    expect_no_violation(w);
}

TEST(channel, one_that_another_instance_has_is_left_to_it) {
    auto o = calm(1, profile_with_channels());
    flow::neighbourhood around;
    around.outbox = ~store::shard_set{0};
    around.epoch = 1;
    o.neighbours = [&] { return around; };
    world w(std::move(o));
    around.alive[7] = w.now - hours(1);
    auto t = w.twin_of(0);
    t.channel = flow::data_channel{99, 7, 2000, w.now};
    w.save(0, t, store::standing::active);
    const auto id = w.replace(0, spn, "Operator");
    (void)w.run(minutes(5));
    EXPECT_EQ(w.state_of(id), "");
    EXPECT_TRUE(w.sent.empty());
    around.alive[7] = w.now;  // its process began anew: nobody has the link
    ASSERT_TRUE(w.run(hours(1)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.sent.size(), 1u);
    expect_no_violation(w);
}

TEST(channel, a_card_that_takes_no_more_than_short_messages_could_carry_is_served_by_those) {
    auto profile = profile_with_channels();
    profile->bip->max_packet = 300;
    world w(calm(1, profile));
    const auto id = w.replace(0, steering, large('a'));
    ASSERT_TRUE(w.run(hours(2)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.channels.pushes, 1u);
    EXPECT_TRUE(w.sent_by_channel.empty());
}

TEST(channel, bad_days_with_channels_end_with_what_is_desired) {
    const auto seeds = std::getenv("OTAGW_LONG") != nullptr ? 300 : 20;
    std::map<std::string, std::size_t> struck;
    flow::channel_report all;
    for (int seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto day = channel_day(static_cast<std::uint64_t>(seed));
        auto& w = *day;
        EXPECT_GE(w.finals().size(), w.published.size());
        expect_no_violation(w);
        for (const auto& [what, times] : w.faults.times) struck[what] += times;
        all += w.channels;
        struck["power_cut"] += w.network().counts().power_cuts;
    }
    for (const auto& [what, times] : struck) std::printf("%s %zu  ", what.c_str(), times);
    std::printf("\npushes %zu, opened %zu, failed %zu, packets %zu, short messages saved %zu\n", all.pushes, all.opened,
                all.failed, all.packets, all.short_messages_saved);
    for (const char* what : {"push_ignored", "late_link", "link_cut", "link_silent", "restart", "loss", "power_cut"})
        EXPECT_GT(struck[what], 0u) << what;
    EXPECT_GT(all.opened, 0u);
    EXPECT_GT(all.failed, 0u);
}

}  // namespace
}  // namespace ota::simulation
