// Management objects through the corridor: change events on their nodes, files of a card that only the control file
// attests.
#include "gateway/flow/intake.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/plan.hpp"
#include "gateway/flow/reading.hpp"
#include "gateway/flow/receipt.hpp"
#include "tests/flow/object_world.hpp"

#include <fstream>
#include <iterator>

namespace ota::simulation {
namespace {

TEST(management_object, a_new_value_reaches_the_card_and_is_attested_by_the_control_file) {
    object_world w;
    const auto before = w.on_card().control->generation;
    const auto id = w.replace_leaf(address, "imps.new.example.org");
    EXPECT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(address), "imps.new.example.org");
    EXPECT_EQ(w.on_card().control->generation, before + 1);
    EXPECT_TRUE(w.twin_of(0).find("./IMPS")->confirmed);
    expect_no_violation(w);
}

TEST(management_object, a_change_of_twenty_octets_on_a_known_card_is_one_message) {
    object_world w;
    w.replace_leaf(address, "imps-1.example.org/a");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto before = w.messages();
    for (const auto* value : {"imps-2.example.org/b", "imps-3.example.org/longer"}) {
        const auto id = w.replace_leaf(address, value);
        ASSERT_TRUE(w.run(minutes(5)));
        EXPECT_EQ(w.state_of(id), "applied");
        EXPECT_EQ(w.value(address), value);
    }
    EXPECT_EQ(w.messages(), before + 2);
    expect_no_violation(w);
}

TEST(management_object, five_leaves_of_one_object_are_at_most_two_messages) {
    object_world w;
    w.replace_leaf(address, "imps-1.example.org/a");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto before = w.messages();
    std::vector<std::string> ids;
    for (const auto& [node, value] : std::vector<std::pair<std::string, std::string>>{{address, "imps-2.example.org/b"},
                                                                                      {port, "5223"},
                                                                                      {name_of_service, "New chat"},
                                                                                      {"./IMPS/CIDPrefix", "bob"},
                                                                                      {"./IMPS/Services", "IM"}}) {
        ids.push_back(w.replace_leaf(node, value));
    }
    ASSERT_TRUE(w.run(minutes(5)));
    for (const auto& id : ids) EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_LE(w.messages(), before + 2);
    EXPECT_EQ(w.value(port), "5223");
    EXPECT_EQ(w.value("./IMPS/CIDPrefix"), "bob");
    expect_no_violation(w);
}

TEST(management_object, a_newer_value_of_the_same_leaf_supersedes_and_others_stay) {
    object_world w;
    const auto first = w.replace_leaf(address, "a.example.org");
    const auto other = w.replace_leaf(port, "1");
    const auto second = w.replace_leaf(address, "b.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(first), "superseded");
    EXPECT_EQ(w.state_of(other), "applied");
    EXPECT_EQ(w.state_of(second), "applied");
    EXPECT_EQ(w.value(address), "b.example.org");
    EXPECT_EQ(w.value(port), "1");
    expect_no_violation(w);
}

TEST(management_object, an_event_that_comes_while_another_is_under_way_builds_on_it) {
    object_world w;
    const auto first = w.replace_leaf(address, "a.example.org");
    for (int i = 0; i < 200 && !w.twin_of(0).in_flight; ++i) w.tick();
    const auto second = w.replace_leaf(port, "77");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(first), "applied");
    EXPECT_EQ(w.state_of(second), "applied");
    EXPECT_EQ(w.value(address), "a.example.org");
    EXPECT_EQ(w.value(port), "77");
    expect_no_violation(w);
}

TEST(management_object, nodes_are_added_deleted_and_copied) {
    object_world w;
    constexpr const char* another = "./IMPS/AppAddr/y";
    const auto tree =
        w.change(queue::operation::copy, another, {}, 0, [](auto& e) { e.copy_from = "./IMPS/AppAddr/x"; });
    const auto leaf = w.replace_leaf("./IMPS/AppAddr/y/Addr", "second.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(tree), "applied") << w.reason_of(tree);
    EXPECT_EQ(w.state_of(leaf), "applied") << w.reason_of(leaf);
    EXPECT_EQ(w.value("./IMPS/AppAddr/y/Addr"), "second.example.org");
    EXPECT_EQ(w.value(address), "imps.old.example.org");
    const auto gone = w.change(queue::operation::erase, another);
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(gone), "applied") << w.reason_of(gone);
    EXPECT_EQ(w.value("./IMPS/AppAddr/y/Addr"), std::nullopt);
    EXPECT_EQ(w.value(address), "imps.old.example.org");
    expect_no_violation(w);
}

TEST(management_object, what_the_tree_does_not_allow_is_rejected_and_costs_no_change) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto before = w.messages();
    const auto missing = w.replace_leaf("./IMPS/Nowhere/x", "v");
    const auto exists = w.change(queue::operation::add, name_of_service, "v");
    const auto mirror = w.replace_leaf("./DevInfo/DevId", "v");
    const auto executed = w.change(queue::operation::exec, name_of_service);
    const auto elsewhere = w.replace_leaf("./Nothing/here", "v");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.reason_of(missing), "not-found");
    EXPECT_EQ(w.reason_of(exists), "already-exists");
    EXPECT_EQ(w.reason_of(mirror), "not-writable");
    EXPECT_EQ(w.reason_of(executed), "not-executable");
    EXPECT_EQ(w.reason_of(elsewhere), "unknown-node");
    for (const auto& id : {missing, exists, mirror, executed, elsewhere}) EXPECT_EQ(w.state_of(id), "rejected");
    EXPECT_EQ(w.messages(), before);
    expect_no_violation(w);
}

