#include "sandbox/explorer/card_command.hpp"

#include "sandbox/explorer/card_explorer.hpp"
#include "sandbox/pcsc/vpcd_client.hpp"
#include "sandbox/sample_profile.hpp"

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>

namespace ota::sandbox {

namespace {

constexpr int good = 0, failed = 1, wrong_usage = 2;

constexpr const char* usage = R"(Usage: otagw sandbox card [options] [COMMAND ..]

A virtual card to look at. Without a command they are read from standard input, line by line; ';' separates commands.

  --profile-file FILE  card profiles; absent: the sample with management objects, usim-aes-dm
  --profile NAME       the profile of the file that the card has; absent: its first
  --card N|ICCID       which of the cards (0)
  --cards N            how many there are (1000)
  --first-card N       index of the first (0)
  --seed N             keys and numbers follow from it (1)
  --journal FILE       the card as a run of the sandbox left it (its --journal)
  --vpcd [HOST:PORT]   put the card into a reader of vpcd (127.0.0.1:35963), until SIGTERM or SIGINT; no commands then

Commands:
)";

struct options {
    peers_options who;
    std::string card = "0", journal;
    std::optional<vpcd_address> vpcd;
    std::string command;
    bool help = false;
};

constexpr std::array of_population{"--profile-file", "--profile", "--cards", "--first-card", "--seed"};

/// The option's value, behind '=' or as the next argument, on which `at` then stands.
std::optional<std::string> value_of(const std::vector<std::string>& args, std::size_t& at) {
    if (const auto equals = args[at].find('='); equals != std::string::npos) return args[at].substr(equals + 1);
    if (at + 1 == args.size()) return std::nullopt;
    return args[++at];
}

bool take_address(const std::vector<std::string>& args, std::size_t& at, options& out, std::string& error) {
    const bool alone = args[at] == "--vpcd" && (at + 1 == args.size() || args[at + 1].starts_with("--"));
    out.vpcd = alone ? std::optional(vpcd_address{}) : parse_vpcd_address(value_of(args, at).value_or(""));
    if (!out.vpcd) error = "--vpcd: wants HOST:PORT";
    return out.vpcd.has_value();
}

bool parse(const std::vector<std::string>& args, options& out, std::string& error) {
    std::vector<std::string> population;
    std::size_t at = 0;
    for (; at < args.size() && args[at].starts_with('-'); ++at) {
        const auto name = args[at].substr(0, args[at].find('='));
        if (name == "--help" || name == "-h") {
            out.help = true;
        } else if (name == "--vpcd") {
            if (!take_address(args, at, out, error)) return false;
        } else if (name == "--card" || name == "--journal" ||
                   std::ranges::find(of_population, name) != of_population.end()) {
            const auto value = value_of(args, at);
            if (!value) {
                error = name + ": wants a value";
                return false;
            }
            if (name == "--card") {
                out.card = *value;
            } else if (name == "--journal") {
                out.journal = *value;
            } else {
                population.push_back(name + "=" + *value);
            }
        } else {
            error = "unknown option " + args[at];
            return false;
        }
    }
    for (; at < args.size(); ++at) out.command += (out.command.empty() ? "" : " ") + args[at];
    if (out.vpcd && !out.command.empty()) {
        error = "--vpcd takes no command";
        return false;
    }
    return parse_peers_options(population, out.who, error);
}

int status_of(card_explorer::outcome done) {
    switch (done) {
        case card_explorer::outcome::failed: return failed;
        case card_explorer::outcome::wrong_usage: return wrong_usage;
        default: return good;
    }
}

/// Somebody types: errors are told, and the next line comes.
int converse(card_explorer& explorer, const explorer_streams& s) {
    s.out << "help lists the commands, quit ends\n";
    for (std::string line; s.out << "card> " << std::flush && std::getline(s.in, line);)
        if (explorer.run(line) == card_explorer::outcome::ended) return good;
    s.out << '\n';
    return good;
}

int run_script(card_explorer& explorer, const explorer_streams& s) {
    for (std::string line; std::getline(s.in, line);) {
        const auto done = explorer.run(line);
        if (done != card_explorer::outcome::good) return status_of(done);
    }
    return good;
}

int serve(explored_card& card, const vpcd_address& at, std::ostream& out) {
    vpcd_client client(card.terminal, at, [&](std::string_view text) { out << text << std::endl; });
    out << "card " << card.iccid << ", profile " << card.profile->name << std::endl;
    client.run();
    out << client.commands() << " commands" << std::endl;
    return good;
}

}  // namespace

int run_card(const std::vector<std::string>& arguments, const explorer_streams& s) {
    options given;
    std::string error;
    if (!parse(arguments, given, error)) {
        s.err << "otagw sandbox card: " << error << "; see otagw sandbox card --help\n";
        return wrong_usage;
    }
    if (given.help) {
        s.out << usage << card_explorer::help();
        return good;
    }
    if (!given.who.profile) given.who.profile = sample_profile(error);
    const auto card = !given.who.profile ? nullptr : open_card(given.who, given.card, given.journal, error);
    if (!card) {
        s.err << "otagw sandbox card: " << error << '\n';
        return failed;
    }
    if (given.vpcd) return serve(*card, *given.vpcd, s.out);
    card_explorer explorer(*card, s.out, s.err);
    if (!given.command.empty()) return status_of(explorer.run(given.command));
    return s.terminal ? converse(explorer, s) : run_script(explorer, s);
}

}  // namespace ota::sandbox
