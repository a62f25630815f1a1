// DM-SC-ADM-1 to ADM-4: what the server does to the card. Each has a twin with the feature off.
#include "tests/requirements/site.hpp"

namespace ota::requirements {
namespace {

using namespace std::chrono_literals;
using queue::operation;

queue::change_event short_lived(const std::string& node, const std::string& value) {
    queue::change_event e;
    e.op = operation::replace;
    e.node = node;
    e.value = {queue::node_value::kind::text, value};
    e.expires_at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 4s;
    return e;
}

TEST(DM_SC_ADM_1, the_server_reaches_a_card_in_a_device_and_hears_from_it) {
    site s;
    const auto id = s.replace(imps_address, "imps.new.example.org");
    EXPECT_EQ(s.state(id), "applied") << s.reason(id);
    EXPECT_GE(s.peers().snapshot().cards.scripts, 1U);
}

TEST(DM_SC_ADM_1, off_without_a_network_no_card_is_changed) {
    sandbox::smsc_settings nothing_arrives;
    nothing_arrives.loss = 1;
    site s({.edit = [](card_profile& p) { p.repeats = 0; }, .smsc = nothing_arrives});
    const auto id = s.publish(short_lived(imps_address, "imps.new.example.org"));
    const auto end = s.state(id);
    EXPECT_TRUE(end == "expired" || end == "failed") << end;
    EXPECT_EQ(s.on_card(imps_address), "imps.old.example.org");
    EXPECT_EQ(s.peers().snapshot().cards.scripts, 0U);
}

TEST(DM_SC_ADM_2, the_card_tells_the_server_of_its_device) {
    site s;
    std::string imei;
    s.with_devices(
        [&](sandbox::device_pool& pool, sandbox::instant) { imei = pool.find(*pool.device_of(s.card()))->who().imei; });
    const auto id = s.change(operation::get, "./DevInfo/DevId");
    EXPECT_EQ(s.state(id), "applied") << s.reason(id);
    EXPECT_EQ(s.value(id), "IMEI:" + imei);
    const auto software = s.change(operation::get, "./DevDetail/SwV");
    EXPECT_EQ(s.state(software), "applied") << s.reason(software);
}

TEST(DM_SC_ADM_2, off_a_card_that_is_in_no_device_knows_of_none) {
    site s({.devices = {.share = 0}});
    const auto id = s.change(operation::get, "./DevInfo/DevId");
    EXPECT_EQ(s.state(id), "failed");
    EXPECT_EQ(s.value(id), "");
}

TEST(DM_SC_ADM_3, the_server_takes_an_object_from_the_card_and_brings_it_back) {
    site s;
    const auto gone = s.change(operation::erase, "./IMPS");
    EXPECT_EQ(s.state(gone), "applied") << s.reason(gone);
    s.settle();
    EXPECT_EQ(s.on_card(imps_address), std::nullopt);
    EXPECT_EQ(s.at_device(imps_address), std::nullopt);
}

TEST(DM_SC_ADM_3, off_an_object_that_the_cards_profile_does_not_have_is_out_of_reach) {
    site s({.edit = [](card_profile& p) {
        std::erase_if(p.management_objects, [](const auto& o) { return o.uri == "./IMPS"; });
    }});
    const auto gone = s.change(operation::erase, "./IMPS");
    EXPECT_EQ(s.state(gone), "rejected");
    EXPECT_EQ(s.reason(gone), "unknown-node");
}

TEST(DM_SC_ADM_4, values_of_an_object_are_added_edited_and_deleted) {
    site s;
    const auto edited = s.replace(imps_address, "imps.new.example.org");
    const auto deleted = s.change(operation::erase, "./IMPS/CIDPrefix");
    EXPECT_EQ(s.state(edited), "applied") << s.reason(edited);
    EXPECT_EQ(s.state(deleted), "applied") << s.reason(deleted);
    EXPECT_EQ(s.on_card("./IMPS/CIDPrefix"), std::nullopt);
    const auto added = s.change(operation::add, "./IMPS/CIDPrefix", "bob");
    EXPECT_EQ(s.state(added), "applied") << s.reason(added);
    EXPECT_EQ(s.on_card("./IMPS/CIDPrefix"), "bob");
    s.settle();
    EXPECT_EQ(s.at_device("./IMPS/CIDPrefix"), "bob");
}

TEST(DM_SC_ADM_4, off_what_the_objects_description_does_not_have_is_refused) {
    site s;
    const auto id = s.change(operation::add, "./IMPS/NoSuchNode", "v");
    EXPECT_EQ(s.state(id), "rejected");
    EXPECT_EQ(s.on_card("./IMPS/NoSuchNode"), std::nullopt);
}

}  // namespace
}  // namespace ota::requirements
