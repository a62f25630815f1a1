#include "gateway/profile/object_script.hpp"
#include "management-object/tlv_layout.hpp"
#include "tests/profile/profile_text.hpp"

#include <gtest/gtest.h>

#include <map>

using namespace ota;
namespace mo = ota::management_object;
using way = object_script::way;

namespace {

const mo::node_change new_address{.at = {{"AppAddr", "x", "Addr"}}, .value = "imps.new.example.org"};
const mo::node_change new_init{.at = {{"Ext", "DMSC", "Init"}}, .value = "true"};

std::size_t messages(std::size_t octets) { return octets / 100 + 1; }

/// The sample profile and the files of one of its cards.
struct sample_card {
    sample_card() {
        config::faults faults;
        profile_set read;
        const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml";
        load_profiles(config::document::load(file, faults).root().at("profiles"), read);
        profile = *read.begin()->second;
        control = factory_control(profile);
        files[0x6430] = list_image(profile, control);
        files[0x6440] = control_image(profile, control);
        for (const auto& object : profile.management_objects) {
            files[object.file_identifier()] = object.factory_image;
            if (object.spare) files[object.spare_identifier()] = mo::empty_image(object.file.size);
        }
    }
    const management_object_binding& object(std::string_view uri) const { return *profile.find_object(uri); }
    wire::octets next(std::string_view uri, const mo::node_change& change) {
        const auto& o = object(uri);
        const auto& now = files[entry_of(o, control)->file];
        return mo::change_image(now, change, mo::parse_uri(o.uri).value(), form_of(o)).value();
    }
    /// Runs the first commands of the script.
    void run(const object_script& script, std::size_t commands = 9999) {
        for (const auto& step : script.steps) {
            for (const auto& command : step.commands) {
                if (commands-- == 0) return;
                ASSERT_EQ(command[1], 0xD6);
                auto& image = files[step.file->path.back()];
                const std::size_t offset = static_cast<std::size_t>(command[2] << 8 | command[3]);
                ASSERT_EQ(command.size(), 5U + command[4]);
                ASSERT_LE(offset + command[4], image.size());
                std::copy(command.begin() + 5, command.end(), image.begin() + static_cast<std::ptrdiff_t>(offset));
            }
        }
    }
    wire::result<object_script> plan(std::string_view uri, wire::octet_view wanted, const object_state& state) {
        return plan_object(profile, object(uri), state, wanted, messages);
    }

    card_profile profile;
    mo::control_file control;
    std::map<std::uint16_t, wire::octets> files;
};

}  // namespace

TEST(object_script, patches_what_is_known_and_writes_the_control_file_last) {
    sample_card card;
    const auto wanted = card.next("./IMPS", new_address);
    const auto script = card.plan("./IMPS", wanted, {card.files[0x6432], {}, card.control}).value();
    EXPECT_EQ(script.how, way::patch);
    EXPECT_EQ(script.messages, 1U);
    ASSERT_EQ(script.steps.size(), 2U);
    EXPECT_EQ(script.steps[0].file, &card.object("./IMPS").file);
    EXPECT_EQ(script.steps[1].file, &card.profile.objects_at->control);
    std::size_t octets = 9 + 7;  // SELECT by path, then in the same directory
    for (const auto& step : script.steps)
        for (const auto& command : step.commands) octets += command.size();
    EXPECT_EQ(script.octets, octets);
    card.run(script);
    EXPECT_EQ(card.files[0x6432], wanted);
    EXPECT_EQ(mo::parse_control_file(card.files[0x6440]).value(), script.after);
    const auto entry = confirmed_entry(card.object("./IMPS"), card.files[0x6440], wanted);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->generation, 1);
    EXPECT_EQ(script.after.generation, card.control.generation + 1);
}

TEST(object_script, writes_all_of_a_file_that_is_not_known) {
    sample_card card;
    const auto wanted = card.next("./IMPS", new_address);
    const auto script = card.plan("./IMPS", wanted, {{}, {}, card.control}).value();
    EXPECT_GT(script.octets, 1024U);
    card.files[0x6432].assign(1024, 0x5A);  // whatever it held
    card.run(script);
    EXPECT_EQ(card.files[0x6432], wanted);
}

TEST(object_script, nothing_is_to_do_for_what_the_card_has) {
    sample_card card;
    const auto now = card.files[0x6432];
    EXPECT_TRUE(card.plan("./IMPS", now, {now, {}, card.control}).value().steps.empty());
    // Not when the control file does not confirm it.
    auto torn = card.control;
    torn.find(0x6432)->crc ^= 1;
    const auto script = card.plan("./IMPS", now, {now, {}, torn}).value();
    ASSERT_EQ(script.steps.size(), 1U);
    EXPECT_EQ(script.steps[0].file, &card.profile.objects_at->control);
}

