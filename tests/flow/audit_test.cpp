// What is really on a card: read over the air, compared, and repaired when that was asked for.
#include "gateway/flow/audit.hpp"

#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/plan.hpp"
#include "gateway/flow/receipt.hpp"
#include "tests/flow/object_world.hpp"

namespace ota::simulation {
namespace {

using phase = flow::card_audit::phase;

flow::twin audited(object_world& w, bool repair = false) {
    auto t = w.twin_of(0);
    flow::ask_for_audit(t, repair, w.now);
    w.save(0, t, store::standing::active);
    for (int i = 0; i < 20000; ++i) {
        w.tick();
        t = w.twin_of(0);
        if (!t.audit->under_way()) break;
    }
    return t;
}

const flow::audited_file* file_of(const flow::twin& t, std::string_view uri) {
    for (const auto& f : t.audit->files) {
        if (t.nodes[f.node].uri == uri) return &f;
    }
    return nullptr;
}

/// Somebody else changes an octet of the object's file.
void tamper(object_world& w) {
    auto content = *w.content(0, "./IMPS");
    content[40] ^= 0x11;
    ASSERT_TRUE(w.network().put(0, w.opts.profile->find_object("./IMPS")->file, content));
}

TEST(audit, reads_everything_of_a_card_and_finds_it_as_it_should_be) {
    object_world w;
    const auto id = w.replace_leaf(address, "a.example.org");
    const auto plain = w.change(queue::operation::replace, "./SC/USIM/SPN", "Operator");
    ASSERT_TRUE(w.run(minutes(5)));
    ASSERT_EQ(w.state_of(id), "applied");
    ASSERT_EQ(w.state_of(plain), "applied");
    const auto t = audited(w);
    ASSERT_EQ(t.audit->is, phase::done) << t.audit->why;
    EXPECT_EQ(flow::differing(t, *w.opts.profile), 0u);
    for (const auto* uri : {"./IMPS", "./Email", "./DMAcc/Operator", "./DevInfo", "./SC/USIM/SPN"}) {
        const auto* f = file_of(t, uri);
        ASSERT_NE(f, nullptr) << uri;
        EXPECT_TRUE(f->whole) << uri;
        auto image = f->content;
        image.resize(w.content(0, uri)->size(), 0xFF);
        EXPECT_EQ(image, *w.content(0, uri)) << uri;
    }
    EXPECT_TRUE(file_of(t, flow::control_node)->whole);
    EXPECT_TRUE(file_of(t, flow::directory_node)->whole);
    expect_no_violation(w);
}

TEST(audit, tells_what_differs_and_changes_nothing) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    tamper(w);
    const auto before = *w.content(0, "./IMPS");
    const auto t = audited(w);
    ASSERT_EQ(t.audit->is, phase::done);
    EXPECT_EQ(flow::differing(t, *w.opts.profile), 1u);
    for (int i = 0; i < 500; ++i) w.tick();
    EXPECT_EQ(*w.content(0, "./IMPS"), before);
}

TEST(audit, repairs_an_object_a_plain_file_and_the_directory_when_asked_to) {
    for (const bool in_pairs : {false, true}) {
        auto profile = object_profile();
        if (in_pairs) lay_out_in_pairs(*profile);
        object_world w(calm(1, profile));
        w.replace_leaf(address, "a.example.org");
        w.change(queue::operation::replace, "./SC/USIM/SPN", "Operator");
        ASSERT_TRUE(w.run(minutes(5)));
        const auto& object = *profile->find_object("./IMPS");
        auto content = *w.content(0, "./IMPS");
        content[40] ^= 0x11;
        ASSERT_TRUE(w.network().put(0, in_pairs ? *object.spare : object.file, content));
        const auto& spn = *profile->find("./SC/USIM/SPN");
        ASSERT_TRUE(w.network().put(0, spn, wire::octets(spn.size, 0x41)));
        ASSERT_TRUE(w.network().put(0, profile->objects_at->list, wire::octets(profile->objects_at->list.size, 0xFF)));
        const auto t = audited(w, true);
        ASSERT_EQ(t.audit->is, phase::done) << t.audit->why;
        for (int i = 0; i < 4000 && !w.value(address); ++i) w.tick();
        EXPECT_EQ(w.value(address), "a.example.org");
        for (int i = 0; i < 4000 && w.content(0, "./SC/USIM/SPN") == wire::octets(spn.size, 0x41); ++i) w.tick();
        for (int i = 0; i < 200; ++i) w.tick();
        EXPECT_EQ(flow::differing(audited(w), *profile), 0u);
        expect_no_violation(w);
    }
}

TEST(audit, of_a_card_that_does_not_answer_ends) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    w.on_air = [](const bearer::submission&) { return false; };
    const auto t = audited(w);
    EXPECT_EQ(t.audit->is, phase::failed);
    EXPECT_EQ(t.audit->why, "the card does not answer");
    expect_no_violation(w);
}

