#include "tests/device/phone_bench.hpp"

namespace ota::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// The factory control file, and EF(DODF), with this change, written over the air.
void rewrite_control(object_card& card, const std::function<void(mo::control_file&)>& change_it) {
    auto control = card.control();
    change_it(control);
    ++control.generation;
    const auto plan = mo::plan_script({{0x6430, card.read_file(0x6430), list_image(card.profile, control)},
                                       {0x6440, card.read_file(0x6440), control_image(card.profile, control)}});
    (void)card.send_long(card.packet(++card.last_counter, object_card::script_of(plan)));
    card.terminal.reset();
}

TEST(device, takes_over_the_objects_of_the_card_when_it_is_switched_on) {
    phone_with_card bench;
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
    EXPECT_EQ(bench.value("./Email/AppAddr/x/Addr"), "smtp.old.example.org");
    EXPECT_EQ(bench.value("./DMAcc/Operator/ServerID"), "org.example.dm");
    EXPECT_THAT(bench.told(kind::incorporated),
                UnorderedElementsAre("./IMPS 0", "./Email 0", "./DMAcc/Operator 0", "./NAP 0"));
    EXPECT_EQ(bench.phone.card(), bench.card.identity.iccid);
}

TEST(device, without_a_card_or_switched_off_has_no_objects) {
    phone_bench bench;
    bench.phone.switch_on(bench.now);
    EXPECT_FALSE(bench.has("./IMPS"));
    phone_bench off;
    object_card card;
    off.phone.insert(off.slot_of(card), off.now);
    EXPECT_FALSE(off.has("./IMPS"));
    EXPECT_THAT(off.seen, IsEmpty());
}