TEST(object_script, a_pair_is_written_in_turn_and_the_directory_follows) {
    sample_card card;
    auto wanted = card.next("./DMAcc/Operator", new_init);
    std::uint16_t to = 0x6534, from = 0x6434;
    for (int turn = 0; turn < 3; ++turn) {
        const auto before = card.files[from];
        const auto script =
            card.plan("./DMAcc/Operator", wanted, {card.files[from], card.files[to], card.control}).value();
        EXPECT_EQ(script.how, way::paired);
        ASSERT_EQ(script.steps.size(), 3U);
        EXPECT_EQ(script.steps[0].file->path.back(), to);
        EXPECT_EQ(script.steps[1].file, &card.profile.objects_at->list);
        card.run(script);
        EXPECT_EQ(card.files[from], before);
        EXPECT_EQ(card.files[to], wanted);
        EXPECT_EQ(card.files[0x6430], list_image(card.profile, script.after));
        card.control = script.after;
        EXPECT_EQ(entry_of(card.object("./DMAcc/Operator"), card.control)->file, to);
        std::swap(from, to);
        wanted = card.next("./DMAcc/Operator", {.at = {{"Name"}}, .value = "turn " + std::to_string(turn)});
    }
}

TEST(object_script, a_cut_script_is_never_confirmed_and_the_next_repairs_it) {
    std::size_t unconfirmed = 0;
    for (std::size_t cut = 0; cut < 5; ++cut) {
        sample_card card;
        const auto old = card.files[0x6432], wanted = card.next("./IMPS", new_address);
        const auto script = card.plan("./IMPS", wanted, {old, {}, card.control}).value();
        card.run(script, cut);
        const auto& image = card.files[0x6432];
        const auto entry = confirmed_entry(card.object("./IMPS"), card.files[0x6440], image);
        if (entry) {
            EXPECT_TRUE(image == old || image == wanted) << cut;
        } else {
            ++unconfirmed;
        }
        // What was read back is known, though torn; a control file that cannot be read is taken from what was planned.
        auto read = mo::parse_control_file(card.files[0x6440]);
        const auto repair = card.plan("./IMPS", wanted, {image, {}, read ? read.value() : card.control}).value();
        if (!read) card.files[0x6440] = control_image(card.profile, card.control);
        card.run(repair);
        EXPECT_TRUE(confirmed_entry(card.object("./IMPS"), card.files[0x6440], wanted)) << cut;
    }
    EXPECT_GT(unconfirmed, 0U);
}

TEST(object_script, sets_data_objects_of_a_ber_tlv_file) {
    sample_card card;
    auto& object = card.profile.management_objects.front();
    const auto top = mo::read_image(object.factory_image).value()->top;
    object.layout = object_layout::ber_tlv;
    object.file.structure = file_structure::ber_tlv;
    const auto now = mo::make_image(top, mo::parse_uri(object.uri).value(), form_of(object)).value();
    card.control = mo::with_image(card.control, 0x6432, 0x6432, now).value();
    card.files[0x6432] = now;
    const auto wanted = card.next("./IMPS", new_address);
    const auto script = card.plan("./IMPS", wanted, {now, {}, card.control}).value();
    EXPECT_EQ(script.how, way::data_objects);
    ASSERT_EQ(script.steps.size(), 2U);
    EXPECT_EQ(script.steps[0].commands, mo::tlv_commands(now, wanted).value());
    EXPECT_EQ(script.steps[1].file, &card.profile.objects_at->control);
    EXPECT_TRUE(mo::confirms(*script.after.find(0x6432), wanted));
    EXPECT_EQ(card.plan("./IMPS", wanted, {{}, {}, card.control}).error(), mo::dm_status::not_executed);
}

TEST(object_script, refuses_what_it_cannot_plan) {
    sample_card card;
    const auto image = card.files[0x6432];
    EXPECT_EQ(card.plan("./DevInfo", image, {{}, {}, card.control}).error(), mo::dm_status::command_not_allowed);
    EXPECT_EQ(card.plan("./IMPS", image, {{}, {}, {}}).error(), mo::dm_status::not_found);
    EXPECT_EQ(card.plan("./NAP", image, {{}, {}, card.control}).error(), mo::dm_status::size_mismatch);
    EXPECT_FALSE(confirmed_entry(card.object("./IMPS"), wire::octets(40, 0xFF), image));
    EXPECT_FALSE(confirmed_entry(card.object("./DevInfo"), card.files[0x6440], image));
}
