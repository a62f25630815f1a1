#include "gateway/flow/rehearsal.hpp"

#include "gateway/profile/load_profiles.hpp"
#include "gateway/profile/object_files.hpp"
#include "management-object/tlv_layout.hpp"
#include "tests/management-object/random_tree.hpp"
#include "tests/object-tool/card_of_files.hpp"

#include <gtest/gtest.h>

namespace ota::flow {

namespace {

namespace mo = management_object;
using object_tool::card_of_files;

const mo::node_change new_address{.at = {{"AppAddr", "x", "Addr"}}, .value = "imps.new.example.org"};

card_profile sample_profile() {
    config::faults faults;
    profile_set read;
    const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml";
    load_profiles(config::document::load(file, faults).root().at("profiles"), read);
    return *read.at("usim-aes-dm");
}

/// A card of the sample profile, and what the gateway knows of one of its objects.
struct stage {
    explicit stage(std::string_view uri, card_profile p = sample_profile())
        : profile(std::move(p)), object(*profile.find_object(uri)) {
        control = factory_control(profile);
        card.files[0x6430] = list_image(profile, control);
        card.files[0x6440] = control_image(profile, control);
        card.files[object.file_identifier()] = object.factory_image;
        if (object.spare) card.files[object.spare_identifier()] = mo::empty_image(object.file.size);
    }
    [[nodiscard]] wire::octets changed(const wire::octets& image, const mo::node_change& change) const {
        return mo::change_image(image, change, mo::parse_uri(object.uri).value(), form_of(object)).value();
    }
    [[nodiscard]] rehearsal known(wire::octets image, wire::octets spare = {}) const {
        return rehearsal::of(profile, object, {std::move(image), std::move(spare), control}, 8).value();
    }
    /// The control file on the card, when it can be read.
    [[nodiscard]] std::optional<mo::control_file> on_card() const {
        auto read = mo::parse_control_file(card.files.at(0x6440));
        if (!read) return std::nullopt;
        return std::move(read).value();
    }

    card_profile profile;
    const management_object_binding& object;
    mo::control_file control;
    card_of_files card;
};

}  // namespace

TEST(rehearsal, a_pair_is_written_in_turn_and_the_directory_follows) {
    stage on("./DMAcc/Operator");
    auto plan = on.known(on.object.factory_image, on.card.files[0x6534]);
    std::uint16_t to = 0x6534, from = 0x6434;
    for (int turn = 0; turn < 3; ++turn) {
        const auto before = on.card.files[from];
        const auto wanted = on.changed(before, {.at = {{"Name"}}, .value = "turn " + std::to_string(turn)});
        const auto packets = plan.to(wanted).value();
        for (const auto& packet : packets) on.card.run(packet.commands);
        EXPECT_EQ(on.card.files[from], before);
        EXPECT_EQ(on.card.files[to], wanted);
        const auto control = on.on_card().value();
        EXPECT_EQ(on.card.files[0x6430], list_image(on.profile, control));
        EXPECT_EQ(entry_of(on.object, control)->file, to);
        std::swap(from, to);
    }
}

TEST(rehearsal, nothing_is_to_do_for_what_the_card_has) {
    const stage on("./IMPS");
    EXPECT_TRUE(on.known(on.object.factory_image).to(on.object.factory_image).value().empty());
}

TEST(rehearsal, what_is_forgotten_is_written_whole) {
    stage on("./IMPS");
    auto plan = on.known(on.object.factory_image);
    const auto wanted = on.changed(on.object.factory_image, new_address);
    plan.forget(wanted);
    on.card.files[0x6432].assign(mo::used_length(wanted), 0x5A);  // whatever it held
    on.card.files[0x6432].resize(on.object.file.size, 0xFF);
    const auto packets = plan.to(wanted).value();
    for (const auto& packet : packets) on.card.run(packet.commands);
    EXPECT_EQ(on.card.files[0x6432], wanted);
}

/// Whatever changes, and wherever a packet is cut: the control file confirms the old object, the new one or none.
TEST(rehearsal, a_script_cut_at_any_command_never_attests_a_mix) {
    mo::randomly::dice d(20);
    std::size_t cut = 0, unconfirmed = 0;
    for (const auto layout : {object_layout::slotted, object_layout::plain, object_layout::ber_tlv}) {
        for (int round = 0; round < 12; ++round) {
            auto profile = sample_profile();
            profile.max_segments = layout == object_layout::ber_tlv ? 100 : 3;
            auto& object = profile.management_objects.front();
            object.layout = layout;
            if (layout == object_layout::ber_tlv) object.file.structure = file_structure::ber_tlv;
            object.file.size = 12'000;
            object.description.reset();
            const auto at = mo::parse_uri(object.uri).value();
            const auto before = mo::make_image(mo::randomly::tree(d, "IMPS", 4), at, form_of(object)).value();
            const auto after = mo::replace_image(before, mo::randomly::tree(d, "IMPS", 4), at, form_of(object)).value();
            object.factory_image = before;
            stage on("./IMPS", std::move(profile));
            const auto packets = on.known(before).to(after).value();
            std::vector<wire::octets> commands;
            for (const auto& packet : packets) {
                commands.insert(commands.end(), packet.commands.begin(), packet.commands.end());
            }
            for (std::size_t ran = 0; ran <= commands.size(); ++ran) {
                auto card = on.card;
                card.run({commands.begin(), commands.begin() + static_cast<std::ptrdiff_t>(ran)});
                const auto control = mo::parse_control_file(card.files[0x6440]);
                const auto* entry = control ? entry_of(on.object, control.value()) : nullptr;
                const auto& image = card.files[0x6432];
                if (entry != nullptr && mo::confirms(*entry, image)) {
                    ASSERT_TRUE(image == before || image == after) << round << " after " << ran;
                } else {
                    ++unconfirmed;
                }
                ++cut;
            }
        }
    }
    EXPECT_GT(cut, 300U);
    EXPECT_GT(unconfirmed, 100U);
}

TEST(rehearsal, refuses_what_it_cannot_plan) {
    const stage on("./IMPS");
    const auto image = on.object.factory_image;
    EXPECT_EQ(rehearsal::of(on.profile, *on.profile.find_object("./DevInfo"), {image, {}, on.control}, 8).error(),
              mo::dm_status::command_not_allowed);
    EXPECT_EQ(rehearsal::of(on.profile, on.object, {image, {}, {}}, 8).error(), mo::dm_status::not_found);
    EXPECT_EQ(on.known(image).to(wire::octets(40, 0xFF)).error(), mo::dm_status::size_mismatch);
}

}  // namespace ota::flow
