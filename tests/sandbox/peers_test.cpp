#include "sandbox/peers.hpp"

#include "sandbox/judge.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/response_packet.hpp"
#include "secure-channel/short_message.hpp"
#include "tests/sandbox/esme.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace ota::sandbox {
namespace {

namespace sc = secure_channel;
using namespace std::chrono_literals;

bearer::submission update_for(const population& who, std::size_t card, std::uint64_t above) {
    const sc::command_header header{
        {0x16, 0x19}, {0x12}, {0x12}, {{0xB0, 0x00, 0x11}}, {who.first_counter(card) + above}};
    const auto script = wire::from_hex("00a4000c026f4600d600000107").value();
    const auto packet = sc::seal_command(header, script, who.keys(card)).value();
    bearer::submission out;
    out.id = {static_cast<std::int64_t>(card * 1000 + above), static_cast<std::int64_t>(card), 0, 0};
    out.destination = who.msisdn(card);
    out.user_data = sc::split_packet(packet, sc::packet_kind::command, 1).value().front();
    out.expires = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h;
    return out;
}

std::string temporary(const char* name) {
    return std::filesystem::temp_directory_path() / ("otagw-" + std::string(name) + "-" + std::to_string(::getpid()));
}

TEST(peers, answer_a_gateways_packets_over_smpp) {
    peers_options options;
    options.cards = 200;
    options.journal_file = temporary("peers-journal");
    std::filesystem::remove(options.journal_file);
    peers world(options);
    std::string error;
    ASSERT_TRUE(world.start(error)) << error;

    recorder seen;
    {
        smpp::client client(settings_for(world.port()), seen);
        seen.sender = &client;
        client.start();
        std::vector<bearer::submission> batch;
        for (std::size_t card = 0; card < 200; ++card) batch.push_back(update_for(world.who(), card, 1));
        client.submit(std::move(batch));
        EXPECT_TRUE(seen.wait(
            [&] { return seen.proofs.size() == 200 && seen.receipts.size() == 200 && seen.submitted.size() == 200; }));
        client.shutdown(1s);
    }
    for (const auto& one : seen.submitted) EXPECT_EQ(one.outcome, bearer::submit_outcome::accepted);
    for (const auto& proof : seen.proofs) {
        const auto card = world.who().find_msisdn(proof.source);
        ASSERT_TRUE(card);
        const auto opened = sc::open_response(wire::octet_view(proof.user_data).subspan(3), proof.user_data,
                                              {{0x16, 0x19}, {0x12}, {0x12}, true}, world.who().keys(*card))
                                .value();
        EXPECT_EQ(opened.integrity, sc::verification::verified);
        EXPECT_EQ(wire::to_hex(opened.value.data), "029000");
    }
    EXPECT_EQ((*world.content(17, "./SC/USIM/SPN"))[0], 7);
    world.stop();
    const auto end = world.snapshot();
    EXPECT_EQ(end.smsc.submits, 200U);
    EXPECT_EQ(end.cards.scripts, 200U);
    EXPECT_EQ(end.waiting, 0U);
    verdict v;
    ASSERT_TRUE(judge(options.journal_file, {}, v, error)) << error;
    EXPECT_TRUE(v.good());
    EXPECT_EQ(v.scripts, 200U);
    std::filesystem::remove(options.journal_file);
}

TEST(peers, lose_nothing_when_connections_are_cut) {
    peers_options options;
    options.cards = 100;
    options.smsc.drop_every = 30;
    options.smsc.redelivery_delay = 20ms;
    peers world(options);
    std::string error;
    ASSERT_TRUE(world.start(error)) << error;
    recorder seen;
    smpp::client client(settings_for(world.port()), seen);
    seen.sender = &client;
    client.start();
    std::vector<bearer::submission> batch;
    for (std::size_t card = 0; card < 100; ++card) batch.push_back(update_for(world.who(), card, 1));
    client.submit(std::move(batch));
    // Of what was on a connection that is cut nobody knows the outcome, but all that a card ran is told.
    std::set<std::string> accepted, proven;
    EXPECT_TRUE(seen.wait([&] { return seen.submitted.size() == 100; }));
    EXPECT_TRUE(seen.wait([&] {
        for (const auto& one : seen.submitted) {
            if (one.outcome == bearer::submit_outcome::accepted)
                accepted.insert(world.who().msisdn(std::size_t(one.id.card)));
        }
        for (const auto& proof : seen.proofs) proven.insert(proof.source);
        const auto now = world.snapshot();
        return now.smsc.binds >= 2 && now.cards.scripts >= accepted.size() && now.waiting == 0 &&
               proven.size() == now.cards.scripts;
    }));
    client.shutdown(1s);
    world.stop();
    const auto end = world.snapshot();
    EXPECT_GE(end.smsc.connections_dropped, 1U);
    EXPECT_EQ(proven.size(), end.smsc.taken);
    EXPECT_TRUE(std::ranges::includes(proven, accepted));
}

TEST(peers_options, read_what_a_command_line_says) {
    peers_options out;
    std::string error;
    ASSERT_TRUE(
        parse_peers_options({"--cards", "5", "--loss=0.25", "--ids", "uuid", "--delay-max", "40", "--padding-80=yes",
                             "--power-cuts", "0.5", "--reports=receipt", "--drop-every", "7"},
                            out, error))
        << error;
    EXPECT_EQ(out.cards, 5U);
    EXPECT_EQ(out.smsc.loss, 0.25);
    EXPECT_EQ(out.smsc.ids, id_form::uuid);
    EXPECT_EQ(out.smsc.delay_max, 40ms);
    EXPECT_TRUE(out.quirks.padding_80);
    EXPECT_EQ(out.mishaps.power_cut, 0.5);
    EXPECT_EQ(out.smsc.reports, report_form::receipt);
    EXPECT_EQ(out.smsc.drop_every, 7U);
}

TEST(peers_options, name_the_argument_that_is_wrong) {
    for (const auto& [arguments, named] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"cards"}, "cards"},
             {{"--cards"}, "--cards"},
             {{"--cards", "many"}, "--cards"},
             {{"--loss=1.5"}, "--loss"},
             {{"--ids=roman"}, "--ids"},
             {{"--nonsense=1"}, "--nonsense"},
             {{"--mac-length=5"}, "--mac-length"},
             {{"--profile-file=/nonexistent"}, "/nonexistent"}}) {
        peers_options out;
        std::string error;
        EXPECT_FALSE(parse_peers_options(arguments, out, error));
        EXPECT_NE(error.find(named), std::string::npos) << error;
    }
}