TEST(device, a_refresh_takes_over_what_changed_and_reads_nothing_else) {
    phone_with_card bench;
    const auto first = bench.phone.commands_to_card();
    (void)bench.told(kind::incorporated);
    const auto before = bench.phone.commands_to_card();
    bench.refresh();
    const auto nothing_changed = bench.phone.commands_to_card() - before;
    EXPECT_THAT(bench.told(kind::incorporated), IsEmpty());
    const auto file = wire::octets{0x64, 0x32};
    const auto selects = [&] {
        return std::ranges::count_if(bench.seen, [&](const auto& c) {
            return c[1] == 0xA4 && c.size() >= 7 && std::ranges::equal(wire::octet_view(c).subspan(5, 2), file);
        });
    };
    EXPECT_EQ(selects(), 1);
    change(bench.card, "./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    const auto start = bench.phone.commands_to_card();
    bench.refresh();
    const auto one_changed = bench.phone.commands_to_card() - start;
    EXPECT_EQ(selects(), 2);
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
    EXPECT_THAT(bench.told(kind::incorporated), ElementsAre("./IMPS 1"));
    EXPECT_LT(nothing_changed, one_changed);
    EXPECT_LT(one_changed, first);
    RecordProperty("apdus_first", static_cast<int>(first));
    RecordProperty("apdus_nothing_changed", static_cast<int>(nothing_changed));
    RecordProperty("apdus_one_changed", static_cast<int>(one_changed));
}

TEST(device, objects_go_with_their_card) {
    phone_with_card bench;
    bench.phone.remove_card();
    for (const auto* node : {"./IMPS", "./Email", "./DMAcc", "./NAP"}) EXPECT_FALSE(bench.has(node)) << node;
    EXPECT_TRUE(bench.has("./DevInfo/DevId"));
    EXPECT_EQ(bench.told(kind::purged).size(), 4U);
    EXPECT_THAT(bench.phone.objects(), IsEmpty());
}

TEST(device, objects_stay_when_the_same_card_is_there_again_after_a_restart) {
    phone_with_card bench;
    (void)bench.told(kind::incorporated);
    bench.restart();
    EXPECT_TRUE(bench.has("./IMPS"));
    EXPECT_THAT(bench.told(kind::purged), IsEmpty());
    EXPECT_THAT(bench.told(kind::incorporated), IsEmpty());
}

TEST(device, a_card_changed_while_it_was_off_brings_its_own_objects) {
    phone_with_card bench;
    object_card other;
    other.identity.iccid = "89882110000000000029";
    terminal_channel terminal(other.model, other.one, {other.identity.iccid, 1, other.keys(), 10});
    change(other, "./IMPS", "AppAddr/x/Addr", "imps.other.example.org");
    (void)bench.told(kind::incorporated);
    bench.phone.switch_off();
    bench.phone.remove_card();
    EXPECT_TRUE(bench.has("./IMPS"));  // it cannot notice yet
    bench.phone.insert(
        {.transmit = [&](wire::octet_view c) { return terminal.transmit(c); }, .reset = [&] { terminal.reset(); }},
        bench.now);
    bench.phone.switch_on(bench.now);
    EXPECT_EQ(bench.phone.card(), "89882110000000000029");
    EXPECT_EQ(bench.told(kind::purged).size(), 4U);
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.other.example.org");
}

// The use case of the requirements: services work at once in another device.
TEST(device, a_card_moved_into_another_model_makes_its_services_usable_there) {
    phone_with_card bench;
    change(bench.card, "./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    bench.phone.remove_card();
    auto model = phone_model();
    model.imei = "356938035643809";
    model.model = "Two";
    phone_bench other(model);
    other.start_with(bench.card);
    EXPECT_EQ(other.value("./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
    EXPECT_EQ(other.value("./Email/AppAddr/x/Addr"), "smtp.old.example.org");
    EXPECT_FALSE(bench.has("./IMPS"));
}

TEST(device, passes_over_objects_of_a_kind_that_it_does_not_know) {
    phone_with_card bench(sample_profile(), phone_model({"urn:oma:mo:oma-imps:1.0"}));
    EXPECT_TRUE(bench.has("./IMPS"));
    EXPECT_FALSE(bench.has("./DMAcc"));
    EXPECT_EQ(bench.told(kind::unsupported).size(), 3U);
    EXPECT_THAT(bench.asked, IsEmpty());
    EXPECT_THAT(bench.connections, IsEmpty());
}

TEST(device, never_overwrites_a_node_of_another_origin) {
    phone_bench bench;
    object_card card;
    bench.phone.own_tree().children.push_back(mo::interior("IMPS", {mo::text_leaf("Mine", "yes")}));
    bench.start_with(card);
    EXPECT_EQ(bench.value("./IMPS/Mine"), "yes");
    EXPECT_FALSE(bench.has("./IMPS/AppAddr"));
    EXPECT_THAT(bench.told(kind::place_taken), ElementsAre("./IMPS 0"));
    bench.phone.remove_card();
    EXPECT_EQ(bench.value("./IMPS/Mine"), "yes");
    // Once the place is free the object comes.
    ASSERT_TRUE(mo::remove(bench.phone.own_tree(), at("./IMPS")));
    bench.phone.insert(bench.slot_of(card), bench.now);
    EXPECT_TRUE(bench.has("./IMPS/AppAddr"));
}

TEST(device, an_object_switched_off_leaves_and_comes_back_when_it_is_switched_on) {
    phone_with_card bench;
    rewrite_control(bench.card, [](auto& control) { control.find(0x6433)->active = false; });
    bench.refresh();
    EXPECT_FALSE(bench.has("./Email"));
    EXPECT_TRUE(bench.has("./IMPS"));
    EXPECT_THAT(bench.told(kind::purged), ElementsAre("./Email inactive"));
    rewrite_control(bench.card, [](auto& control) { control.find(0x6433)->active = true; });
    bench.refresh();
    EXPECT_TRUE(bench.has("./Email"));
}

TEST(device, an_object_that_directory_and_control_file_know_no_more_leaves) {
    phone_with_card bench;
    auto& card = bench.card;
    auto entries = mo::parse_data_objects(card.read_file(0x6430)).value();
    std::erase_if(entries, [](const auto& e) { return e.label == "Mail"; });
    auto list = wire::writer().put(mo::serialize_data_objects(entries)).take();
    list.resize(card.read_file(0x6430).size(), 0xFF);
    auto run = [&](std::uint16_t file, const wire::octets& next) {
        const auto plan = mo::plan_script({{file, card.read_file(file), next}});
        (void)card.send_long(card.packet(++card.last_counter, object_card::script_of(plan)));
        card.terminal.reset();
        bench.refresh();
    };
    run(0x6430, list);
    EXPECT_TRUE(bench.has("./Email"));  // the control file does not say so yet: the script may be cut
    auto control = card.control();
    std::erase_if(control.entries, [](const auto& e) { return e.file == 0x6433; });
    ++control.generation;
    auto octets = mo::serialize_control_file(control).value();
    octets.resize(card.read_file(0x6440).size(), 0xFF);
    run(0x6440, octets);
    EXPECT_FALSE(bench.has("./Email"));
    EXPECT_THAT(bench.told(kind::purged), ElementsAre("./Email left"));
    EXPECT_EQ(bench.phone.objects().size(), 3U);
}

TEST(device, objects_of_a_card_without_control_file_are_taken_over_and_followed) {
    object_card card;
    auto entries = mo::parse_data_objects(card.read_file(0x6430)).value();
    std::erase_if(entries, [](const auto& e) { return std::ranges::equal(e.oid, mo::oid_control_file); });
    auto list = mo::serialize_data_objects(entries);
    list.resize(card.read_file(0x6430).size(), 0xFF);
    const auto plan = mo::plan_script({{0x6430, card.read_file(0x6430), list}});
    (void)card.send_long(card.packet(++card.last_counter, object_card::script_of(plan)));
    phone_bench bench;
    bench.start_with(card);
    EXPECT_EQ(bench.phone.objects().size(), 4U);
    EXPECT_EQ(bench.asked.size(), 1U);          // userConsent
    EXPECT_THAT(bench.connections, IsEmpty());  // Ext/DMSC/Init is false
    (void)bench.told(kind::incorporated);
    bench.refresh();
    EXPECT_THAT(bench.told(kind::incorporated), IsEmpty());
    EXPECT_THAT(bench.told(kind::purged), IsEmpty());
    change(card, "./IMPS", "Name", "Other");
    change(card, "./DMAcc/Operator", "Ext/DMSC/Init", "true");
    bench.refresh();
    EXPECT_EQ(bench.value("./IMPS/Name"), "Other");
    EXPECT_EQ(bench.connections.size(), 1U);
}

TEST(device, an_object_whose_file_is_deactivated_leaves) {
    phone_with_card bench;
    EXPECT_EQ(bench.card
                  .run("00a40804047f506432"
                       "0004000000")
                  .substr(2),
              "9000");
    bench.card.terminal.reset();
    bench.restart();  // nothing in the control file told it: a device sees it when it reads anew
    EXPECT_TRUE(bench.has("./IMPS"));
    bench.phone.remove_card();
    bench.phone.insert(bench.slot_of(bench.card), bench.now);
    EXPECT_FALSE(bench.has("./IMPS"));
    EXPECT_TRUE(bench.has("./NAP"));
}

TEST(device, reads_private_objects_with_the_pin_of_the_holder_only) {
    auto profile = sample_profile();
    profile.management_objects[0].pin = true;
    phone_with_card without(profile);
    EXPECT_FALSE(without.has("./IMPS"));
    EXPECT_TRUE(without.has("./NAP"));
    object_card card(profile);
    phone_bench bench;
    bench.phone.insert(bench.slot_of(card, std::string(factory_pin)), bench.now);
    bench.phone.switch_on(bench.now);
    EXPECT_TRUE(bench.has("./IMPS"));
}

}  // namespace
}  // namespace ota::sandbox
