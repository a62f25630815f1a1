#include "bench/packet_bench.hpp"

#include "bench/core_rate.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/response_packet.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace ota::bench {

namespace {

using namespace ota::secure_channel;
constexpr std::size_t data_length = 80;

wire::octets key_of(std::size_t length, std::uint64_t seed) {
    wire::octets key(length);
    for (auto& octet : key)
        octet = static_cast<std::uint8_t>((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 56);
    return key;
}

key_set keys_of(std::size_t length, std::uint64_t seed) {
    return key_set(secret(key_of(length, seed)), secret(key_of(length, seed + 1)));
}

command_header header_of(std::uint8_t algorithm, std::uint64_t cntr) {
    const auto identifier = static_cast<std::uint8_t>(0x10 | algorithm);
    return {{0x16, 0x19}, {identifier}, {identifier}, {{0xB0, 0x00, 0x10}}, {cntr}};
}

void must(bool held) {
    if (!held) throw std::runtime_error("packet bench: a packet could not be made or opened");
}

double seal_with_new_keys(double seconds, std::uint8_t algorithm) {
    const wire::octets data(data_length, 0x5A);
    return core_rate(seconds, [&](std::uint64_t n) {
        const auto keys = keys_of(16, n);
        must(seal_command(header_of(algorithm, n & replay_counter::highest), data, keys).has_value());
    });
}

double seal_with_kept_keys(double seconds, std::uint8_t algorithm) {
    const wire::octets data(data_length, 0x5A);
    const auto keys = keys_of(16, 1);
    return core_rate(seconds,
                     [&](std::uint64_t n) { must(seal_command(header_of(algorithm, n), data, keys).has_value()); });
}

double open_responses(double seconds, std::uint8_t algorithm) {
    const auto keys = keys_of(16, 1);
    const auto h = header_of(algorithm, 1);
    const response_expectation expected{h.spi, h.kic, h.kid, true};
    const auto user_data =
        seal_response({h.tar, h.cntr, 0, response_status::por_ok, {0x03, 0x90, 0x00}}, expected, keys);
    must(user_data.has_value());
    const auto packet = wire::octet_view(user_data.value()).subspan(3);
    return core_rate(seconds, [&](std::uint64_t) {
        const auto opened = open_response(packet, user_data.value(), expected, keys);
        must(opened && opened.value().integrity == verification::verified);
    });
}

/// Runs `oracle bench SECONDS`, which prints packets per second of one core.
double oracle_rate(const std::string& oracle, double seconds) {
    const auto command = oracle + " bench " + std::to_string(seconds);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::array<char, 64> line{};
    if (!pipe || !std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()))
        throw std::runtime_error("packet bench: the Java driver gave no figure");
    return std::strtod(line.data(), nullptr);
}

}  // namespace

std::vector<figure> packet_figures(double seconds, const std::string& oracle) {
    constexpr std::uint8_t aes = 2;
    constexpr std::uint8_t triple_des = 5;
    const std::string unit = "packets/s";
    std::vector<figure> out;
    out.push_back({"packets-sealed-aes", seal_with_new_keys(seconds, aes), unit, ">= 1200000"});
    out.push_back({"packets-sealed-aes-cached", seal_with_kept_keys(seconds, aes), unit, ""});
    out.push_back({"packets-sealed-3des-uncached", seal_with_new_keys(seconds, triple_des), unit, ">= 40000"});
    out.push_back({"packets-sealed-3des-cached", seal_with_kept_keys(seconds, triple_des), unit, ">= 150000"});
    out.push_back({"responses-opened-aes-cached", open_responses(seconds, aes), unit, ""});
    out.push_back({"responses-opened-3des-cached", open_responses(seconds, triple_des), unit, ""});
    if (!oracle.empty()) out.push_back({"packets-sealed-java", oracle_rate(oracle, seconds), unit, "peer"});
    return out;
}

}  // namespace ota::bench
