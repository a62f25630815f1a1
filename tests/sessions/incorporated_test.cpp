#include "tests/sessions/session_world.hpp"

namespace ota::simulation {
namespace {

using flow::device_word;
using testing::ElementsAre;
using testing::IsEmpty;

struct provisioned_world : session_world {
    explicit provisioned_world(dm::table_settings limits = {})
        : session_world(calm(1, object_profile()), std::move(limits)) {
        provision(0, "subscriber-0", "secret-0");
    }
    std::string applied(const std::string& node, const std::string& value) {
        const auto id = replace_leaf(node, value);
        EXPECT_TRUE(run(minutes(5)));
        EXPECT_EQ(state_of(id), "applied") << reason_of(id);
        return id;
    }
};

TEST(incorporated, follows_applied_once_the_device_is_seen_to_hold_what_the_card_holds) {
    provisioned_world w;
    const auto first = w.applied(address, "imps-1.example.org");
    const auto second = w.applied(port, "5223");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    EXPECT_EQ(w.http.met().messages, 2U);
    w.publish_outbox();
    EXPECT_THAT(w.later(first), ElementsAre("incorporated"));
    EXPECT_THAT(w.later(second), ElementsAre("incorporated"));
    EXPECT_EQ(w.view_of("./IMPS").said, device_word::incorporated);
    EXPECT_EQ(w.view_of(account).said, device_word::incorporated);  // its secrets cannot be asked for
    EXPECT_EQ(w.owner.tally().confirmed, 2U);
    EXPECT_EQ(w.state_of(first), "applied");
    expect_no_violation(w);
}

TEST(incorporated, is_told_once_and_again_only_for_what_is_new) {
    provisioned_world w;
    const auto first = w.applied(address, "imps-1.example.org");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    EXPECT_EQ(w.call(bench), "done");
    const auto second = w.applied(address, "imps-2.example.org");
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.later(first), ElementsAre("incorporated"));
    EXPECT_THAT(w.later(second), ElementsAre("incorporated"));
    EXPECT_EQ(w.owner.tally().confirmed, 3U);
}

TEST(incorporated, is_told_with_the_state_of_the_object_at_once) {
    auto how = calm(1, object_profile());
    how.corridor.card_states = true;
    session_world w(how);
    w.provision(0, "subscriber-0", "secret-0");
    (void)w.replace_leaf(address, "imps-1.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto states = [&] {
        std::vector<boost::json::object> out;
        for (const auto& m : w.sink.messages) {
            if (m.topic == queue::topic_card_state && m.key == w.iccid(0) + "/IMPS")
                out.push_back(boost::json::parse(m.value).as_object());
        }
        return out;
    };
    const auto before = states();
    ASSERT_FALSE(before.empty());
    EXPECT_FALSE(before.back().at("data").as_object().contains("device"));
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    const auto after = states();
    ASSERT_EQ(after.size(), before.size() + 1) << "one record";
    EXPECT_EQ(after.back().at("data").at("device"), "incorporated");
    EXPECT_EQ(after.back().at("data").at("state"), "in-sync");
    EXPECT_GT(std::stoll(std::string(after.back().at("id").as_string())),
              std::stoll(std::string(before.back().at("id").as_string())));
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_EQ(states().size(), after.size()) << "and nothing when nothing is new";
}

TEST(incorporated, is_not_told_while_the_device_holds_the_former_content) {
    provisioned_world w;
    phone_in_world bench(w, 0);
    const auto id = w.applied(address, "imps-1.example.org");  // the device is not told to look
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.later(id), IsEmpty());
    EXPECT_EQ(w.view_of("./IMPS").said, device_word::nothing);
    EXPECT_EQ(w.owner.tally().differing, 1U);
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.later(id), ElementsAre("incorporated"));
}

TEST(incorporated, waits_for_the_cards_proof_when_the_device_was_faster) {
    provisioned_world w;
    w.applied(address, "imps-0.example.org");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    const auto id = w.replace_leaf(address, "imps-1.example.org");
    for (int i = 0; i < 400 && w.value(address) != "imps-1.example.org"; ++i)
        w.tick();  // the card has it, its answer is under way
    ASSERT_EQ(w.state_of(id), "");
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
    w.owner.tick();
    EXPECT_EQ(w.owner.tally().confirmed, 2U);  // object and account, of the session before
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    w.owner.tick();
    w.publish_outbox();
    EXPECT_THAT(w.later(id), ElementsAre("incorporated"));
    w.owner.tick();
    EXPECT_EQ(w.owner.tally().confirmed, 3U);
    expect_no_violation(w);
}

TEST(incorporated, is_not_told_by_a_device_that_makes_no_use_of_the_object) {
    provisioned_world w;
    const auto id = w.applied(address, "imps-1.example.org");
    phone_in_world bench(w, 0, sandbox::phone_model({"urn:oma:mo:oma-dm-dmacc:1.0"}));
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.later(id), IsEmpty());
    EXPECT_EQ(w.owner.tally().missing, 1U);
    EXPECT_EQ(w.view_of("./IMPS").said, device_word::nothing);
}

