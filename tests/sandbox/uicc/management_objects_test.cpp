#include "tests/sandbox/uicc/object_card.hpp"

#include <map>
#include <random>

namespace ota::sandbox {
namespace {

using mo::parse_uri;

TEST(uicc_objects, are_found_as_a_device_looks_for_them) {
    object_card card;
    // The record of PKCS#15 in EF.DIR.
    EXPECT_EQ(card.ask("00a4000c022f00"), "9000");
    std::optional<mo::application_template> application;
    for (int record = 1;; ++record) {
        const auto answer =
            card.terminal.transmit(wire::octets{0x00, 0xB2, static_cast<std::uint8_t>(record), 0x04, 0x00});
        if (answer.size() == 2) break;
        auto read = mo::parse_application(wire::octet_view(answer).first(answer.size() - 2));
        ASSERT_TRUE(read);
        if (std::ranges::equal(read.value().aid, mo::pkcs15_aid)) application = read.value();
    }
    ASSERT_TRUE(application);
    EXPECT_EQ(application->path, (mo::file_path{0x3F00, 0x7F50}));

    EXPECT_EQ(card.ask("0070000001"), "019000");
    EXPECT_EQ(card.ask("01a4040c0c" + wire::to_hex(application->aid)), "9000");
    EXPECT_EQ(card.ask("01a4000c025031"), "9000");
    EXPECT_EQ(mo::parse_object_directory(card.read(1)).value(), std::vector<mo::file_path>{{0x6430}});
    EXPECT_EQ(card.ask("01a4000c026430"), "9000");
    const auto objects = mo::parse_data_objects(card.read(1)).value();
    ASSERT_EQ(objects.size(), 5U);
    EXPECT_EQ(objects[1].label, "Mail");
    EXPECT_EQ(objects[1].user_consent, 1);
    EXPECT_EQ(card.ask("01a4000c026432"), "9000");
    const auto placed = mo::read_image(card.read(1)).value();
    ASSERT_TRUE(placed);
    EXPECT_EQ(mo::get(placed->top, parse_uri("AppAddr/x/Addr").value()).value(), "imps.old.example.org");
    EXPECT_EQ(card.ask("0070800100"), "9000");
    EXPECT_EQ(card.ask("01b0000001"), "6881");
    EXPECT_TRUE(card.one.files.untouched());
}

TEST(uicc_objects, token_info_tells_the_iccid) {
    object_card card;
    const auto info = mo::parse_token_info(card.read_file(0x5032)).value();
    EXPECT_EQ(wire::to_hex(info.serial_number), card.identity.iccid);
}

TEST(uicc_objects, are_changed_over_the_air_with_a_patch_and_its_commit) {
    object_card card;
    const auto plan = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    const auto generation = card.control().generation;
    const auto answer = card.run_long(object_card::script_of(plan));
    EXPECT_EQ(answer.substr(2), "9000");
    EXPECT_EQ(card.read_file(0x6432), card.after);
    const auto control = card.control();
    EXPECT_EQ(control.generation, generation + 1);
    EXPECT_TRUE(mo::confirms(*control.find(0x6432), card.read_file(0x6432)));
    EXPECT_EQ(mo::get_from_image(card.read_file(0x6432), parse_uri("AppAddr/x/Addr").value()).value(),
              "imps.new.example.org");
    // Two files of this card's own, and nothing else.
    EXPECT_EQ(card.one.files.allocated(), 2U + 1024 + 2 + card.profile.objects_at->control.size);
}

TEST(uicc_objects, a_torn_script_leaves_nothing_that_the_control_file_confirms_but_the_old_or_the_new) {
    std::size_t unconfirmed = 0;
    for (unsigned commands = 0; commands < 8; ++commands) {
        object_card card;
        const auto first = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
        card.run_long(object_card::script_of(first));
        const auto old = card.after;
        auto plan = card.plan_value("./IMPS", "Name", "Chat of another name, longer");
        card.send_long(card.packet(++card.last_counter, object_card::script_of(plan)), {.power_cut_after = commands});
        card.terminal.reset();
        const auto image = card.read_file(0x6432);
        const auto control = mo::parse_control_file(card.read_file(0x6440));
        if (control && mo::confirms(*control.value().find(0x6432), image)) {
            EXPECT_TRUE(image == old || image == card.after) << commands;
        } else {
            ++unconfirmed;
        }
        // The next packet repairs: the runs that are missing, then the commit.
        const auto repair =
            mo::plan_script({{0x6432, image, card.after}, {0x6440, card.read_file(0x6440), card.control_after}});
        if (!repair.runs.empty()) card.run_long(object_card::script_of(repair));
        EXPECT_EQ(card.read_file(0x6432), card.after) << commands;
        const auto repaired = card.control();
        EXPECT_TRUE(mo::confirms(*repaired.find(0x6432), card.after)) << commands;
    }
    EXPECT_GT(unconfirmed, 0U);
}

TEST(uicc_objects, belong_to_the_issuer) {
    object_card card;
    for (const auto* file : {"6432", "6430", "6440", "5031", "5032", "6438"}) {
        EXPECT_EQ(card.ask(std::string("00a4080c047f50") + file), "9000");
        EXPECT_EQ(card.ask("00d60000010f"), "6982") << file;
        EXPECT_EQ(card.ask("0004000000"), "6982") << file;
        EXPECT_EQ(card.ask("0044000000"), "6982") << file;
    }
    EXPECT_EQ(card.ask("00e000000e620c820241218302645080020010"), "6982");
    EXPECT_EQ(card.ask("00e40000026432"), "6982");
    EXPECT_EQ(card.ask("80d400000a6208830264328002"
                       "0800"),
              "6982");
    EXPECT_EQ(card.ask("00a4080c047fff6f7b"), "9000");  // the terminal's own
    EXPECT_EQ(card.ask("00d600000362f210"), "9000");
    EXPECT_EQ(card.terminal.touched().size(), 1U);
    // Over the air: not the fixed files, nor what the card itself writes.
    for (const auto* file : {"5031", "5032", "6438"})
        EXPECT_EQ(card.run(std::string("00a40804047f50") + file + "00d60000010f"), "026982") << file;
}

TEST(uicc_objects, files_are_created_resized_and_deleted_over_the_air) {
    object_card card;
    const std::string here = "00a40004027f50";
    EXPECT_EQ(card.run(here + "00e0000011620f8202412183026450800200108a0105"), "029000");
    EXPECT_EQ(card.read_file(0x6450), wire::octets(16, 0xFF));
    EXPECT_EQ(card.run("00a40804047f50645000d60000020102"), "029000");
    EXPECT_EQ(card.run(here + "80d400000a620883026450800200"
                              "20"),
              "029000");
    EXPECT_EQ(card.read_file(0x6450).size(), 32U);
    EXPECT_EQ(wire::to_hex(card.read_file(0x6450)).substr(0, 6), "0102ff");
    EXPECT_EQ(card.run(here + "80d400000a620883026450800200"
                              "01"),
              "029000");
    EXPECT_EQ(wire::to_hex(card.read_file(0x6450)), "01");
    EXPECT_EQ(card.run(here + "00a400040264"
                              "5000c0000000")
                  .substr(0, 6),
              "039000");
    EXPECT_EQ(card.run(here + "00e40000026450"), "029000");
    EXPECT_EQ(card.run("00a40804047f506450"), "016a82");
    EXPECT_TRUE(card.one.files.untouched());

    // An object's file grows, goes, and another takes its identifier.
    EXPECT_EQ(card.run(here + "80d400000a6208830264328002"
                              "0800"),
              "029000");
    EXPECT_EQ(card.read_file(0x6432).size(), 2048U);
    EXPECT_TRUE(mo::read_image(card.read_file(0x6432)).value());
    EXPECT_EQ(card.run(here + "00e40000026432"), "029000");
    EXPECT_EQ(card.run("00a40804047f506432"), "016a82");
    EXPECT_EQ(card.run(here + "00e000000e620c820241218302643280020400"), "029000");
    EXPECT_EQ(card.read_file(0x6432), wire::octets(1024, 0xFF));
}

TEST(uicc_objects, commands_that_manage_files_are_refused_where_they_do_not_fit) {
    object_card card;
    const std::string here = "00a40004027f50", create = "00e000000e620c820241218302";
    EXPECT_EQ(card.run(here + create + "643280020010"), "026a89");                   // there already
    EXPECT_EQ(card.run(here + "00e000000e620c820242218302645080020010"), "026a80");  // records
    EXPECT_EQ(card.run(here + create + "645080020000"), "026a80");
    EXPECT_EQ(card.run(here + "00e00100"
                              "0e620c820241218302645080020010"),
              "026a86");
    EXPECT_EQ(card.run(create + "645080020010"), "016a84");  // the MF has no place
    EXPECT_EQ(card.run(here + "00e40000025031"), "026982");
    EXPECT_EQ(card.run(here + "00e40000026450"), "026a82");
    EXPECT_EQ(card.run(here + "80d400000a6208830264308002"
                              "0800"),
              "026982");
    EXPECT_EQ(card.run(here + "80d4000009620783026432"
                              "80010f"),
              "026a80");
    EXPECT_TRUE(card.one.files.untouched());
    for (int file = 0; file < 6; ++file)
        EXPECT_EQ(card.run(here + create + "645" + std::to_string(file) + "80020010"), "029000");
    EXPECT_EQ(card.run(here + create + "645680020010"), "026a84");
}

TEST(uicc_objects, a_deactivated_object_cannot_be_read) {
    object_card card;
    EXPECT_EQ(card.run("00a40804047f5064330004000000"), "029000");
    EXPECT_EQ(card.ask("00a4080c047f506433"), "6283");
    EXPECT_EQ(card.ask("00b0000001"), "6984");
    EXPECT_EQ(card.run("00a40804047f5064330044000000"), "029000");
    EXPECT_FALSE(card.read_file(0x6433).empty());
    EXPECT_TRUE(card.one.files.untouched());
}

TEST(uicc_objects, a_pair_of_files_is_written_in_turn) {
    object_card card;
    const auto& object = *card.profile.find_object("./DMAcc/Operator");
    const auto uri = parse_uri(object.uri).value();
    const auto old = card.read_file(0x6434), spare = card.read_file(0x6534), list = card.read_file(0x6430);
    EXPECT_EQ(spare, mo::empty_image(1024));
    const auto next =
        mo::change_image(old, {.at = parse_uri("Ext/DMSC/Init").value(), .value = "true"}, uri, form_of(object))
            .value();
    const auto control = mo::with_image(card.control(), 0x6434, 0x6534, next).value();
    const auto list_next = list_image(card.profile, control), control_next = control_image(card.profile, control);
    const auto plan = mo::plan_script(
        {{0x6534, spare, next}, {0x6430, list, list_next}, {0x6440, card.read_file(0x6440), control_next}});
    EXPECT_EQ(card.run_long(object_card::script_of(plan)).substr(2), "9000");
    const auto objects = mo::parse_data_objects(card.read_file(0x6430)).value();
    EXPECT_EQ(objects[2].path, mo::file_path{0x6534});
    EXPECT_EQ(mo::get_from_image(card.read_file(0x6534), parse_uri("Ext/DMSC/Init").value()).value(), "true");
    EXPECT_EQ(card.read_file(0x6434), old);
}

TEST(uicc_objects, a_terminal_selects_reads_and_asks_on_four_channels) {
    object_card card;
    EXPECT_EQ(card.ask("00a40404"
                       "0ca000000063504b43532d3135")
                  .substr(0, 2),
              "61");
    EXPECT_EQ(card.ask("00a404040ca000000063504b43532d313500").substr(0, 2), "62");
    EXPECT_NE(card.ask("00a404040ca000000063504b43532d313500").find("840ca000000063504b43532d3135"), std::string::npos);
    EXPECT_EQ(card.ask("80f2000c00"), "9000");
    for (const auto* number : {"01", "02", "03"}) EXPECT_EQ(card.ask("0070000001"), std::string(number) + "9000");
    EXPECT_EQ(card.ask("0070000001"), "6881");
    EXPECT_EQ(card.ask("03a4000c023f00"), "9000");
    EXPECT_EQ(card.ask("03a4000c022fe2"), "9000");
    EXPECT_EQ(card.ask("03b000000a"), "988812010000000000109000");
    EXPECT_EQ(card.ask("00b0000001"), "6986");  // the other channel has no file
    EXPECT_EQ(card.ask("0070800300"), "9000");
    EXPECT_EQ(card.ask("0070800300"), "6881");
    EXPECT_EQ(card.ask("0070800000"), "6a86");
    EXPECT_EQ(card.ask("a0a40000023f00"), "6e00");
    EXPECT_EQ(card.ask("0cb0000001"), "6e00");
    EXPECT_EQ(card.ask("0084000008"), "6d00");
    EXPECT_EQ(card.ask("00b0"), "6700");
    card.terminal.reset();
    EXPECT_EQ(card.ask("01b0000001"), "6881");
}

TEST(uicc_objects, a_store_keeps_what_any_order_of_changes_leaves) {
    const auto profile = sample_profile();
    const file_tree tree(profile);
    std::mt19937 random(11);
    file_store store;
    std::map<slot_id, wire::octets> contents;
    std::map<file_id, bool> deactivated, deleted;
    std::map<file_id, std::uint16_t> created;
    for (int step = 0; step < 4000; ++step) {
        const auto slot = static_cast<slot_id>(random() % tree.slots());
        const auto id = static_cast<file_id>(random() % tree.size());
        switch (random() % 6) {
            case 0: {
                wire::octets image(random() % 3 == 0 ? 1 + random() % 40 : tree.initial(slot).size(),
                                   static_cast<std::uint8_t>(random()));
                if (image.empty()) break;
                store.assign(tree, slot, image);
                contents[slot] = image;
                break;
            }
            case 1: {
                if (tree.initial(slot).empty()) break;
                const auto own = store.own(tree, slot, tree.initial(slot));
                auto& expected = contents.try_emplace(slot, tree.initial(slot)).first->second;
                ASSERT_EQ(own.size(), expected.size());
                own[0] = expected[0] = static_cast<std::uint8_t>(random());
                break;
            }
            case 2:
                store.forget(tree, slot);
                contents.erase(slot);
                break;
            case 3: store.set_deactivated(tree, id, deactivated[id] = random() % 2); break;
            case 4: store.set_deleted(tree, id, deleted[id] = random() % 2); break;
            default:
                if (random() % 2) {
                    store.set_created(tree, id, created[id] = static_cast<std::uint16_t>(random()));
                } else {
                    store.set_created(tree, id, std::nullopt);
                    created.erase(id);
                }
        }
        const auto found = store.find(tree, slot);
        ASSERT_EQ(wire::octets(found.begin(), found.end()), contents.contains(slot) ? contents[slot] : wire::octets())
            << step;
        ASSERT_EQ(store.deactivated(tree, id), deactivated[id]);
        ASSERT_EQ(store.deleted(tree, id), deleted[id]);
        ASSERT_EQ(store.created(tree, id), created.contains(id) ? std::optional(created[id]) : std::nullopt);
    }
}

}  // namespace
}  // namespace ota::sandbox