TEST(management_object, get_reads_a_value_through_the_card) {
    object_world w;
    const auto id = w.change(queue::operation::get, address);
    const auto none = w.change(queue::operation::get, "./IMPS/Nothing");
    ASSERT_TRUE(w.run(minutes(10)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.told(id, "value"), "aW1wcy5vbGQuZXhhbXBsZS5vcmc=");  // imps.old.example.org
    EXPECT_EQ(w.state_of(none), "failed");
    EXPECT_EQ(w.reason_of(none), "not-found");
    expect_no_violation(w);
}

TEST(management_object, a_cancelled_change_is_taken_out_of_those_that_wait_with_it) {
    object_world w;
    flow::twin t;
    flow::effects fx;
    const auto& profile = *w.opts.profile;
    const auto take = [&](flow::event_seq seq, const char* node, const char* value) {
        queue::change_event e;
        e.op = queue::operation::replace;
        e.node = node;
        e.value = {queue::node_value::kind::text, value};
        return flow::take_in(t, profile, e, seq, hours(1), w.now, fx);
    };
    (void)take(1, address, "a.example.org");
    (void)take(2, port, "77");
    EXPECT_TRUE(flow::cancel(t, &profile, 1, fx));
    const auto& desired = t.find("./IMPS")->desired;
    EXPECT_EQ(mo::get_from_image(desired, mo::parse_uri("./AppAddr/x/Addr").value()).value(), "imps.old.example.org");
    EXPECT_EQ(mo::get_from_image(desired, mo::parse_uri("./AppAddr/x/Port/x/PortNbr").value()).value(), "77");
    EXPECT_EQ(t.find("./IMPS")->desired_version, 2);
    EXPECT_TRUE(flow::cancel(t, &profile, 2, fx));
    EXPECT_FALSE(t.find("./IMPS")->wanted);
}

TEST(management_object, a_twin_with_objects_is_kept_and_read_again) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    for (int i = 0; i < 60; ++i) {
        w.tick();
        w.restart();
    }
    ASSERT_TRUE(w.run(minutes(60)));
    EXPECT_EQ(w.value(address), "a.example.org");
    expect_no_violation(w);
}

TEST(management_object, a_card_that_was_written_by_somebody_else_is_read_first) {
    object_world w;
    // The other hand changes a leaf and, as it should, the control file.
    auto other = object_profile();
    const auto& object = *other->find_object("./IMPS");
    auto image = mo::change_image(object.factory_image, {.at = mo::parse_uri("./Name").value(), .value = "Their chat"},
                                  mo::parse_uri("./IMPS").value(), form_of(object))
                     .value();
    w.network().put(0, object.file, image);
    auto control = mo::with_image(factory_control(*other), object.file_identifier(), object.file_identifier(), image);
    w.network().put(0, other->objects_at->control, control_image(*other, *control));
    const auto id = w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(address), "a.example.org");
    EXPECT_EQ(w.value(name_of_service), "Their chat") << "what the gateway did not change stays";
    expect_no_violation(w);
}

TEST(management_object, a_card_whose_control_file_is_torn_gets_it_whole) {
    object_world w;
    const auto& control = w.opts.profile->objects_at->control;
    w.network().put(0, control, wire::octets(control.size, 0x5A));
    const auto id = w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(address), "a.example.org");
    expect_no_violation(w);
}

