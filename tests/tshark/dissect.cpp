#include "tests/tshark/dissect.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ota::tshark {

namespace {

namespace fs = std::filesystem;

/// The text form that text2pcap takes: an offset and sixteen octets a line.
void write_dump(const fs::path& file, const std::vector<wire::octets>& frames) {
    std::ofstream dump(file);
    for (const auto& octets : frames) {
        for (std::size_t i = 0; i < octets.size(); ++i) {
            if (i % 16 == 0)
                dump << (i == 0 ? "" : "\n") << wire::to_hex(std::array{std::uint8_t(i >> 8), std::uint8_t(i)});
            dump << ' ' << wire::to_hex(wire::octet_view(&octets[i], 1));
        }
        dump << "\n\n";
    }
}

/// What tshark prints, line by line.
std::vector<std::string> run(const std::vector<wire::octets>& frames, const carriage& how, const std::string& output) {
    std::string pattern = (fs::temp_directory_path() / "tshark-XXXXXX").string();
    const fs::path folder = ::mkdtemp(pattern.data());
    write_dump(folder / "dump", frames);
    const auto command = "cd '" + folder.string() + "' && text2pcap -q " + how.ports +
                         " dump pcap >/dev/null 2>&1 && " + "tshark -r pcap " + how.options + ' ' + output +
                         " >out 2>err";
    std::vector<std::string> lines;
    if (std::system(command.c_str()) == 0) {
        std::ifstream in(folder / "out");
        for (std::string line; std::getline(in, line);) lines.push_back(line);
    }
    fs::remove_all(folder);
    return lines;
}

}  // namespace

std::vector<row> dissect(const std::vector<wire::octets>& frames, const carriage& how,
                         std::span<const char* const> fields) {
    std::string output = "-T fields -E separator='|'";
    for (const auto* field : fields) output += std::string(" -e ") + field;
    std::vector<row> rows;
    for (const auto& line : run(frames, how, output)) {
        row r;
        std::stringstream cells(line + "|");
        for (const auto* field : fields) std::getline(cells, r[field], '|');
        rows.push_back(std::move(r));
    }
    return rows;
}

std::vector<std::string> describe(const std::vector<wire::octets>& frames, const carriage& how) {
    auto lines = run(frames, how, "-V");
    for (auto& line : lines) line.erase(0, line.find_first_not_of(' '));
    return lines;
}

}  // namespace ota::tshark
