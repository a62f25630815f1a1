#include "sandbox/device/data_channels.hpp"
#include "sandbox/device/device_model.hpp"
#include "sandbox/uicc/apdu.hpp"
#include "tests/sandbox/bip/bip_bench.hpp"
#include "tests/tshark/dissect.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>

// Every APDU of a session as Wireshark's dissector reads it.
namespace ota::sandbox {
namespace {

constexpr std::array fields{"gsm_sim.apdu.ins",
                            "gsm_sim.apdu.sw",
                            "etsi_cat.comp_tlv.cmd_type",
                            "etsi_cat.comp_tlv.event",
                            "etsi_cat.comp_tlv.result",
                            "etsi_cat.comp_tlv.transport.port",
                            "etsi_cat.comp_tlv.other_address.ipv4",
                            "etsi_cat.comp_tlv.buffer_size",
                            "gsm_sim.tp.pa.get_chan_status",
                            "_ws.malformed",
                            "_ws.expert"};
using tshark::row;

struct exchange_seen {
    wire::octets command, answer;
};

/// By GSMTAP, which has the dissector of SIM exchanges: version 2, 4 words, type SIM.
const tshark::carriage gsmtap{"-u 4729,4729", ""};
wire::octets frame_of(const exchange_seen& one) {
    return wire::writer().u32(0x02040400).fill(12, 0).put(one.command).put(one.answer).take();
}

/// A row per exchange.
std::vector<row> dissect(const std::vector<exchange_seen>& seen) {
    std::vector<wire::octets> frames;
    std::ranges::transform(seen, std::back_inserter(frames), frame_of);
    return tshark::dissect(frames, gsmtap, fields);
}

/// The facilities of a terminal profile [TS 102 223, 5.2] in tshark's words.
std::vector<std::string> facilities(const wire::octets& profile) {
    const auto command =
        wire::writer().u8(0x80).u8(instruction::terminal_profile).u16(0).u8(profile.size()).put(profile).take();
    std::vector<std::string> out;
    for (const auto& line : tshark::describe({frame_of({command, {0x90, 0x00}})}, gsmtap)) {
        const auto name = line.find(" = "), said = line.find(": Supported");
        if (name != std::string::npos && said != std::string::npos)
            out.push_back(line.substr(name + 3, said - name - 3));
    }
    return out;
}

std::string in_hex(std::uint8_t value) { return "0x" + wire::to_hex(wire::octets{value}); }

/// The type of a proactive command that the exchange carries, or answers.
std::optional<std::uint8_t> type_of(const exchange_seen& e) {
    const auto command = read_apdu(e.command);
    if (command.ins == instruction::fetch) {
        const auto read = parse_proactive_command(wire::octet_view(e.answer).first(e.answer.size() - 2));
        return read ? std::optional(read->type) : std::nullopt;
    }
    if (command.ins != instruction::terminal_response) return std::nullopt;
    const auto read = parse_terminal_response(*command.data());
    return read ? std::optional(read->type) : std::nullopt;
}

std::vector<exchange_seen> session(const radio_options& how, std::uint64_t seed, std::size_t octets) {
    bip_bench bench(how, 2, seed);
    std::vector<exchange_seen> out;
    bench.modems.watch([&](std::size_t, wire::octet_view command, wire::octet_view answer) {
        out.push_back({{command.begin(), command.end()}, {answer.begin(), answer.end()}});
    });
    bench.by_sms(1, bip_bench::push_of());
    bench.server.jobs = {bench.data_packet(1, bip_bench::spn_script(7, octets))};
    bench.run(std::chrono::seconds(3600));
    return out;
}

void expect_read(const std::vector<exchange_seen>& seen, std::map<std::string, int>& types) {
    const auto rows = dissect(seen);
    ASSERT_EQ(rows.size(), seen.size()) << "tshark";
    for (std::size_t i = 0; i < seen.size(); ++i) {
        SCOPED_TRACE(wire::to_hex(seen[i].command) + " " + wire::to_hex(seen[i].answer));
        EXPECT_EQ(rows[i].at("_ws.malformed"), "");
        EXPECT_EQ(rows[i].at("_ws.expert"), "");
        EXPECT_EQ(rows[i].at("gsm_sim.apdu.ins"), in_hex(seen[i].command[1]));
        EXPECT_EQ(rows[i].at("gsm_sim.apdu.sw"), "0x" + wire::to_hex(wire::octet_view(seen[i].answer).last(2)));
        if (const auto type = type_of(seen[i])) {
            EXPECT_EQ(rows[i].at("etsi_cat.comp_tlv.cmd_type"), in_hex(*type));
            ++types[in_hex(*type)];
        }
        if (seen[i].command[1] == instruction::envelope) ++types["event " + rows[i].at("etsi_cat.comp_tlv.event")];
        if (seen[i].command[1] == instruction::terminal_profile) {
            EXPECT_EQ(rows[i].at("gsm_sim.tp.pa.get_chan_status"), "1");
        }
    }
}

TEST(tshark, reads_every_apdu_of_a_session_as_it_was_meant) {
    const auto seen = session({}, 7, 4000);
    std::map<std::string, int> types;
    expect_read(seen, types);
    EXPECT_EQ(types["0x05"], 2);  // SET UP EVENT LIST and its response
    EXPECT_EQ(types["0x40"], 2);
    EXPECT_EQ(types["0x41"], 2);
    EXPECT_GT(types["0x42"], 2 * 4000 / 237);
    EXPECT_GT(types["0x43"], 4);
    EXPECT_GT(types["event 0x09"], 2);
    const auto rows = dissect(seen);
    const auto open =
        std::ranges::find_if(rows, [](const row& r) { return r.at("etsi_cat.comp_tlv.cmd_type") == "0x40"; });
    ASSERT_NE(open, rows.end());
    EXPECT_EQ(open->at("etsi_cat.comp_tlv.transport.port"), "9000");
    EXPECT_EQ(open->at("etsi_cat.comp_tlv.other_address.ipv4"), "127.0.0.1");
    EXPECT_EQ(open->at("etsi_cat.comp_tlv.buffer_size"), "1400");
}

TEST(tshark, reads_in_a_terminal_profile_what_the_terminal_does_and_nothing_else) {
    std::vector<std::string> own{"Profile Download",
                                 "SMS-PP Data Download",
                                 "Proactive SIM: REFRESH",
                                 "Proactive SIM: SEND SHORT MESSAGE",
                                 "Proactive SIM: PROVIDE LOCAL INFORMATION",
                                 "Proactive SIM: PROVIDE LOCAL INFORMATION (language)",
                                 "Proactive SIM: PROVIDE LOCAL INFORMATION (IMEISV)"};
    EXPECT_THAT(facilities(device_model{}.profile), testing::UnorderedElementsAreArray(own));
    for (const auto* more :
         {"Proactive SIM: SET UP EVENT LIST", "Event: Data Available", "Event: Channel Status",
          "Proactive SIM: OPEN CHANNEL", "Proactive SIM: CLOSE CHANNEL", "Proactive SIM: RECEIVE DATA",
          "Proactive SIM: SEND DATA", "Proactive SIM: GET CHANNEL STATUS", "GPRS bearer",
          "TCP client mode remote connection", "UDP client mode remote connection"})
        own.emplace_back(more);
    EXPECT_THAT(facilities(data_channels::announced_in(device_model{}.profile)),
                testing::UnorderedElementsAreArray(own));
}

TEST(tshark, reads_sessions_with_faults) {
    std::map<std::string, int> types;
    for (std::uint64_t seed = 300; seed < 310; ++seed)
        expect_read(session({.refusals = 0.3, .cuts = 0.05, .loss = 0.1, .delay_max = std::chrono::milliseconds(40)},
                            seed, 2000),
                    types);
    EXPECT_GT(types["0x44"], 0);        // GET CHANNEL STATUS: was anything lost?
    EXPECT_GT(types["event 0x0a"], 0);  // link dropped
}

}  // namespace
}  // namespace ota::sandbox