TEST(management_object, what_a_first_change_cannot_do_is_rejected_by_what_the_card_says) {
    object_world w;
    const auto exists = w.change(queue::operation::add, name_of_service, "v");
    const auto missing = w.replace_leaf("./IMPS/AppAddr/z/Addr", "v");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.reason_of(exists), "already-exists");
    EXPECT_EQ(w.reason_of(missing), "not-found");
    EXPECT_EQ(w.value(name_of_service), "Example chat");
    expect_no_violation(w);
}

TEST(management_object, an_object_that_the_card_was_made_without_is_added_and_written) {
    auto profile = object_profile();
    for (auto& object : profile->management_objects) {
        if (object.uri == "./IMPS") object.factory_image = mo::empty_image(object.file.size);
    }
    object_world w(calm(1, profile));
    std::ifstream in(std::string(OTA_SOURCE_DIR) + "/config/management-objects/factory/imps.xml");
    const std::string document(std::istreambuf_iterator<char>(in), {});
    const auto id = w.change(queue::operation::replace, "./IMPS", document, 0,
                             [](auto& e) { e.type = "application/vnd.syncml.dmtnds+xml"; });
    ASSERT_TRUE(w.run(minutes(60)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(address), "imps.old.example.org");
    expect_no_violation(w);
}

TEST(management_object, a_source_that_is_no_address_is_rejected) {
    object_world w;
    const auto id =
        w.change(queue::operation::copy, "./IMPS/AppAddr/y", {}, 0, [](auto& e) { e.copy_from = "./IMPS/%01"; });
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "rejected");
    EXPECT_EQ(w.messages(), 0u);
}

TEST(management_object, what_is_refused_supersedes_nothing) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto first = w.replace_leaf(name_of_service, "One");
    const auto second = w.replace_leaf(name_of_service, std::string(1200, 'x'));
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(first), "applied") << w.reason_of(first);
    EXPECT_EQ(w.reason_of(second), "too-large-for-card");
    EXPECT_EQ(w.value(name_of_service), "One");
}

TEST(management_object, a_value_that_was_copied_before_it_changed_again_stays) {
    object_world w;
    const auto first = w.replace_leaf(address, "a.example.org");
    const auto copied =
        w.change(queue::operation::copy, "./IMPS/AppAddr/y", {}, 0, [](auto& e) { e.copy_from = "./IMPS/AppAddr/x"; });
    const auto second = w.replace_leaf(address, "b.example.org");
    ASSERT_TRUE(w.run(minutes(30)));
    for (const auto& id : {first, copied, second}) EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value("./IMPS/AppAddr/y/Addr"), "a.example.org");
    EXPECT_EQ(w.value(address), "b.example.org");
}

TEST(management_object, a_secret_is_neither_read_nor_copied) {
    auto profile = object_profile();
    for (auto& object : profile->management_objects) {
        if (object.uri == "./IMPS") object.secrets = {"AppAuth/x/AAuthSecret"};
    }
    object_world w(calm(1, profile));
    const auto read = w.change(queue::operation::get, "./IMPS/AppAuth/x/AAuthSecret");
    const auto tree =
        w.change(queue::operation::copy, "./IMPS/AppAuth/y", {}, 0, [](auto& e) { e.copy_from = "./IMPS/AppAuth/x"; });
    ASSERT_TRUE(w.run(minutes(5)));
    for (const auto& id : {read, tree}) EXPECT_EQ(w.reason_of(id), "not-readable");
    EXPECT_EQ(w.messages(), 0u);
}

TEST(management_object, a_recovered_store_trusts_no_file_that_may_have_been_written_since_the_backup) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    auto t = w.twin_of(0);
    // A packet after the backup wrote into the object and stopped before the control file.
    auto torn = *w.content(0, "./IMPS");
    torn[40] ^= 0x11;
    ASSERT_TRUE(w.network().put(0, w.opts.profile->find_object("./IMPS")->file, torn));
    EXPECT_EQ(w.value(address), std::nullopt);
    flow::on_recover(t, w.opts.profile.get(), 1000);
    w.save(0, t, store::standing::active);
    for (int i = 0; i < 400 && !w.value(address); ++i) w.tick();  // no event is open that run() could wait for
    EXPECT_EQ(w.value(address), "a.example.org");
    expect_no_violation(w);
}

/// A twin with one open change of an object, for answers that the simulated card does not give.
struct waiting_change {
    std::shared_ptr<card_profile> profile = object_profile();
    flow::twin t;
    flow::effects fx;
    wall_time now{hours(500000)};

