// The rules R1 to R15 of the design, one by one, on simulated cards.
#include "tests/flow/rules.hpp"

#include "gateway/flow/reasons.hpp"
#include "gateway/flow/receipt.hpp"

namespace ota::simulation {
namespace {

TEST(flow, a_change_is_applied_by_one_sms_and_its_verified_proof) {
    world w(calm());
    const auto id = w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.sent.size(), 1u);
    EXPECT_EQ(w.content(0, spn)->front(), 'O');
    expect_no_violation(w);
}

TEST(flow, a_second_change_writes_only_the_octets_that_differ) {
    world w(calm());
    w.replace(0, plmn, "aaaaaaaaaa");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto whole = w.sent.back().user_data.size();
    w.replace(0, plmn, "aaaaabaaaa");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.sent.size(), 2u);
    EXPECT_LT(w.sent.back().user_data.size() + 40, whole);
    expect_no_violation(w);
}

TEST(flow, an_equal_change_ends_without_an_sms) {
    world w(calm());
    w.replace(0, spn, "Same");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto id = w.replace(0, spn, "Same");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.reason_of(id), "no-change");
    EXPECT_EQ(w.sent.size(), 1u);
}

TEST(R2, a_repeat_is_the_recorded_octets_also_after_a_restart) {
    world w(calm());
    std::size_t passed = 0;
    w.on_air = [&](const bearer::submission&) { return ++passed > 1; };
    const auto id = w.replace(0, spn, "Operator");
    for (int i = 0; i < 20; ++i) w.tick();
    w.restart();
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied");
    ASSERT_GE(w.sent.size(), 2u);
    EXPECT_EQ(w.sent[0].user_data, w.sent[1].user_data);
    expect_no_violation(w);
}

TEST(R3, a_recovered_store_leaps_its_counters_and_reads_back_what_was_in_flight) {
    flow::twin t;
    t.counters.push_back({1, 7});
    t.in_flight.emplace();
    t.nodes.emplace_back().confirmed = true;
    flow::on_recover(t, nullptr, 1000);
    EXPECT_EQ(t.counters[0].last, 1007u);
    EXPECT_FALSE(t.in_flight);
    EXPECT_TRUE(t.unknown && t.read_back_due);
    EXPECT_FALSE(t.nodes[0].confirmed);
}

TEST(R4, a_delivery_is_answered_only_after_its_commit) {
    world w(calm());
    const auto id = w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_GE(w.answered_tokens.size(), 2u);  // proof and receipt
}

TEST(R6, one_packet_is_in_flight_per_card) {
    world w(calm());
    std::set<std::int64_t> unanswered;
    w.on_air = [&](const bearer::submission& s) {
        unanswered.insert(s.id.packet);
        return false;
    };
    w.replace(0, spn, "One");
    for (int i = 0; i < 10; ++i) w.tick();
    w.replace(0, acc, "2");
    for (int i = 0; i < 10; ++i) w.tick();
    EXPECT_EQ(unanswered.size(), 1u);
    EXPECT_EQ(w.twin_of(0).events.size(), 2u);
}

