// DM-SC-GEN-1 to GEN-5: what the card stores, and how a device finds it. Each requirement has a twin with the feature
// off.
#include "tests/requirements/site.hpp"

#include "management-object/card_image.hpp"

namespace ota::requirements {
namespace {

namespace mo = management_object;
using queue::operation;
using sandbox::device_pool;
using sandbox::instant;

void without_objects(card_profile& p) {
    p.management_objects.clear();
    p.objects_at.reset();
}

/// The sample's IMPS object, as a document for an event.
std::string imps_document(const card_profile& p) {
    mo::tnds_document document;
    document.nodes.push_back({.path = {}, .top = mo::read_image(p.find_object("./IMPS")->factory_image).value()->top});
    return mo::serialize_tnds_xml(document).value();
}

std::string store_imps(site& s, const std::string& document) {
    queue::change_event e;
    e.op = operation::replace;
    e.node = "./IMPS";
    e.type = mo::type_tnds_xml;
    e.value = {queue::node_value::kind::text, document};
    return s.publish(std::move(e));
}

TEST(DM_SC_GEN_1, a_card_stores_management_objects) {
    std::string document;
    site s({.edit = [&](card_profile& p) {
        document = imps_document(p);
        for (auto& o : p.management_objects) {
            if (o.uri == "./IMPS") o.factory_image = mo::empty_image(o.file.size);
        }
    }});
    EXPECT_EQ(s.on_card(imps_address), std::nullopt);
    const auto id = store_imps(s, document);
    EXPECT_EQ(s.state(id), "applied") << s.reason(id);
    EXPECT_EQ(s.on_card(imps_address), "imps.old.example.org");
}

TEST(DM_SC_GEN_1, off_a_card_without_such_files_stores_none) {
    std::string document;
    site s({.edit = [&](card_profile& p) {
        document = imps_document(p);
        without_objects(p);
    }});
    const auto id = store_imps(s, document);
    EXPECT_EQ(s.state(id), "rejected");
    EXPECT_EQ(s.reason(id), "unknown-node");
    EXPECT_EQ(s.on_card(imps_address), std::nullopt);
}

TEST(DM_SC_GEN_2, a_device_detects_what_its_card_brings) {
    site s;
    EXPECT_EQ(s.at_device(imps_address), "imps.old.example.org");
    EXPECT_GE(s.devices().taken_over, 1U);
}

TEST(DM_SC_GEN_2, off_a_card_without_a_directory_brings_nothing) {
    site s({.edit = without_objects});
    EXPECT_EQ(s.at_device(imps_address), std::nullopt);
    EXPECT_EQ(s.devices().taken_over, 0U);
}

TEST(DM_SC_GEN_3, a_device_incorporates_what_its_card_holds_and_the_server_knows) {
    site s;
    s.give_account();
    const auto id = s.replace(imps_address, "imps.new.example.org");
    EXPECT_EQ(s.state(id), "applied") << s.reason(id);
    s.settle();
    EXPECT_EQ(s.at_device(imps_address), "imps.new.example.org");
    EXPECT_TRUE(s.wait([&] { return s.told(id, "incorporated"); }));
}

TEST(DM_SC_GEN_3, off_a_card_outside_of_a_device_is_changed_but_nothing_incorporates_it) {
    site s({.devices = {.share = 0}});
    const auto id = s.replace(imps_address, "imps.new.example.org");
    EXPECT_EQ(s.state(id), "applied") << s.reason(id);
    EXPECT_EQ(s.on_card(imps_address), "imps.new.example.org");
    EXPECT_EQ(s.at_device(imps_address), std::nullopt);
    EXPECT_FALSE(s.told(id, "incorporated"));
}

TEST(DM_SC_GEN_4, nodes_of_an_object_are_added_changed_read_and_deleted) {
    site s;
    queue::change_event copy;
    copy.op = operation::copy;
    copy.node = "./IMPS/AppAddr/y";
    copy.copy_from = "./IMPS/AppAddr/x";
    const auto added = s.publish(copy), changed = s.replace("./IMPS/AppAddr/y/Addr", "second.example.org");
    EXPECT_EQ(s.state(added), "applied") << s.reason(added);
    EXPECT_EQ(s.state(changed), "applied") << s.reason(changed);
    EXPECT_EQ(s.on_card("./IMPS/AppAddr/y/Addr"), "second.example.org");
    const auto read = s.change(operation::get, "./IMPS/AppAddr/y/Addr");
    EXPECT_EQ(s.value(read), "second.example.org");
    const auto deleted = s.change(operation::erase, "./IMPS/AppAddr/y");
    EXPECT_EQ(s.state(deleted), "applied") << s.reason(deleted);
    EXPECT_EQ(s.on_card("./IMPS/AppAddr/y/Addr"), std::nullopt);
    EXPECT_EQ(s.on_card(imps_address), "imps.old.example.org");
}

TEST(DM_SC_GEN_4, off_an_object_that_only_the_card_writes_stays_as_it_is) {
    site s;
    const auto before = s.on_card("./DevInfo/Lang");
    ASSERT_TRUE(before);
    const auto id = s.replace("./DevInfo/Lang", "xx");
    EXPECT_EQ(s.state(id), "rejected");
    EXPECT_EQ(s.reason(id), "not-writable");
    EXPECT_EQ(s.on_card("./DevInfo/Lang"), before);
}

/// Commands that the device of the card, or another one, has sent to its card so far.
std::uint64_t commands(site& s, std::size_t device) {
    std::uint64_t out = 0;
    s.with_devices([&](device_pool& pool, instant) { out = pool.find(device)->commands_to_card(); });
    return out;
}

TEST(DM_SC_GEN_5, a_device_that_knows_the_card_reads_only_what_changed) {
    site s;
    s.settle();
    const auto at_first = commands(s, s.card());
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied");
    s.settle();
    ASSERT_EQ(s.at_device(imps_address), "imps.new.example.org");
    const auto for_the_change = commands(s, s.card()) - at_first;
    std::size_t other = 0;
    s.with_devices([&](device_pool& pool, instant now) {
        other = pool.add_device(pool.find(s.card())->who(), now);
        ASSERT_TRUE(pool.insert(s.card(), other, now));
    });
    EXPECT_LT(for_the_change, commands(s, other));  // than one that has to read all of it
}

TEST(DM_SC_GEN_5, off_a_card_that_says_nothing_of_changes_is_not_read_again) {
    site s({.edit = [](card_profile& p) { p.refresh = refresh_policy::none; }});
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied");
    s.settle();
    EXPECT_EQ(s.on_card(imps_address), "imps.new.example.org");
    EXPECT_EQ(s.at_device(imps_address), "imps.old.example.org");
}

}  // namespace
}  // namespace ota::requirements
