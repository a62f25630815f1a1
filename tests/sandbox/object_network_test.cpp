#include "sandbox/card_network.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

namespace ota::sandbox {
namespace {

/// A population of the sample profile, and the sender's side of one of its cards.
struct object_network {
    explicit object_network(const mishap_shares& shares = {})
        : profile(sample_profile()), cards(profile, population_for(profile, 7, 20), {}, shares, diary) {}

    /// The packets of one script for this card, segment by segment.
    std::vector<wire::octets> sealed(std::size_t card, std::string_view script) {
        const auto& who = cards.who();
        const auto kvn = static_cast<std::uint8_t>(who.settings().key_version << 4);
        const sc::command_header header{profile.spi,
                                        {static_cast<std::uint8_t>(kvn | profile.kic_algorithm)},
                                        {static_cast<std::uint8_t>(kvn | profile.kid_algorithm)},
                                        profile.applications[profile.objects_at->application].tar,
                                        {who.first_counter(card) + ++sent}};
        return sc::split_packet(sc::seal_command(header, hex(script), who.keys(card)).value(), sc::packet_kind::command,
                                1)
            .value();
    }
    sms_deliver message(const std::string& number, const wire::octets& part) { return {sent, number, part, {}}; }

    static wire::octets read_file(terminal_channel& terminal, std::uint16_t file) {
        const auto select = wire::writer().put(hex("00a4080c047f50")).u16(file).take();
        EXPECT_EQ(wire::to_hex(terminal.transmit(select)), "9000");
        wire::octets out;
        for (;;) {
            auto part = terminal.transmit(wire::writer().u8(0).u8(0xB0).u16(out.size()).u8(0).take());
            if (part.size() < 3) return out;
            out.insert(out.end(), part.begin(), part.end() - 2);
        }
    }

    card_profile profile;
    journal diary;
    card_network cards;
    std::uint64_t sent = 0;
};

/// The script that gives ./IMPS another address: the object's runs, then those of the control file.
std::string script_for(const card_profile& profile, const wire::octets& image, const wire::octets& control,
                       wire::octets& after) {
    const auto& object = *profile.find_object("./IMPS");
    after = mo::change_image(image, {.at = mo::parse_uri("AppAddr/x/Addr").value(), .value = "imps.new.example.org"},
                             mo::parse_uri(object.uri).value(), form_of(object))
                .value();
    const auto next = mo::with_image(mo::parse_control_file(control).value(), 0x6432, 0x6432, after).value();
    const auto wanted = control_image(profile, next);
    return object_card::script_of(
        mo::plan_script({{0x6432, image, after}, {0x6440, control, wanted}}, {.select_first = 9}));
}

TEST(object_network, a_card_of_the_population_is_changed_through_its_terminal) {
    object_network world;
    constexpr std::size_t one = 3, other = 4;
    const auto number = world.cards.who().msisdn(one);
    terminal_channel terminal = world.cards.terminal(one);
    const auto application = mo::parse_token_info(object_network::read_file(terminal, 0x5032)).value();
    EXPECT_EQ(wire::to_hex(application.serial_number), world.cards.who().iccid(one));
    const auto image = object_network::read_file(terminal, 0x6432),
               control = object_network::read_file(terminal, 0x6440);
    EXPECT_EQ(image, world.profile.find_object("./IMPS")->factory_image);

    wire::octets after;
    sms_report report;
    for (const auto& part : world.sealed(one, script_for(world.profile, image, control, after)))
        report = world.cards.deliver(world.message(number, part), terminal);
    EXPECT_EQ(report.how, acknowledgement::accepted);
    EXPECT_TRUE(report.report);
    EXPECT_EQ(world.cards.counts().by_status[0], 1U);
    EXPECT_EQ(object_network::read_file(terminal, 0x6432), after);
    EXPECT_EQ(world.cards.content(one, "./IMPS"), after);
    EXPECT_TRUE(confirms(*world.profile.find_object("./IMPS"), object_network::read_file(terminal, 0x6440), after));
    EXPECT_EQ(world.cards.content(other, "./IMPS"), image);
}

TEST(object_network, a_card_without_a_terminal_is_changed_alike) {
    object_network world;
    const auto number = world.cards.who().msisdn(5);
    wire::octets after;
    const auto image = world.cards.content(5, "./IMPS").value();
    const auto control = control_image(world.profile, factory_control(world.profile));
    for (const auto& part : world.sealed(5, script_for(world.profile, image, control, after)))
        EXPECT_EQ(world.cards.deliver(world.message(number, part)).how, acknowledgement::accepted);
    EXPECT_EQ(world.cards.content(5, "./IMPS"), after);
    terminal_channel terminal = world.cards.terminal(5);
    EXPECT_EQ(object_network::read_file(terminal, 0x6432), after);
}

TEST(object_network, keys_of_another_card_change_nothing) {
    object_network world;
    terminal_channel terminal = world.cards.terminal(1);
    const auto before = object_network::read_file(terminal, 0x6432);
    const auto number = world.cards.who().msisdn(1);
    for (const auto& part : world.sealed(2, "00a40804047f50643200d60000010f"))
        (void)world.cards.deliver(world.message(number, part), terminal);
    EXPECT_EQ(world.cards.counts().by_status[0], 0U);
    EXPECT_EQ(object_network::read_file(terminal, 0x6432), before);
}

TEST(object_network, a_card_that_loses_its_power_answers_nothing_until_it_is_switched_on) {
    object_network world({.power_cut = 1});
    terminal_channel terminal = world.cards.terminal(1);
    const auto number = world.cards.who().msisdn(1);
    const std::string many =
        "00a40804047f506432"
        "00d60000010f"
        "00d60001010f"
        "00d60002010f"
        "00d60003010f";
    for (const auto& part : world.sealed(1, many))
        EXPECT_EQ(world.cards.deliver(world.message(number, part), terminal).how, acknowledgement::none);
    EXPECT_FALSE(terminal.powered());
    for (const auto& part : world.sealed(1, many))
        EXPECT_EQ(world.cards.deliver(world.message(number, part), terminal).how, acknowledgement::none);
    EXPECT_EQ(world.cards.counts().packets, 1U);
    terminal.reset();
    EXPECT_FALSE(object_network::read_file(terminal, 0x6430).empty());
}

TEST(object_network, strangers_and_busy_cards_are_told_apart) {
    object_network world({.busy = 1});
    terminal_channel terminal = world.cards.terminal(1);
    for (const auto& part : world.sealed(1, "00a40804047f506432")) {
        EXPECT_EQ(world.cards.deliver(world.message("49155999999999", part), terminal).how, acknowledgement::none);
        const auto report = world.cards.deliver(world.message(world.cards.who().msisdn(1), part), terminal);
        EXPECT_EQ(report.how, acknowledgement::refused);
        EXPECT_EQ(report.failure_cause, toolkit_busy);
    }
    EXPECT_EQ(world.cards.counts().unknown_subscribers, 1U);
    EXPECT_EQ(world.cards.counts().busy, 1U);
}

}  // namespace
}  // namespace ota::sandbox
