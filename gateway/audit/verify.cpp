#include "gateway/audit/verify.hpp"

#include "gateway/audit/chain.hpp"

#include <fstream>
#include <ostream>

namespace ota::audit {

int verify(const std::vector<std::string>& files, const std::optional<std::string>& expected_head, std::ostream& out) {
    chain all(expected_head);
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        if (!in) {
            out << file << ": cannot be read\n";
            return 1;
        }
        std::string line;
        for (std::size_t n = 1; std::getline(in, line); ++n) {
            const bool torn = in.eof();  // no end of line
            auto broken = torn ? std::optional<std::string>("is torn: the last write was cut off") : all.follow(line);
            if (!broken) continue;
            out << file << ":" << n << ": " << *broken << "\n";
            return 1;
        }
        if (!in.eof()) {
            out << file << ": cannot be read to its end\n";
            return 1;
        }
    }
    if (!all.whole()) {
        out << "the record with the hash " << *expected_head
            << " is missing: " << (all.records() == 0 ? "there is none" : "the chain ends with record ")
            << (all.records() == 0 ? "" : std::to_string(all.at().seq)) << "\n";
        return 1;
    }
    out << "good: " << all.records() << " record" << (all.records() == 1 ? "" : "s");
    if (all.records() != 0) out << ", " << all.first() << " to " << all.at().seq;
    out << "; head " << all.at().hash << "\n";
    return 0;
}

}  // namespace ota::audit
