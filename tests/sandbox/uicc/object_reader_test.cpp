#include "sandbox/uicc/object_reader.hpp"

#include "tests/sandbox/uicc/object_card.hpp"

namespace ota::sandbox {
namespace {

struct read_card : object_card {
    using object_card::object_card;

    std::optional<objects_on_card> look(const objects_on_card* known = nullptr,
                                        std::optional<std::string_view> pin = {}) {
        octets_read = 0;
        return read_objects(
            [this](wire::octet_view command) {
                auto answer = terminal.transmit(command);
                octets_read += answer.size();
                EXPECT_NE(command[1], 0xD6);
                return answer;
            },
            known, pin);
    }
    static std::string value(const object_on_card& object, std::string_view node) {
        return mo::get_from_image(object.image.value(), mo::parse_uri(node).value()).value();
    }

    std::size_t octets_read = 0;
};

TEST(object_reader, finds_all_objects_and_what_is_to_be_done_with_them) {
    read_card card;
    const auto seen = card.look();
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->objects.size(), 4U);
    for (const auto& object : seen->objects) EXPECT_TRUE(object.whole()) << object.entry.label;
    EXPECT_EQ(read_card::value(seen->objects[0], "AppAddr/x/Addr"), "imps.old.example.org");
    EXPECT_EQ(seen->objects[1].entry.user_consent, 1);
    EXPECT_TRUE(seen->objects[1].control->ask);
    EXPECT_TRUE(seen->objects[2].control->autonomous);
    ASSERT_TRUE(seen->control);
    EXPECT_EQ(seen->control->generation, 0);
    EXPECT_EQ(card.ask("01b0000001"), "6881");  // the channel is closed again
    EXPECT_TRUE(card.one.files.untouched());
}

TEST(object_reader, reads_again_only_what_changed) {
    read_card card;
    const auto first = card.look().value();
    const auto all = card.octets_read;
    const auto again = card.look(&first).value();
    EXPECT_LT(card.octets_read * 2, all);
    for (const auto& object : again.objects) EXPECT_TRUE(object.unchanged && !object.image);
    card.run_long(object_card::script_of(card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org")));
    const auto third = card.look(&again).value();
    EXPECT_FALSE(third.objects[0].unchanged);
    EXPECT_TRUE(third.objects[0].whole());
    EXPECT_EQ(read_card::value(third.objects[0], "AppAddr/x/Addr"), "imps.new.example.org");
    EXPECT_EQ(third.objects[0].control->generation, 1);
    for (std::size_t i = 1; i < 4; ++i) EXPECT_TRUE(third.objects[i].unchanged) << i;
}

TEST(object_reader, never_takes_a_mix_for_an_object) {
    std::size_t torn = 0;
    for (unsigned commands = 0; commands < 8; ++commands) {
        read_card card;
        const auto script = object_card::script_of(card.plan_value("./IMPS", "Name", "Chat of another name, longer"));
        card.send_long(card.packet(++card.last_counter, script), {.power_cut_after = commands});
        const auto seen = card.look();
        ASSERT_TRUE(seen) << commands;
        const auto& object = seen->objects[0];
        if (!object.whole()) {
            ++torn;
            continue;
        }
        const auto& image = *object.image;
        const bool old = std::ranges::equal(image, wire::octet_view(card.before).first(image.size()));
        const bool next = std::ranges::equal(image, wire::octet_view(card.after).first(image.size()));
        EXPECT_TRUE(old || next) << commands;
    }
    EXPECT_GT(torn, 0U);
}

TEST(object_reader, follows_a_pair_and_leaves_out_what_is_switched_off) {
    read_card card;
    const auto first = card.look().value();
    const auto& object = *card.profile.find_object("./DMAcc/Operator");
    const auto next =
        mo::change_image(card.read_file(0x6434), {.at = mo::parse_uri("Name").value(), .value = "Another"},
                         mo::parse_uri(object.uri).value(), form_of(object))
            .value();
    for (const auto& plan : card.plan_pair(object, next)) {
        EXPECT_EQ(card.run_long(object_card::script_of(plan)).substr(2), "9000");
    }
    auto seen = card.look(&first).value();
    EXPECT_EQ(seen.objects[2].entry.path, mo::file_path{0x6534});
    EXPECT_EQ(read_card::value(seen.objects[2], "Name"), "Another");
    // Not listed, and a file that was deactivated.
    auto control = card.control();
    control.find(0x6433)->active = false;
    const auto script_off = mo::plan_script({{0x6430, card.read_file(0x6430), list_image(card.profile, control)},
                                             {0x6440, card.read_file(0x6440), control_image(card.profile, control)}});
    card.run_long(object_card::script_of(script_off));
    card.run("00a40804047f5064350004000000");
    seen = card.look().value();
    ASSERT_EQ(seen.objects.size(), 3U);
    EXPECT_EQ(seen.objects[2].entry.path, mo::file_path{0x6435});
    EXPECT_FALSE(seen.objects[2].image);
}

TEST(object_reader, shows_the_pin_once_and_only_where_it_is_asked) {
    auto profile = sample_profile();
    profile.management_objects[0].pin = profile.management_objects[1].pin = true;
    read_card card(profile);
    auto seen = card.look().value();
    EXPECT_TRUE(seen.objects[0].entry.is_private && !seen.objects[0].image);
    EXPECT_TRUE(seen.objects[2].whole());
    seen = card.look(nullptr, "9999").value();
    EXPECT_FALSE(seen.objects[0].image);
    EXPECT_FALSE(seen.objects[1].image);
    EXPECT_EQ(card.ask("0020000100"), "63c2");  // one try, not two
    seen = card.look(nullptr, factory_pin).value();
    EXPECT_TRUE(seen.objects[0].whole() && seen.objects[1].whole());
}

TEST(object_reader, reads_objects_of_ber_tlv_files) {
    auto profile = sample_profile();
    auto& object = profile.management_objects.front();
    const auto placed = mo::read_image(object.factory_image).value();
    object.layout = object_layout::ber_tlv;
    object.file.structure = file_structure::ber_tlv;
    object.factory_image = mo::make_image(placed->top, mo::parse_uri(object.uri).value(), form_of(object)).value();
    read_card card(profile);
    const auto seen = card.look().value();
    EXPECT_TRUE(seen.objects[0].whole());
    EXPECT_EQ(read_card::value(seen.objects[0], "AppAddr/x/Addr"), "imps.old.example.org");
}

TEST(object_reader, a_card_without_objects_or_without_power_has_none) {
    card_bench plain;
    terminal_channel terminal(plain.model, plain.one, {plain.identity.iccid, 1, plain.keys(), 10});
    EXPECT_FALSE(read_objects([&](wire::octet_view command) { return terminal.transmit(command); }));
    EXPECT_FALSE(read_objects([](wire::octet_view) { return wire::octets(); }));
    // One that is pulled out on the way.
    read_card card;
    for (int commands = 0; commands < 12; ++commands) {
        int left = commands;
        const auto seen = read_objects(
            [&](wire::octet_view command) { return left-- > 0 ? card.terminal.transmit(command) : wire::octets(); });
        for (const auto& object : seen ? seen->objects : std::vector<object_on_card>())
            EXPECT_FALSE(object.whole() && !object.control) << commands;
        card.terminal.reset();
    }
}

}  // namespace
}  // namespace ota::sandbox
