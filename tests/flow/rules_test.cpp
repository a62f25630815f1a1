// The rules R1 to R25 of the design, one by one, on simulated cards.
#include "tests/flow/simulation.hpp"

#include "gateway/flow/reasons.hpp"
#include "gateway/flow/receipt.hpp"

#include <gtest/gtest.h>

namespace ota::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* acc = "./SC/USIM/ACC";
constexpr const char* spn = "./SC/USIM/SPN";
constexpr const char* plmn = "./SC/USIM/OPLMNwAcT";

options calm(std::size_t cards = 1, std::shared_ptr<card_profile> profile = profile_with()) {
    options o;
    o.cards = cards;
    o.profile = std::move(profile);
    return o;
}

void expect_no_violation(world& w) {
    for (const auto& v : w.violations()) ADD_FAILURE() << v;
}

queue::change_event event_for(world& w, queue::operation op, const char* node) {
    queue::change_event e;
    e.subject = w.iccid(0);
    e.op = op;
    e.node = node;
    return e;
}

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
    flow::on_recover(t, 1000);
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

TEST(R16, a_waiting_change_gives_way_to_a_newer_one) {
    world w(calm());
    const auto a = w.replace(0, spn, "A");
    const auto b = w.replace(0, spn, "B");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(a), "superseded");
    EXPECT_EQ(w.state_of(b), "applied");
    EXPECT_EQ(w.sent.size(), 1u);
}

TEST(R16, a_delete_after_an_unsent_add_needs_no_sms) {
    world w(calm());
    auto add = event_for(w, queue::operation::add, acc);
    add.format = "bin";
    add.value = {queue::node_value::kind::text, "AAE="};
    const auto added = w.publish(add);
    const auto erased = w.publish(event_for(w, queue::operation::erase, acc));
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(added), "superseded");
    EXPECT_EQ(w.state_of(erased), "applied");
    EXPECT_TRUE(w.sent.empty());
}

TEST(R16, add_on_an_existing_node_is_rejected) {
    world w(calm());
    w.replace(0, acc, "1");
    ASSERT_TRUE(w.run(minutes(5)));
    auto add = event_for(w, queue::operation::add, acc);
    add.format = "bin";
    add.value = {queue::node_value::kind::text, "AAE="};
    const auto id = w.publish(add);
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.reason_of(id), "already-exists");
}

TEST(R17, a_get_sees_what_came_before_it_and_not_what_came_after) {
    world w(calm());
    w.replace(0, acc, "1");
    const auto get = w.publish(event_for(w, queue::operation::get, acc));
    w.replace(0, acc, "2");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(get), "applied");
    bool told = false;
    for (const auto& m : w.sink.messages) told |= m.value.find("\"value\":\"MSA=\"") != std::string::npos;  // "1 "
    EXPECT_TRUE(told);
    EXPECT_EQ((*w.content(0, acc))[0], '2');
    expect_no_violation(w);
}

TEST(R17, an_exec_whose_proof_is_lost_is_failed_and_not_repeated) {
    world w(calm());
    w.opts.with.answer_loss = 1;
    const auto id = w.publish(event_for(w, queue::operation::exec, "./SC/USIM/Status"));
    w.run(seconds(30));
    w.opts.with.answer_loss = 0;
    ASSERT_TRUE(w.run(hours(2)));
    EXPECT_EQ(w.state_of(id), "failed");
    EXPECT_EQ(w.reason_of(id), "outcome-unknown");
    expect_no_violation(w);
}

TEST(R18, an_event_that_is_never_delivered_expires_and_desired_falls_back) {
    world w(calm());
    w.replace(0, spn, "Known");
    ASSERT_TRUE(w.run(minutes(5)));
    w.on_air = [](const bearer::submission&) { return false; };
    queue::change_event e;
    e.subject = w.iccid(0);
    e.node = acc;
    e.format = "bin";
    e.value = {queue::node_value::kind::text, "AAE="};
    e.expires_at = w.now + minutes(3);
    const auto id = w.publish(e);
    ASSERT_TRUE(w.run(hours(2)));
    EXPECT_EQ(w.state_of(id), "expired");
    EXPECT_EQ(w.reason_of(id), "life-over-outcome-unknown");
    EXPECT_FALSE(w.twin_of(0).find(acc)->wanted);
}

