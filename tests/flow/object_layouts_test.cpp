// Objects in two files, written in turn, and in BER-TLV files, through the corridor.
#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/plan.hpp"
#include "gateway/flow/receipt.hpp"
#include "management-object/tlv_layout.hpp"
#include "tests/flow/object_world.hpp"

namespace ota::simulation {
namespace {

using queue::operation;

std::shared_ptr<card_profile> pairs() {
    auto p = object_profile();
    lay_out_in_pairs(*p);
    return p;
}

std::shared_ptr<card_profile> data_objects() {
    auto p = object_profile();
    lay_out_as_data_objects(*p);
    return p;
}

/// The file that the card's directory leads to.
std::uint16_t valid_file(object_world& w, const char* label) {
    for (const auto& each : w.on_card().objects) {
        if (each.entry.label == label) return each.entry.path.back();
    }
    return 0;
}

TEST(pair_of_files, is_written_in_turn_and_the_directory_leads_to_the_valid_one) {
    object_world w(calm(1, pairs()));
    const auto first = valid_file(w, "Instant messaging");
    for (int i = 1; i <= 4; ++i) {
        const auto id = w.replace_leaf(address, "imps-" + std::to_string(i) + ".example.org");
        ASSERT_TRUE(w.run(minutes(5)));
        EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
        EXPECT_EQ(w.value(address), "imps-" + std::to_string(i) + ".example.org");
        EXPECT_EQ(valid_file(w, "Instant messaging") == first, i % 2 == 0);
    }
    expect_no_violation(w);
}

TEST(pair_of_files, once_both_are_known_a_change_of_a_value_is_one_message) {
    object_world w(calm(1, pairs()));
    for (const auto* value : {"imps-1.example.org/a", "imps-2.example.org/b"}) {
        w.replace_leaf(address, value);
        ASSERT_TRUE(w.run(minutes(5)));
    }
    const auto before = w.messages();
    w.replace_leaf(address, "imps-3.example.org/c");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.messages(), before + 1);
    EXPECT_EQ(w.value(address), "imps-3.example.org/c");
    expect_no_violation(w);
}

TEST(pair_of_files, a_reader_finds_the_whole_object_after_each_message) {
    object_world w(calm(1, pairs()));
    const auto before = w.value(address);
    const std::string next = "imps.new.example.org";
    w.replace_leaf(address, next);  // the first takes several packets: nobody knows what the other file holds
    bool changed = false;
    for (int i = 0; i < 4000 && !changed; ++i) {
        w.tick();
        const auto now = w.value(address);
        ASSERT_TRUE(now == before || now == next);
        changed = now == next;
    }
    EXPECT_TRUE(changed);
    ASSERT_TRUE(w.run(minutes(5)));
    expect_no_violation(w);
}

TEST(pair_of_files, what_somebody_else_wrote_into_the_valid_one_is_repaired) {
    object_world w(calm(1, pairs()));
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    auto t = w.twin_of(0);
    const auto& object = *w.opts.profile->find_object("./IMPS");
    auto torn = *w.content(0, "./IMPS");
    torn[40] ^= 0x11;
    const bool on_spare = valid_file(w, "Instant messaging") == object.spare_identifier();
    ASSERT_TRUE(w.network().put(0, on_spare ? *object.spare : object.file, torn));
    EXPECT_EQ(w.value(address), std::nullopt);
    flow::on_recover(t, w.opts.profile.get(), 1000);
    w.save(0, t, store::standing::active);
    w.replace_leaf(port, "77");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.value(address), "a.example.org");
    EXPECT_EQ(w.value(port), "77");
    expect_no_violation(w);
}

/// What was written into one file says nothing of the other that the profile has now.
TEST(pair_of_files, a_profile_that_gets_or_loses_the_second_file_never_leaves_half_an_object) {
    for (const bool gets : {true, false}) {
        auto profile = object_profile();
        if (!gets) lay_out_in_pairs(*profile);
        object_world w(calm(1, profile));
        w.replace_leaf(address, "a.example.org");
        ASSERT_TRUE(w.run(minutes(5)));
        auto t = w.twin_of(0);
        auto other = *profile;
        if (gets) lay_out_in_pairs(other);
        if (!gets) {
            for (auto& object : other.management_objects) object.spare.reset();
        }
        flow::effects fx;
        (void)flow::plan(t, other, 8, w.now, fx);
        const auto& n = *t.find("./IMPS");
        EXPECT_FALSE(n.confirmed);
        EXPECT_TRUE(n.held.empty());
        EXPECT_EQ(n.paired, gets);
        const auto next = flow::plan(t, other, 8, w.now, fx);
        ASSERT_TRUE(next);
        EXPECT_EQ(next->carries.front().is, flow::carried::kind::read_back);  // the control file is asked first
    }
}