TEST(incorporated, is_asked_anew_of_another_device_with_the_card) {
    provisioned_world w;
    const auto id = w.applied(address, "imps-1.example.org");
    {
        phone_in_world bench(w, 0);
        EXPECT_EQ(w.call(bench), "done");
    }
    auto model = sandbox::phone_model();
    model.imei = "356938035643809";
    phone_in_world other(w, 0, model);
    EXPECT_EQ(w.call(other), "done");
    w.publish_outbox();
    EXPECT_EQ(w.owner.tally().confirmed, 4U);  // both objects, by both
    EXPECT_THAT(w.later(id), ElementsAre("incorporated"));
    EXPECT_EQ(w.accounts(0)[0].device, "IMEI:356938035643809");
}

TEST(incorporated, is_found_out_leaf_by_leaf_where_whole_subtrees_cannot_be_told) {
    dm::table_settings limits;
    limits.each.max_object = 200;  // no object of a card fits
    provisioned_world w(limits);
    const auto id = w.applied(address, "imps-1.example.org");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    EXPECT_GE(w.http.met().messages, 3U);  // what it could not tell at once was asked once more
    w.publish_outbox();
    EXPECT_THAT(w.later(id), ElementsAre("incorporated"));
    const auto other = w.applied(address, "imps-2.example.org");
    EXPECT_EQ(w.call(bench), "done");  // it was not told to look
    w.publish_outbox();
    EXPECT_THAT(w.later(other), IsEmpty());
    EXPECT_EQ(w.owner.tally().differing, 1U);
}

TEST(purged, is_told_when_the_device_gives_up_what_it_had_and_incorporated_when_it_has_it_again) {
    provisioned_world w;
    const auto id = w.applied(address, "imps-1.example.org");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    for (const auto* type : {"org.example.dmsc.purged", "org.example.dmsc.unheard-of"}) {
        mo::dm::alert told{.code = 1226};
        told.items.push_back({.source = mo::dm::location{"./IMPS", {}},
                              .about = mo::dm::meta{.format = "int", .type = type, .mark = "informational"},
                              .data = "1"});
        bench.phone.report(std::move(told));
    }
    w.owner.replace(w.iccid(0), {.node = "./IMPS/Name", .value = "Other"});  // so that it does not agree by itself
    EXPECT_EQ(w.call(bench), "done");
    EXPECT_EQ(w.view_of("./IMPS").said, device_word::purged);
    EXPECT_EQ(w.owner.tally().purged, 1U);
    ASSERT_TRUE(bench.phone.edit(at("./IMPS/Name"), w.value("./IMPS/Name").value()));
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.later(id), ElementsAre("incorporated", "purged", "incorporated"));
}

TEST(declined, is_told_for_what_the_user_refused_and_incorporated_when_he_agrees_to_a_later_content) {
    provisioned_world w;
    const std::string mail = "./Email/Name";
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    bench.says = sandbox::consent::no;
    const auto first = w.applied(mail, "Mail one");
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.later(first), ElementsAre("declined"));
    EXPECT_EQ(w.view_of("./Email").said, device_word::declined);
    EXPECT_EQ(w.owner.tally().declined, 1U);
    bench.says = sandbox::consent::yes;
    const auto second = w.applied(mail, "Mail two");
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.later(second), ElementsAre("incorporated"));
    EXPECT_EQ(w.view_of("./Email").said, device_word::incorporated);
}

TEST(drift, is_counted_and_kept_and_never_written_to_the_card) {
    provisioned_world w;
    (void)w.applied(address, "imps-1.example.org");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    const auto sent = w.messages();
    ASSERT_TRUE(bench.phone.edit(at(address), "mine.example.org"));
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_EQ(w.view_of("./IMPS").drifts, 1U);
    EXPECT_EQ(w.owner.tally().drifts, 1U);
    EXPECT_EQ(w.messages(), sent);
    EXPECT_EQ(w.value(address), "imps-1.example.org");
    EXPECT_THAT(w.changes, IsEmpty());
    expect_no_violation(w);
    const auto newest = w.twin_of(0).last_history;
    auto tx = w.state().begin();
    EXPECT_EQ(boost::json::parse(tx.value()->history(newest, 1).value().at(0).what).at("what").as_string(),
              "device-drift");
}

TEST(a_session, that_changes_a_node_of_the_card_becomes_a_change_event_for_it) {
    provisioned_world w;
    (void)w.applied(address, "imps-1.example.org");
    phone_in_world bench(w, 0);
    w.owner.replace(w.iccid(0), {.node = address, .value = "imps-2.example.org"});
    EXPECT_EQ(w.call(bench), "done");
    EXPECT_EQ(bench.value(address), "imps-2.example.org");
    EXPECT_EQ(w.value(address), "imps-1.example.org");
    w.publish_outbox();
    ASSERT_EQ(w.changes.size(), 1U);
    EXPECT_EQ(w.changes[0].source, "dm-session");
    EXPECT_EQ(w.changes[0].node, address);
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(w.changes[0].id), "applied") << w.reason_of(w.changes[0].id);
    EXPECT_EQ(w.value(address), "imps-2.example.org");
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.later(w.changes[0].id), ElementsAre("incorporated"));
    expect_no_violation(w);
}

TEST(a_session, whose_change_the_device_refuses_changes_nothing_on_the_card) {
    provisioned_world w;
    phone_in_world bench(w, 0);
    w.owner.replace(w.iccid(0), {.node = "./NoSuch/Node", .value = "x"});
    EXPECT_EQ(w.call(bench), "done");
    w.publish_outbox();
    EXPECT_THAT(w.changes, IsEmpty());
    EXPECT_EQ(w.owner.tally().changes, 0U);
}

}  // namespace
}  // namespace ota::simulation
