#include "gateway/cli/commands.hpp"
#include "gateway/ops/hardening.hpp"
#include "gateway/version.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <string_view>

namespace ota::cli {
namespace {

struct command {
    std::string_view name;
    std::string_view help;
    int (*run)(const arguments&);
};

constexpr std::array commands{
    command{"sandbox", "gateway, SMSC and cards on this machine: the quickest way to see it work", run_sandbox},
    command{"run", "run the gateway", run_gateway},
    command{"check", "read a settings file and tell every fault", run_check_command},
    command{"publish", "put change events into the embedded log or the topic", run_publish_command},
    command{"events", "tail, show, list or cancel change events", run_events_command},
    command{"cards", "import, list, show, explain, label, suspend, resume, repair, audit, notify, replace, erase cards",
            run_cards_command},
    command{"campaigns", "one change for many cards: create, follow, pause, resume, cancel, report",
            run_campaigns_command},
    command{"dlq", "list, show or replay dead letters", run_dlq_command},
    command{"keys", "make or change the key-encryption key", run_keys_command},
    command{"store", "migrate, check, prune, recover or copy the store", run_store_command},
    command{"topics", "make, check or accept the topics of Apache Kafka", run_topics_command},
    command{"audit", "verify or show the audit log of the HTTP API", run_audit_command},
    command{"packet", "seal and open secured packets by hand", run_packet_command},
    command{"mo", "management objects to files of cards and back; the cost of a change", run_mo_command},
    command{"top", "a live view of a running gateway", run_top_command},
    command{"tap", "the events of a running gateway as they happen, without values", run_tap_command},
    command{"bench", "measure the way from event to confirmed card", run_bench_command},
};

void print_usage(std::ostream& out) {
    out << "otagw " << program_version()
        << " - OTA card update gateway\n\nUsage: otagw COMMAND [options]; otagw COMMAND --help\n\n";
    for (const auto& c : commands) out << "  " << c.name << std::string(11 - c.name.size(), ' ') << c.help << '\n';
    out << "\nExit status: 0 good, 1 failed, 2 wrong usage, 78 bad configuration.\n";
}

int dispatch(int argc, char** argv) {
    if (argc < 2) {
        print_usage(std::cerr);
        return wrong_usage;
    }
    const std::string_view name = argv[1];
    if (name == "--help" || name == "-h" || name == "help") {
        print_usage(std::cout);
        return good;
    }
    if (name == "--version" || name == "version") {
        std::cout << "otagw " << program_version() << '\n';
        return good;
    }
    const auto at = std::find_if(commands.begin(), commands.end(), [&](const command& c) { return c.name == name; });
    if (at == commands.end()) {
        std::cerr << "otagw: there is no command \"" << name << "\"; see otagw --help\n";
        return wrong_usage;
    }
    return at->run(arguments(argv + 2, argv + argc));
}

}  // namespace
}  // namespace ota::cli

int main(int argc, char** argv) {
    // R24: store, logs and journals hold ICCIDs, numbers and values: whatever the program makes is for its user only.
    ::umask(0077);
    // R24: no core file, whatever happens.
    if (const auto ec = ota::ops::forbid_core_dumps())
        std::cerr << "otagw: core dumps cannot be switched off: " << ec.message() << '\n';
    try {
        return ota::cli::dispatch(argc, argv);
    } catch (const std::exception& e) {
        std::cerr << "otagw: " << e.what() << '\n';
        return ota::cli::failed;
    }
}
