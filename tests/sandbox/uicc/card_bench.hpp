#pragma once

#include "sandbox/uicc/receiver.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/response_packet.hpp"
#include "secure-channel/short_message.hpp"

#include <gtest/gtest.h>

/// One card on the table, and the sender's side of its channel.
namespace ota::sandbox {

namespace sc = secure_channel;

inline wire::octets hex(std::string_view text) { return wire::from_hex(text).value(); }

inline node_binding file_node(std::vector<std::uint16_t> path, std::size_t size, bool writable = true) {
    node_binding out;
    out.path = std::move(path);
    out.size = size;
    out.writable = writable;
    return out;
}

inline node_binding record_node(std::vector<std::uint16_t> path, std::size_t size, std::uint8_t record) {
    auto out = file_node(std::move(path), size);
    out.structure = file_structure::linear_fixed;
    out.record = record;
    return out;
}

inline card_profile bench_profile() {
    card_profile out;
    out.name = "bench";
    out.spi = {0x16, 0x19};
    out.applications = {{"USIM", {{0xB0, 0x00, 0x11}}, sc::script_format::compact, 0x00, {0x7FFF}},
                        {"UICC", {{0xB0, 0x00, 0x00}}, sc::script_format::compact, 0x00, {}},
                        {"X", {{0xB0, 0x01, 0x20}}, sc::script_format::expanded, 0x00, {0x7FFF}},
                        {"SIM", {{0xB0, 0x00, 0x10}}, sc::script_format::compact, 0xA0, {}}};
    out.nodes = {{"./SC/USIM/SPN", file_node({0x7FFF, 0x6F46}, 17)},
                 {"./SC/USIM/IMSI", file_node({0x7FFF, 0x6F07}, 9, false)},
                 {"./SC/USIM/SMSP/1", record_node({0x7FFF, 0x6F42}, 30, 1)},
                 {"./SC/USIM/SMSP/2", record_node({0x7FFF, 0x6F42}, 30, 2)},
                 {"./SC/SIM/SPN", file_node({0x7F20, 0x6F46}, 17)}};
    return out;
}

struct card_bench {
    explicit card_bench(card_profile p = bench_profile(), card_quirks quirks = {}, std::uint8_t mac_length = 8)
        : profile(std::move(p)),
          model(profile, quirks),
          mac(mac_length),
          identity{"89882110000000000001", 1, keys(), 10} {}

    [[nodiscard]] sc::key_set keys() const {
        const bool triple_des = profile.kic_algorithm == 5;
        return {sc::secret(hex(triple_des ? "0123456789abcdeffedcba9876543210" : "000102030405060708090a0b0c0d0e0f")),
                sc::secret(hex("101112131415161718191a1b1c1d1e1f")), mac};
    }
    [[nodiscard]] sc::command_header header(std::uint64_t counter, std::uint16_t spi = 0x1619) const {
        return {{static_cast<std::uint8_t>(spi >> 8), static_cast<std::uint8_t>(spi)},
                {static_cast<std::uint8_t>(0x10 | profile.kic_algorithm)},
                {static_cast<std::uint8_t>(0x10 | profile.kid_algorithm)},
                tar,
                {counter}};
    }
    [[nodiscard]] wire::octets packet(std::uint64_t counter, std::string_view script,
                                      std::uint16_t spi = 0x1619) const {
        return sc::seal_command(header(counter, spi), hex(script), keys()).value();
    }
    card_answer send(const wire::octets& whole, const mishap& what = {}) {
        const auto parts = sc::split_packet(whole, sc::packet_kind::command, 1).value();
        EXPECT_EQ(parts.size(), 1U);
        return on_message(model, one, identity, parts.front(), what);
    }
    card_answer send(std::uint64_t counter, std::string_view script, std::uint16_t spi = 0x1619) {
        return send(packet(counter, script, spi));
    }
    /// The proof of receipt in a deliver report, opened.
    [[nodiscard]] sc::opened_response open(const wire::octets& report, std::uint16_t spi = 0x1619) const {
        EXPECT_EQ(wire::to_hex(wire::octet_view(report).first(3)), "027100");
        return sc::open_response(wire::octet_view(report).subspan(3), report,
                                 {header(0, spi).spi, header(0).kic, header(0).kid, true}, keys())
            .value();
    }
    /// Runs a script and gives the additional response data in hex.
    std::string run(std::string_view script) {
        const auto answer = send(++last_counter, script);
        if (!answer.report) return "no report";
        const auto opened = open(*answer.report);
        EXPECT_EQ(opened.integrity, sc::verification::verified);
        EXPECT_EQ(opened.value.status, sc::response_status::por_ok);
        return wire::to_hex(opened.value.data);
    }

    card_profile profile;
    card_model model;
    std::uint8_t mac;
    card_identity identity;
    card one;
    sc::toolkit_reference tar{{0xB0, 0x00, 0x11}};
    std::uint64_t last_counter = 10;
};

}  // namespace ota::sandbox
