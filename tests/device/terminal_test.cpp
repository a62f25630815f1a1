#include "management-object/card_image.hpp"
#include "secure-channel/wire/ber_tlv.hpp"
#include "tests/device/phone_bench.hpp"

namespace ota::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(device_terminal, tells_the_card_what_it_asks_of_the_device) {
    phone_with_card bench;
    const auto& facts = bench.card.terminal.facts();
    EXPECT_EQ(facts.imei, "490154203237518");
    EXPECT_EQ(facts.software_version, "01");
    EXPECT_EQ(facts.language, "en");
    EXPECT_EQ(facts.profile, bench.phone.who().profile);
    const auto mirror = mo::get_from_image(bench.card.read_file(0x6438), at("DevId"));
    ASSERT_TRUE(mirror);
    EXPECT_EQ(mirror.value(), "IMEI:490154203237518");
}

/// A card that answers by a script, in the order of the device's commands.
struct scripted_card {
    card_slot slot() {
        return {.transmit = [this](wire::octet_view c) -> wire::octets {
                    seen.push_back(wire::to_hex(c));
                    const auto ins = c[1];
                    if (ins == 0x12 && next < wants.size())
                        return wire::writer().put(hex(wants[next++])).u16(0x9000).take();
                    const bool more = next < wants.size() && (ins == 0x10 || ins == 0x14);
                    return more ? wire::octets{0x91, 0x20} : wire::octets{0x6A, 0x82};
                },
                .reset = [this] { ++resets; },
                .pin = {}};
    }
    [[nodiscard]] std::vector<std::string> responses() const {
        std::vector<std::string> out;
        for (const auto& c : seen)
            if (c.starts_with("8014")) out.push_back(c.substr(10));
        return out;
    }
    std::vector<std::string> wants, seen;
    std::size_t next = 0;
    int resets = 0;
};

TEST(device_terminal, answers_every_command_even_those_that_it_cannot_do) {
    scripted_card card;
    card.wants = {
        "d009"
        "8103010500"
        "82028182",  // SET UP EVENT LIST: not supported
        "d00b"
        "8103022602"
        "82028182"
        "0000",  // PROVIDE LOCAL INFORMATION: of a kind not known
        "d009"
        "8103031300"
        "82028183",  // SEND SHORT MESSAGE
        "d0",        // nothing at all
        "d009"
        "8103042601"
        "82028182"};  // IMEI
    phone_bench bench;
    bench.phone.insert(card.slot(), bench.now);
    bench.phone.switch_on(bench.now);
    EXPECT_THAT(card.responses(), ElementsAre("8103010500"
                                              "82028281"
                                              "830130",
                                              "8103022602"
                                              "82028281"
                                              "830130",
                                              "8103031300"
                                              "82028281"
                                              "830100",
                                              "8100"
                                              "82028281"
                                              "830132",
                                              "8103042601"
                                              "82028281"
                                              "830100"
                                              "94084a09512430325781"));
    EXPECT_EQ(bench.submitted.size(), 1U);
}

TEST(device_terminal, a_card_that_wants_something_for_ever_is_left_alone) {
    scripted_card card;
    card.wants.assign(10000,
                      "d0098103010500"
                      "82028182");
    phone_bench bench;
    bench.phone.insert(card.slot(), bench.now);
    bench.phone.switch_on(bench.now);
    EXPECT_LT(card.seen.size(), 500U);
}

TEST(device_terminal, resets_the_card_when_it_asks_for_that) {
    scripted_card card;
    card.wants = {
        "d009"
        "8103010104"
        "82028182"};
    phone_bench bench;
    bench.phone.insert(card.slot(), bench.now);
    bench.phone.switch_on(bench.now);
    EXPECT_EQ(card.resets, 2);
    EXPECT_EQ(std::ranges::count_if(card.seen, [](const auto& c) { return c.starts_with("8010"); }), 2);
}

TEST(device_terminal, without_a_network_the_card_is_told_so) {
    scripted_card card;
    card.wants = {
        "d009"
        "8103031300"
        "82028183"};
    device phone(phone_model(), {});
    phone.insert(card.slot(), {});
    phone.switch_on({});
    EXPECT_THAT(card.responses(), ElementsAre("8103031300"
                                              "82028281"
                                              "830121"));
}

TEST(device_terminal, a_proof_of_receipt_by_submit_goes_out_as_a_short_message) {
    phone_with_card bench;
    auto& card = bench.card;
    const auto whole = card.packet(++card.last_counter,
                                   "00a40804047f506432"
                                   "00b0000005",
                                   0x1639);  // SPI2: by submit
    const auto parts = sc::split_packet(whole, sc::packet_kind::command, 1).value();
    for (const auto& part : parts) EXPECT_TRUE(bench.phone.on_sms({"4915500001", part}, bench.now).reached);
    ASSERT_FALSE(bench.submitted.empty());
    const auto submit = parse_submit(bench.submitted.front());
    ASSERT_TRUE(submit);
    EXPECT_EQ(submit->sender, "4915500001");
}

TEST(device_terminal, a_card_that_lost_its_power_is_switched_on_again) {
    phone_with_card bench;
    bench.card.terminal.befall({.power_cut_after = 1});
    const auto whole = bench.card.packet(++bench.card.last_counter,
                                         "00a40804047f506432"
                                         "00d60000010f"
                                         "00d60001010f");
    const auto parts = sc::split_packet(whole, sc::packet_kind::command, 1).value();
    EXPECT_FALSE(bench.phone.on_sms({"4915500001", parts.front()}, bench.now).reached);
    EXPECT_EQ(bench.told(kind::card_silent).size(), 1U);
    EXPECT_TRUE(bench.card.terminal.powered());
    EXPECT_TRUE(bench.has("./IMPS"));
    bench.phone.remove_card();
    EXPECT_FALSE(bench.phone.on_sms({"4915500001", parts.front()}, bench.now).reached);
}

TEST(device_terminal, a_busy_card_is_told_from_one_that_took_the_message) {
    phone_with_card bench;
    bench.card.terminal.befall({.busy = true});
    const auto parts = sc::split_packet(bench.card.packet(++bench.card.last_counter, "00a40804047f506432"),
                                        sc::packet_kind::command, 1)
                           .value();
    EXPECT_TRUE(bench.phone.on_sms({"4915500001", parts.front()}, bench.now).busy);
    const auto taken = bench.phone.on_sms({"4915500001", parts.front()}, bench.now);
    EXPECT_FALSE(taken.busy);
    ASSERT_TRUE(taken.report);
    EXPECT_EQ(bench.card.open(*taken.report).value.status, sc::response_status::por_ok);
}

}  // namespace
}  // namespace ota::sandbox