/// The directory was switched, the control file was not: the file that it leads to is not written while it does.
TEST(pair_of_files, no_directory_leads_to_the_file_that_is_written) {
    auto profile = pairs();
    object_world w(calm(1, profile));
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    auto t = w.twin_of(0);
    auto& list = t.nodes[flow::directory_index(t)];
    flow::doubt(list, {0, static_cast<std::uint32_t>(profile->objects_at->list.size)});
    auto& n = t.nodes[t.node_index("./IMPS", true)];
    const mo::node_change to{
        .what = mo::node_change::verb::replace, .at = mo::parse_uri("Name").value(), .value = "New"};
    n.desired =
        mo::change_image(n.reported, to, mo::parse_uri("./IMPS").value(), form_of(*profile->object("./IMPS"))).value();
    flow::effects fx;
    const auto packet = flow::plan(t, *profile, 8, w.now, fx);
    ASSERT_TRUE(packet);
    EXPECT_EQ(t.nodes[packet->carries.front().node].uri, flow::directory_node);
    for (const auto& c : packet->carries) EXPECT_NE(c.is, flow::carried::kind::commit);
}

TEST(data_objects, a_value_changes_with_one_message_and_nodes_come_and_go) {
    object_world w(calm(1, data_objects()));
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto before = w.messages();
    w.replace_leaf(address, "a-much-longer-name-than-before.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.messages(), before + 1);
    EXPECT_EQ(w.value(address), "a-much-longer-name-than-before.example.org");
    const auto tree =
        w.change(operation::copy, "./IMPS/AppAddr/y", {}, 0, [](auto& e) { e.copy_from = "./IMPS/AppAddr/x"; });
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(tree), "applied") << w.reason_of(tree);
    EXPECT_EQ(w.value("./IMPS/AppAddr/y/Addr"), "a-much-longer-name-than-before.example.org");
    const auto gone = w.change(operation::erase, "./IMPS/AppAddr/y");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(gone), "applied") << w.reason_of(gone);
    EXPECT_EQ(w.value("./IMPS/AppAddr/y/Addr"), std::nullopt);
    expect_no_violation(w);
}

/// The object of the profile, with other values and one object more than its frame knows.
wire::octets foreign_content(const card_profile& p) {
    const auto& object = *p.find_object("./IMPS");
    auto top = mo::read_image(object.factory_image).value()->top;
    EXPECT_TRUE(mo::replace(top, mo::parse_uri("Name").value(), "Somebody else"));
    const auto image = mo::make_image(top, mo::parse_uri("./IMPS").value(), form_of(object)).value();
    auto objects = mo::parse_tlv_image(image).value();
    objects.push_back({0x9F50, {1, 2, 3}});
    return mo::serialize_tlv_image(std::move(objects), object.file.size).value();
}

TEST(data_objects, that_somebody_else_wrote_are_listed_written_anew_and_deleted) {
    object_world w(calm(1, data_objects()));
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    auto t = w.twin_of(0);
    ASSERT_TRUE(w.network().put(0, w.opts.profile->find_object("./IMPS")->file, foreign_content(*w.opts.profile)));
    EXPECT_EQ(w.value(address), std::nullopt);
    flow::on_recover(t, w.opts.profile.get(), 1000);
    w.save(0, t, store::standing::active);
    const auto id = w.replace_leaf(port, "77");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(address), "a.example.org");
    EXPECT_EQ(w.value(port), "77");
    expect_no_violation(w);
}

TEST(data_objects, that_nobody_knows_are_left_alone_unless_the_object_is_replaced_as_a_whole) {
    object_world w(calm(1, data_objects()));
    const auto& object = *w.opts.profile->find_object("./IMPS");
    ASSERT_TRUE(w.network().put(0, object.file, foreign_content(*w.opts.profile)));
    auto control = factory_control(*w.opts.profile);
    control.find(object.file_identifier())->crc ^= 1;  // of an image that is neither the card's nor the factory's
    ASSERT_TRUE(w.network().put(0, w.opts.profile->objects_at->control, control_image(*w.opts.profile, control)));
    const auto leaf = w.replace_leaf(port, "77");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(leaf), "failed");
    EXPECT_EQ(*w.content(0, "./IMPS"), foreign_content(*w.opts.profile));
    const auto top = mo::read_image(object.factory_image).value()->top;
    mo::tnds_document document;
    document.nodes.push_back({.path = {}, .top = top});
    const auto whole = w.change(operation::replace, "./IMPS", mo::serialize_tnds_xml(document).value(), 0,
                                [](auto& e) { e.type = mo::type_tnds_xml; });
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(whole), "applied") << w.reason_of(whole);
    EXPECT_EQ(w.value(address), "imps.old.example.org");
    expect_no_violation(w);
}

TEST(data_objects, a_get_is_refused_with_its_reason) {
    object_world w(calm(1, data_objects()));
    const auto id = w.change(operation::get, address);
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "rejected");
    EXPECT_EQ(w.reason_of(id), "not-readable");
}

}  // namespace
}  // namespace ota::simulation
