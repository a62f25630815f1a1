#include "sandbox/explorer/card_explorer.hpp"

#include "sandbox/explorer/printed_text.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <sstream>

namespace ota::sandbox {

namespace {

std::vector<std::string> split(std::string_view line) {
    std::istringstream in{std::string(line)};
    std::vector<std::string> out;
    for (std::string word; in >> word;) out.push_back(std::move(word));
    return out;
}

}  // namespace

card_explorer::card_explorer(explored_card& card, std::ostream& out, std::ostream& err)
    : card_(card), out_(out), err_(err), dialogue_(card.terminal, card.model.terminal.class_octet == 0xA0) {}

std::span<const card_explorer::command> card_explorer::commands() {
    static constexpr std::size_t any = SIZE_MAX;
    static constexpr std::array all{
        command{"tree", "", "every file of the card: size, used, object, generation, flags, who may read and update", 0,
                0, &card_explorer::tree},
        command{"objects", "", "the management objects, as a device finds them by the directory of PKCS#15", 0, 0,
                &card_explorer::objects},
        command{"show", "OBJECT", "an object as a tree, its secrets masked; by address (./IMPS), label or file", 1, any,
                &card_explorer::show},
        command{"xml", "OBJECT", "an object as a TNDS document in XML, without its secrets", 1, any,
                &card_explorer::xml},
        command{"select", "PATH",
                "a file by its path (7f50/6432, from the MF), or an application by its AID (aid:a0000000..)", 1, 1,
                &card_explorer::select},
        command{"read", "[OFFSET [LENGTH]]", "the selected file as octets, secrets and all", 0, 2,
                &card_explorer::read},
        command{"records", "", "all records of the selected file", 0, 0, &card_explorer::records},
        command{"apdu", "HEX", "any command APDU; prints data and status word", 1, any, &card_explorer::apdu},
        command{"pin", "DIGITS", "shows the card the PIN of its holder (1234 on every card), until reset", 1, 1,
                &card_explorer::pin},
        command{"reset", "", "power off and on", 0, 0, &card_explorer::reset},
        command{"device", "[yes|no|later]",
                "puts the card into a device that is switched on; what its user answers (yes)", 0, 1,
                &card_explorer::device},
        command{"help", "", "this list", 0, 0, &card_explorer::tell_help},
        command{"quit", "", "ends", 0, 0, &card_explorer::quit},
    };
    return all;
}

std::string card_explorer::help() {
    std::vector<std::vector<std::string>> lines;
    for (const auto& each : commands())
        lines.push_back(
            {"  " + std::string(each.name) + (each.arguments.empty() ? "" : " ") + std::string(each.arguments),
             std::string(each.what)});
    return columns(lines);
}

card_explorer::outcome card_explorer::complain(const std::string& why, outcome how) {
    err_ << why << '\n';
    return how;
}

card_explorer::outcome card_explorer::run(std::string_view line) {
    while (!line.empty()) {
        const auto end = std::min(line.find(';'), line.size());
        const auto done = run_one(line.substr(0, end));
        if (done != outcome::good) return done;
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return outcome::good;
}

card_explorer::outcome card_explorer::run_one(std::string_view line) {
    const auto said = split(line);
    if (said.empty() || said.front().starts_with('#')) return outcome::good;
    const auto all = commands();
    const auto known = std::ranges::find(all, said.front(), &command::name);
    if (known == all.end())
        return complain(printable(said.front()) + ": no such command; help lists them", outcome::wrong_usage);
    const auto rest = words(said).subspan(1);
    if (rest.size() < known->least || rest.size() > known->most) {
        const std::string arguments = known->arguments.empty() ? "nothing" : std::string(known->arguments);
        return complain(said.front() + ": wants " + arguments, outcome::wrong_usage);
    }
    return (this->*known->run)(rest);
}

card_explorer::outcome card_explorer::tell_help(words) {
    out_ << help();
    return outcome::good;
}

card_explorer::outcome card_explorer::quit(words) { return outcome::ended; }

}  // namespace ota::sandbox
