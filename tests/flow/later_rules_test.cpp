// The rules R16 to R25 of the design, one by one, on simulated cards.
#include "tests/flow/rules.hpp"

#include "gateway/flow/reasons.hpp"
#include "gateway/flow/receipt.hpp"

namespace ota::simulation {
namespace {

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

TEST(R20, a_refresh_script_follows_an_update_where_the_profile_says_so) {
    auto profile = profile_with();
    world plain(calm(1, profile));
    plain.replace(0, spn, "Operator");
    ASSERT_TRUE(plain.run(minutes(5)));
    auto refreshing = std::make_shared<card_profile>(*profile);
    refreshing->refresh = refresh_policy::script;
    refreshing->refresh_script.assign(4, {0x00, 0xF2, 0x00, 0x00, 0x00});  // 20 octets: more than any padding hides
    world w(calm(1, refreshing));
    const auto id = w.replace(0, spn, "Operator");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_GT(w.sent[0].user_data.size(), plain.sent[0].user_data.size());
    EXPECT_TRUE(w.twin_of(0).find(spn)->confirmed);
    expect_no_violation(w);
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
    w.source.records.push_back(
        {.offset = 1, .next_offset = 2, .key = "k", .payload = "{not json", .headers = {{"tenant", "canary"}}});
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.reason_of(id), "unknown-card");
    std::size_t letters = 0;
    for (const auto& m : w.sink.messages) {
        if (m.topic != queue::topic_dead_letters) continue;
        ++letters;
        EXPECT_EQ(m.value.find("not json"), std::string::npos);  // R24
        EXPECT_EQ(m.value.find("canary"), std::string::npos);
        EXPECT_NE(m.value.find("\"sealed_headers\""), std::string::npos) << "a replay gives them back";
    }
    EXPECT_EQ(letters, 1u);
}

TEST(R23, an_event_parked_for_an_unknown_card_is_rejected_when_its_life_is_over) {
    auto with = calm();
    with.corridor.park_unknown_cards = true;
    with.corridor.event_life = hours(2);
    world w(with);
    queue::change_event e;
    e.subject = "8949000000000000000";
    e.node = acc;
    e.op = queue::operation::get;
    const auto id = w.publish(e);
    EXPECT_FALSE(w.run(hours(1))) << w.state_of(id);
    EXPECT_TRUE(w.run(hours(1) + minutes(2)));
    EXPECT_EQ(w.state_of(id), "rejected");
    EXPECT_EQ(w.reason_of(id), "unknown-card");
    const auto told = w.sink.messages.size();
    w.run(minutes(5));
    EXPECT_EQ(w.sink.messages.size(), told) << "it is said once";
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