    waiting_change() {
        queue::change_event e;
        e.op = queue::operation::replace;
        e.node = address;
        e.value = {queue::node_value::kind::text, "a.example.org"};
        EXPECT_EQ(flow::take_in(t, *profile, e, 1, hours(1), now, fx).state, queue::event_state::open);
    }
    /// The card answers what is planned now with these octets.
    bool answer_reading(const wire::octets& data) {
        const auto next = flow::plan(t, *profile, 8, now, fx);
        if (!next || next->carries.empty() || next->carries.front().is != flow::carried::kind::read_back) return false;
        flow::settle_reading(t, *profile, next->carries.front(), &data, fx);
        return true;
    }
};

TEST(management_object, readings_without_octets_end_the_change_after_some) {
    waiting_change w;
    unsigned asked = 0;
    while (asked < 50 && w.answer_reading({})) ++asked;
    EXPECT_EQ(asked, w.profile->attempts);
    ASSERT_EQ(w.fx.closed.size(), 1u);
    EXPECT_EQ(w.fx.closed[0].state, queue::event_state::failed);
    EXPECT_EQ(w.fx.closed[0].reason, "card-refused");
    EXPECT_TRUE(w.t.events.empty());
}

TEST(management_object, what_we_guessed_of_a_torn_control_file_is_not_taken_for_the_cards_word) {
    waiting_change w;
    ASSERT_TRUE(w.answer_reading(wire::octets(96, 0x5A)));
    EXPECT_FALSE(w.t.find("./IMPS")->confirmed);
    EXPECT_EQ(w.t.find("./IMPS")->of_file, flow::shadow::reading) << "it is read, whatever the card was made with";
    // Another object, when our control file lies on the card already.
    queue::change_event e;
    e.op = queue::operation::replace;
    e.node = "./Email/Name";
    e.value = {queue::node_value::kind::text, "Post"};
    (void)flow::take_in(w.t, *w.profile, e, 2, hours(1), w.now, w.fx);
    const auto ours = control_image(*w.profile, factory_control(*w.profile));
    flow::judge_control(w.t, *w.profile, ours, {}, w.fx);
    EXPECT_EQ(w.t.find("./Email")->of_file, flow::shadow::reading);
    flow::on_repair(w.t);
    EXPECT_EQ(w.t.find(flow::control_node)->of_file, flow::shadow::guessed);
}

TEST(management_object, a_control_file_that_the_card_tells_is_its_word) {
    waiting_change w;
    ASSERT_TRUE(w.answer_reading(control_image(*w.profile, factory_control(*w.profile))));
    EXPECT_TRUE(w.t.find("./IMPS")->confirmed);
}

TEST(management_object, a_get_waits_until_the_object_before_it_is_written_whole) {
    waiting_change w;
    w.profile->max_segments = 2;
    ASSERT_TRUE(w.answer_reading(control_image(*w.profile, factory_control(*w.profile))));
    queue::change_event e;
    e.op = queue::operation::replace;
    e.node = name_of_service;
    e.value = {queue::node_value::kind::text, std::string(230, 'n')};
    (void)flow::take_in(w.t, *w.profile, e, 2, hours(1), w.now, w.fx);
    e.op = queue::operation::get;
    e.value = {};
    (void)flow::take_in(w.t, *w.profile, e, 3, hours(1), w.now, w.fx);
    const auto next = flow::plan(w.t, *w.profile, 8, w.now, w.fx);
    ASSERT_TRUE(next);
    EXPECT_TRUE(std::ranges::none_of(next->carries, [](const auto& c) { return c.is == flow::carried::kind::get; }));
    EXPECT_TRUE(std::ranges::any_of(next->carries, [](const auto& c) { return c.is == flow::carried::kind::write; }));
}

TEST(management_object, a_card_without_the_files_refuses_and_is_not_asked_for_ever) {
    auto believed = object_profile();
    auto real = std::make_shared<card_profile>(*profile_with(believed->spi.spi1, believed->spi.spi2));
    real->name = believed->name;
    real->kic_algorithm = believed->kic_algorithm;
    real->kid_algorithm = believed->kid_algorithm;
    real->applications = believed->applications;
    auto o = calm(1, real);
    o.gateway_profile = believed;
    object_world w(std::move(o));
    const auto id = w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(hours(3)));
    EXPECT_EQ(w.state_of(id), "failed");
    EXPECT_EQ(w.reason_of(id), "card-refused");
    EXPECT_LE(w.messages(), 4u);
}

}  // namespace
}  // namespace ota::simulation