TEST(audit, begins_anew_when_the_card_is_written_meanwhile) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    auto t = w.twin_of(0);
    flow::ask_for_audit(t, true, w.now);
    w.save(0, t, store::standing::active);
    for (int i = 0; i < 20000 && (w.twin_of(0).audit->is != phase::reading || w.twin_of(0).audit->file < 3); ++i)
        w.tick();
    w.replace_leaf(address, "b.example.org");
    for (int i = 0; i < 20000 && w.twin_of(0).audit->under_way(); ++i) w.tick();
    t = w.twin_of(0);
    EXPECT_EQ(t.audit->is, phase::done) << t.audit->why;
    EXPECT_GE(t.audit->restarts, 1);
    EXPECT_EQ(flow::differing(t, *w.opts.profile), 0u);
    EXPECT_EQ(w.value(address), "b.example.org");
    expect_no_violation(w);
}

TEST(audit, that_the_smsc_refuses_ends) {
    object_world w;
    auto t = w.twin_of(0);
    flow::ask_for_audit(t, false, w.now);
    flow::effects fx;
    auto next = flow::plan(t, *w.opts.profile, 8, w.now, fx);
    ASSERT_TRUE(next);
    t.in_flight.emplace();
    t.in_flight->id = 7;
    t.in_flight->sendings = 1;
    t.in_flight->spi = w.opts.profile->spi;
    t.in_flight->carries = next->carries;
    bearer::submitted refused;
    refused.id.packet = 7;
    refused.outcome = bearer::submit_outcome::permanent;
    flow::on_submit_failure(t, *w.opts.profile, refused, w.now, fx);
    EXPECT_EQ(t.audit->is, phase::failed);
    EXPECT_FALSE(flow::plan(t, *w.opts.profile, 8, w.now, fx));
}

/// The card holds an object that the server never looked at: a repair does not put the factory's in its place.
TEST(audit, leaves_what_was_never_looked_at_as_it_is) {
    object_world w;
    const auto& object = *w.opts.profile->find_object("./IMPS");
    const mo::node_change to{
        .what = mo::node_change::verb::replace, .at = mo::parse_uri("Name").value(), .value = "Somebody's"};
    const auto theirs =
        mo::change_image(object.factory_image, to, mo::parse_uri("./IMPS").value(), form_of(object)).value();
    ASSERT_TRUE(w.network().put(0, object.file, theirs));
    const auto control =
        mo::with_image(factory_control(*w.opts.profile), object.file_identifier(), object.file_identifier(), theirs);
    ASSERT_TRUE(w.network().put(0, w.opts.profile->objects_at->control, control_image(*w.opts.profile, *control)));
    auto t = w.twin_of(0);
    flow::ask_for_audit(t, true, w.now);
    w.save(0, t, store::standing::active);
    for (int i = 0; i < 20000 && w.twin_of(0).audit->file < 7; ++i) w.tick();
    const auto id = w.replace_leaf(port, "77");
    ASSERT_TRUE(w.run(minutes(60)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(name_of_service), "Somebody's");
    EXPECT_EQ(w.value(port), "77");
}

TEST(audit, waits_behind_changes_and_survives_a_restart) {
    object_world w;
    auto t = w.twin_of(0);
    flow::ask_for_audit(t, false, w.now);
    w.save(0, t, store::standing::active);
    const auto id = w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied");
    for (int i = 0; i < 20000 && w.twin_of(0).audit->under_way(); ++i) {
        if (i % 50 == 0) w.restart();
        w.tick();
    }
    t = w.twin_of(0);
    EXPECT_EQ(t.audit->is, phase::done) << t.audit->why;
    EXPECT_EQ(flow::differing(t, *w.opts.profile), 0u);
    expect_no_violation(w);
}

}  // namespace
}  // namespace ota::simulation
