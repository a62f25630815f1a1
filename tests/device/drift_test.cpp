#include "management-object/dm_message.hpp"
#include "tests/device/phone_bench.hpp"

namespace ota::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<mo::dm::item> generic_alerts(const dm_request& request) {
    std::vector<mo::dm::item> out;
    const auto m = mo::dm::parse_wbxml(request.body).value();
    for (const auto& each : m.body) {
        const auto* a = std::get_if<mo::dm::alert>(&each.is);
        if (a != nullptr && a->code == 1226) out.insert(out.end(), a->items.begin(), a->items.end());
    }
    return out;
}

TEST(device_drift, a_local_edit_of_a_card_node_is_told_to_the_server_and_not_to_the_card) {
    phone_with_card bench;
    ASSERT_EQ(bench.connections.size(), 1U);
    EXPECT_THAT(generic_alerts(bench.connections[0].second), IsEmpty());
    bench.restart();  // the session is cut off
    (void)bench.told(kind::drift);
    const auto apdus = bench.phone.commands_to_card();
    const auto image = bench.card.one.files.untouched();
    ASSERT_TRUE(bench.phone.edit(at("./IMPS/AppAddr/x/Addr"), "imps.mine.example.org"));
    EXPECT_THAT(bench.told(kind::drift), ElementsAre("./IMPS/AppAddr/x/Addr 0"));
    EXPECT_EQ(bench.phone.commands_to_card(), apdus);
    EXPECT_EQ(bench.card.one.files.untouched(), image);
    bench.restart();
    ASSERT_EQ(bench.connections.size(), 3U);
    const auto alerts = generic_alerts(bench.connections[2].second);
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_EQ(alerts[0].source->loc_uri, "./IMPS/AppAddr/x/Addr");
    EXPECT_EQ(alerts[0].about->type, alert_type::drift);
    // The session that told it was cut off: the next tells it again.
    bench.restart();
    EXPECT_EQ(generic_alerts(bench.connections[3].second).size(), 1U);
}

TEST(device_drift, an_edit_of_the_devices_own_node_is_nobodys_business) {
    phone_with_card bench;
    ASSERT_TRUE(bench.phone.edit(at("./DevInfo/Lang"), "de"));
    EXPECT_THAT(bench.told(kind::drift), IsEmpty());
    EXPECT_FALSE(bench.phone.edit(at("./Nowhere"), "x"));
    EXPECT_FALSE(bench.phone.edit(at("./IMPS"), "x"));
    EXPECT_THAT(bench.told(kind::drift), IsEmpty());
}

TEST(device_drift, the_next_content_of_the_card_takes_the_edit_back) {
    phone_with_card bench;
    ASSERT_TRUE(bench.phone.edit(at("./IMPS/AppAddr/x/Addr"), "imps.mine.example.org"));
    bench.restart();
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.mine.example.org");
    change(bench.card, "./IMPS", "Name", "Other");
    bench.refresh();
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
}

TEST(device_drift, a_refusal_is_told_too_but_not_what_went_with_its_card) {
    phone_bench bench;
    bench.says = consent::no;
    object_card card;
    bench.start_with(card);
    ASSERT_EQ(bench.connections.size(), 1U);
    const auto alerts = generic_alerts(bench.connections[0].second);
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_EQ(alerts[0].source->loc_uri, "./Email");
    EXPECT_EQ(alerts[0].about->type, alert_type::declined);
    bench.phone.remove_card();
    bench.phone.insert(bench.slot_of(card), bench.now);
    ASSERT_EQ(bench.connections.size(), 2U);
    EXPECT_THAT(generic_alerts(bench.connections[1].second), IsEmpty());
}

}  // namespace
}  // namespace ota::sandbox
