#include "bench/sandbox_bench.hpp"

#include "sandbox/card_network.hpp"
#include "sandbox/demo_profile.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/short_message.hpp"

#include <unistd.h>

#include <ctime>
#include <filesystem>

namespace ota::bench {

namespace {

namespace sc = secure_channel;

constexpr std::size_t cards = 10'000;
constexpr std::uint8_t aes = 2;
constexpr std::uint8_t triple_des = 5;

card_profile profile_with(std::uint8_t algorithm) {
    card_profile out = *sandbox::demo_profile();
    out.kic_algorithm = out.kid_algorithm = algorithm;
    return out;
}

/// One update of 17 octets for every card, each under its own keys.
std::vector<wire::octets> updates_for(const sandbox::population& who, std::uint8_t algorithm, std::uint64_t above) {
    const auto script = wire::from_hex("00a4000c026f4600d600001100112233445566778899aabbccddeeff00").value();
    const sc::key_identifier keys{static_cast<std::uint8_t>(0x10 | algorithm)};
    std::vector<wire::octets> out;
    for (std::size_t card = 0; card < who.size(); ++card) {
        const sc::command_header header{
            {0x16, 0x19}, keys, keys, {{0xB0, 0x00, 0x11}}, {who.first_counter(card) + above}};
        const auto packet = sc::seal_command(header, script, who.keys(card)).value();
        out.push_back(sc::split_packet(packet, sc::packet_kind::command, 1).value().front());
    }
    return out;
}

/// CPU microseconds per packet over whole rounds of the population, sealing not counted.
double packet_time(std::uint8_t algorithm, double seconds, const std::string& journal_file) {
    const auto profile = profile_with(algorithm);
    sandbox::journal diary;
    std::string error;
    if (!diary.open(journal_file, error)) return 0;
    sandbox::card_network network(profile, sandbox::population_for(profile, 1, cards), {}, {}, diary);
    const auto& who = network.who();
    double spent = 0;
    std::uint64_t packets = 0;
    for (std::uint64_t round = 1; spent < seconds; ++round) {
        const auto messages = updates_for(who, algorithm, round);
        const auto from = std::clock();
        for (std::size_t card = 0; card < messages.size(); ++card)
            (void)network.deliver({++packets, who.msisdn(card), messages[card], {}});
        diary.flush();
        spent += static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC;
    }
    std::filesystem::remove(journal_file);
    return spent * 1e6 / static_cast<double>(packets);
}

std::pair<double, double> octets_per_card() {
    const auto profile = profile_with(aes);
    sandbox::journal closed;
    sandbox::card_network network(profile, sandbox::population_for(profile, 1, cards), {}, {}, closed);
    const auto idle = static_cast<double>(network.memory()) / cards;
    const auto messages = updates_for(network.who(), aes, 1);
    for (std::size_t card = 0; card < cards; ++card)
        (void)network.deliver({card + 1, network.who().msisdn(card), messages[card], {}});
    return {idle, static_cast<double>(network.memory()) / cards};
}

}  // namespace

std::vector<figure> sandbox_figures(double seconds) {
    const auto file = std::filesystem::temp_directory_path() / ("otagw-sandbox-bench-" + std::to_string(::getpid()));
    const auto [idle, touched] = octets_per_card();
    return {{"sandbox-card-packet-aes", packet_time(aes, seconds, file), "us", "<= 3"},
            {"sandbox-card-packet-3des", packet_time(triple_des, seconds, file), "us", "<= 50"},
            {"sandbox-card-idle", idle, "octets", "<= 700"},
            {"sandbox-card-updated", touched, "octets", ""}};
}

}  // namespace ota::bench
