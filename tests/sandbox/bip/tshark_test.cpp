#include "sandbox/uicc/apdu.hpp"
#include "tests/sandbox/bip/bip_bench.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

// Every APDU of a session as Wireshark's dissector reads it.
namespace ota::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::array fields{"gsm_sim.apdu.ins",           "gsm_sim.apdu.sw",           "etsi_cat.comp_tlv.cmd_type", "etsi_cat.comp_tlv.event",
                            "etsi_cat.comp_tlv.result",   "etsi_cat.comp_tlv.transport.port", "etsi_cat.comp_tlv.other_address.ipv4",
                            "etsi_cat.comp_tlv.buffer_size", "gsm_sim.tp.pa.get_chan_status", "_ws.malformed", "_ws.expert"};
using row = std::map<std::string, std::string>;

struct exchange_seen {
    wire::octets command, answer;
};

/// One row of fields per exchange, by GSMTAP; empty when tshark cannot be run.
std::vector<row> dissect(const std::vector<exchange_seen>& seen) {
    std::string pattern = (fs::temp_directory_path() / "bip-tshark-XXXXXX").string();
    const fs::path folder = mkdtemp(pattern.data());
    {
        std::ofstream dump(folder / "dump");
        for (const auto& one : seen) {
            wire::writer packet;  // GSMTAP: version 2, 4 words, type SIM
            packet.u32(0x02040400).fill(12, 0).put(one.command).put(one.answer);
            const auto& octets = packet.buffer();
            for (std::size_t i = 0; i < octets.size(); ++i) {
                if (i % 16 == 0) dump << (i == 0 ? "" : "\n") << wire::to_hex(std::array{std::uint8_t(i >> 8), std::uint8_t(i)});
                dump << ' ' << wire::to_hex(wire::octet_view(&octets[i], 1));
            }
            dump << "\n\n";
        }
    }
    std::string command = "cd '" + folder.string() + "' && text2pcap -q -u 4729,4729 dump pcap >/dev/null 2>&1 && "
                          "tshark -r pcap -T fields -E separator='|'";
    for (const auto* field : fields) command += std::string(" -e ") + field;
    command += " >out 2>err";
    std::vector<row> rows;
    if (std::system(command.c_str()) == 0) {
        std::ifstream in(folder / "out");
        for (std::string line; std::getline(in, line);) {
            row r;
            std::stringstream cells(line + "|");
            for (const auto* field : fields) std::getline(cells, r[field], '|');
            rows.push_back(std::move(r));
        }
    }
    fs::remove_all(folder);
    return rows;
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
    const auto open = std::ranges::find_if(rows, [](const row& r) { return r.at("etsi_cat.comp_tlv.cmd_type") == "0x40"; });
    ASSERT_NE(open, rows.end());
    EXPECT_EQ(open->at("etsi_cat.comp_tlv.transport.port"), "9000");
    EXPECT_EQ(open->at("etsi_cat.comp_tlv.other_address.ipv4"), "127.0.0.1");
    EXPECT_EQ(open->at("etsi_cat.comp_tlv.buffer_size"), "1400");
}

TEST(tshark, reads_sessions_with_faults) {
    std::map<std::string, int> types;
    for (std::uint64_t seed = 300; seed < 310; ++seed)
        expect_read(session({.refusals = 0.3, .cuts = 0.05, .loss = 0.1, .delay_max = std::chrono::milliseconds(40)}, seed, 2000), types);
    EXPECT_GT(types["0x44"], 0);         // GET CHANNEL STATUS: was anything lost?
    EXPECT_GT(types["event 0x0a"], 0);   // link dropped
}

}  // namespace
}  // namespace ota::sandbox