TEST(peers_options, are_all_described) {
    const auto usage = peers_usage();
    for (const char* option :
         {"--cards N", "--loss SHARE", "--delay-max MS", "--ids FORM", "--padding-80 yes|no", "--profile-file FILE"}) {
        const auto at = usage.find(option);
        ASSERT_NE(at, std::string::npos) << option;
        const auto text = usage.substr(at + std::string_view(option).size(),
                                       usage.find('\n', at) - at - std::string_view(option).size());
        EXPECT_NE(text.find_first_not_of(' '), std::string::npos) << option;
    }
}

TEST(peers_options, take_a_profile_from_a_file) {
    for (const auto* name : {"usim-aes", "usim-3des", "sim-3des-classic"}) {
        peers_options out;
        std::string error;
        const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/" + name + ".yaml";
        ASSERT_TRUE(parse_peers_options({"--profile-file", file}, out, error)) << error;
        EXPECT_EQ(out.profile->name, name);
        EXPECT_EQ(population_of(out).kic_algorithm, out.profile->kic_algorithm);
        const card_model model(*out.profile, {});
        for (const auto& [uri, node] : out.profile->nodes) {
            if (node.is != node_binding::kind::file) continue;
            EXPECT_TRUE(model.tree.slot_of(node)) << uri;
        }
    }
}

}  // namespace
}  // namespace ota::sandbox