TEST(R6, the_end_of_validity_and_margin_closes_a_packet) {
    world w(calm());
    std::set<std::int64_t> packets;
    w.on_air = [&](const bearer::submission& s) {
        packets.insert(s.id.packet);
        return packets.size() > 1;
    };
    const auto id = w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(hours(2)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(packets.size(), 2u);
    expect_no_violation(w);
}

TEST(R7, a_packet_that_goes_another_way_keeps_its_octets) {
    world w(calm());
    w.opts.with.temporary = 1;  // no route takes it
    const auto id = w.replace(0, spn, "Operator");
    w.on_air = [](const bearer::submission&) { return true; };
    w.run(minutes(1));
    EXPECT_TRUE(w.sent.empty());
    const auto recorded = w.twin_of(0).in_flight->sealed;
    w.opts.with.temporary = 0;
    ASSERT_TRUE(w.run(hours(1)));
    EXPECT_EQ(w.state_of(id), "applied");
    ASSERT_EQ(w.sent.size(), 1u);
    EXPECT_TRUE(std::equal(recorded.rbegin(), recorded.rend(), w.sent[0].user_data.rbegin()));
    expect_no_violation(w);
}

TEST(R8, a_receipt_alone_never_completes_an_event) {
    world w(calm());
    w.opts.with.answer_loss = 1;
    const auto id = w.replace(0, spn, "Operator");
    w.run(seconds(30));
    EXPECT_EQ(w.state_of(id), "");
    EXPECT_EQ(w.content(0, spn)->front(), 'O');  // it ran, but nothing proves it
}

TEST(R9, counter_low_after_a_repeat_is_unknown_and_read_back) {
    world w(calm());
    w.opts.with.answer_loss = 1;
    const auto id = w.replace(0, spn, "Operator");
    w.run(seconds(30));
    w.opts.with.answer_loss = 0;
    ASSERT_TRUE(w.run(hours(1)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.reason_of(id), "read-back");
    expect_no_violation(w);
}

TEST(R10, exactly_plus_one_sends_the_recorded_packet_before_any_other) {
    world w(calm(1, profile_with(0x1E)));
    std::size_t passed = 0;
    w.on_air = [&](const bearer::submission&) { return ++passed > 4; };
    w.replace(0, spn, "First");
    w.run(minutes(2));
    const auto last = w.replace(0, spn, "Second");
    ASSERT_TRUE(w.run(hours(3)));
    EXPECT_EQ(w.state_of(last), "applied");
    ASSERT_GE(w.sent.size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(w.sent[i].user_data, w.sent[0].user_data);
    EXPECT_EQ((*w.content(0, spn))[0], 'S');
    expect_no_violation(w);
}

TEST(R11, exec_is_refused_where_the_card_checks_no_counter) {
    auto profile = profile_with(0x0E);
    world w(calm(1, profile));
    const auto id = w.publish(event_for(w, queue::operation::exec, "./SC/USIM/Status"));
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "rejected");
    EXPECT_EQ(w.reason_of(id), "exec-needs-counter");
}

TEST(R12, a_counter_that_is_behind_leaps_until_the_card_takes_it) {
    world w(calm());
    auto t = w.twin_of(0);
    for (auto& c : t.counters) c.last = 0;  // as after importing a card that others had used
    w.save(0, t, store::standing::active);
    const auto id = w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(hours(2)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_GE(w.twin_of(0).leaps, 1);
    expect_no_violation(w);
}

TEST(R14, a_permanent_status_word_fails_the_event_and_blocks_the_node) {
    auto profile = profile_with();
    node_binding missing;
    missing.uri = "./SC/USIM/Missing";
    missing.path = {0x7FFF, 0x6FFE};
    missing.size = 10;
    world* built = nullptr;
    auto gateway_side = std::make_shared<card_profile>(*profile);
    gateway_side->nodes[missing.uri] = missing;
    options o = calm(1, profile);
    o.gateway_profile = gateway_side;
    world w(o);
    built = &w;
    queue::change_event e = event_for(*built, queue::operation::replace, "./SC/USIM/Missing");
    e.format = "bin";
    e.value = {queue::node_value::kind::text, "AAAAAAAAAAAAAA=="};
    const auto id = w.publish(e);
    const auto other = w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "failed");
    EXPECT_EQ(w.reason_of(id), "card-refused");
    EXPECT_EQ(w.state_of(other), "applied");
    const auto t = w.twin_of(0);
    EXPECT_EQ(t.find("./SC/USIM/Missing")->blocked, "card-refused");
    EXPECT_LE(w.sent.size(), 4u);  // no endless SMS
}

TEST(R14, unsecured_refusals_count_for_the_profile_and_end_in_quarantine_without_leaps) {
    const auto profile = profile_with();
    const wall_time now = std::chrono::sys_days(std::chrono::January / 5 / 2026);
    flow::twin t;
    flow::effects out;
    secure_channel::response refusal;
    refusal.tar.octets = {0xB0, 0x00, 0x11};
    refusal.status = secure_channel::response_status::tar_unknown;
    for (int i = 0; i < 5; ++i) {
        if (!t.in_flight) t.in_flight.emplace();
        t.in_flight->tar = refusal.tar;
        t.in_flight->spi = profile->spi;
        flow::on_hint(t, *profile, refusal, now, out);
        EXPECT_EQ(t.pending_leap, 0u);
    }
    EXPECT_EQ(out.ends.size(), 5u);
    EXPECT_TRUE(out.quarantine);
    EXPECT_EQ(t.hold, "tar-unknown");
}

TEST(R14, a_repair_closes_what_was_sealed_under_the_wrong_keys_by_a_read_back) {
    flow::twin t;
    t.in_flight.emplace();
    t.in_flight->spi = profile_with()->spi;
    t.hold = "security-refused";
    flow::on_repair(t);
    EXPECT_TRUE(t.hold.empty());
    EXPECT_FALSE(t.in_flight);
    EXPECT_TRUE(t.unknown && t.read_back_due);
}

TEST(R15, reported_moves_to_what_the_packet_carried_not_to_the_desired_of_today) {
    world w(calm());
    bool first = true;
    w.on_air = [&](const bearer::submission&) {
        if (std::exchange(first, false)) w.replace(0, spn, "Newer");
        return true;
    };
    const auto older = w.replace(0, spn, "Older");
    ASSERT_TRUE(w.run(minutes(10)));
    EXPECT_EQ(w.state_of(older), "applied");
    EXPECT_EQ((*w.content(0, spn))[0], 'N');
    EXPECT_EQ(w.sent.size(), 2u);
    expect_no_violation(w);
}

}  // namespace
}  // namespace ota::simulation