TEST(R18, not_before_takes_its_place_when_due) {
    world w(calm());
    queue::change_event e;
    e.subject = w.iccid(0);
    e.node = acc;
    e.format = "bin";
    e.value = {queue::node_value::kind::text, "AAE="};
    e.not_before = w.now + minutes(10);
    const auto id = w.publish(e);
    w.run(minutes(5));
    EXPECT_TRUE(w.sent.empty());
    ASSERT_TRUE(w.run(hours(1)));
    EXPECT_EQ(w.state_of(id), "applied");
}

TEST(R19, a_volatile_file_is_always_written_whole_and_never_skipped) {
    auto profile = profile_with();
    profile->nodes[spn].volatile_file = true;
    world w(calm(1, profile));
    w.replace(0, spn, "Same");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto id = w.replace(0, spn, "Same");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    ASSERT_EQ(w.sent.size(), 2u);
    EXPECT_EQ(w.sent[0].user_data.size(), w.sent[1].user_data.size());
}

TEST(R22, a_repeated_event_is_taken_in_once_and_other_content_is_a_dead_letter) {
    world w(calm());
    const auto id = w.replace(0, spn, "A");
    w.source.records.push_back(w.source.records.back());
    auto other = w.published.back();
    other.value.text = "AAAAAAAAAAAAAAAAAAAAAAA=";
    other.id = id;
    w.publish(other);
    w.published.pop_back();
    ASSERT_TRUE(w.run(minutes(5)));
    std::size_t letters = 0;
    for (const auto& m : w.sink.messages) letters += m.topic == queue::topic_dead_letters;
    EXPECT_EQ(letters, 1u);
    EXPECT_EQ(w.sent.size(), 1u);
}

TEST(R22, a_late_older_revision_is_superseded_at_intake) {
    world w(calm());
    auto newer = event_for(w, queue::operation::replace, acc);
    newer.format = "bin";
    newer.value = {queue::node_value::kind::text, "AAI="};
    newer.revision = 5;
    auto older = newer;
    older.revision = 4;
    older.value.text = "AAE=";
    w.publish(newer);
    const auto late = w.publish(older);
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.reason_of(late), "older-revision");
    EXPECT_EQ((*w.content(0, acc))[1], 2);
}

TEST(R23, an_unknown_card_is_rejected_and_broken_json_is_a_dead_letter) {
    world w(calm());
    queue::change_event e;
    e.subject = "8949000000000000000";
    e.node = acc;
    e.op = queue::operation::get;
    const auto id = w.publish(e);
    w.source.records.push_back({0, 1, 2, "k", "{not json", false});
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.reason_of(id), "unknown-card");
    std::size_t letters = 0;
    for (const auto& m : w.sink.messages) {
        if (m.topic != queue::topic_dead_letters) continue;
        ++letters;
        EXPECT_EQ(m.value.find("not json"), std::string::npos);  // R24
    }
    EXPECT_EQ(letters, 1u);
}

TEST(R24, what_lies_in_the_store_has_no_clear_image_of_a_secret_node) {
    auto profile = profile_with();
    profile->nodes[spn].readable = false;
    world w(calm(1, profile));
    w.replace(0, spn, "CANARY-SECRET");
    w.on_air = [](const bearer::submission&) { return false; };
    w.run(seconds(5));
    const auto row = w.row_of(0);
    EXPECT_EQ(wire::as_text(row.twin).find("CANARY"), std::string_view::npos);
    const auto t = w.twin_of(0);
    EXPECT_EQ(wire::as_text(t.nodes[0].desired).substr(0, 6), "CANARY");
}

TEST(R25, an_unsigned_proof_completes_only_where_the_profile_allows_and_says_so) {
    auto profile = profile_with(0x16, 0x01);
    profile->allow_unverified = true;
    world w(calm(1, profile));
    const auto id = w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.reason_of(id), "unverified");
}

}  // namespace
}  // namespace ota::simulation
