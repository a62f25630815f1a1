#include "gateway/cli/commands.hpp"
#include "gateway/cli/demo_story.hpp"
#include "gateway/cli/sandbox_run.hpp"
#include "sandbox/explorer/card_command.hpp"
#include "sandbox/judge.hpp"
#include "sandbox/peers.hpp"
#include "sandbox/sample_profile.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <utility>

namespace ota::cli {

namespace {

constexpr const char* usage =
    R"(Usage: otagw sandbox [options]            gateway, SMSC and cards in one process, on embedded defaults
       otagw sandbox --peers-only [options]  SMSC and cards alone, with a journal, for a gateway of another process
       otagw sandbox --judge JOURNAL [--desired FILE]
       otagw sandbox card [options] [COMMAND ..]  one card to look at, or behind PC/SC; see otagw sandbox card --help

  --changes N          changes of the cards' files (2000); besides, of cards that have management objects, their services
  --accounts SHARE     cards that get an account of the DM server, whose devices then connect by themselves (0.25)
  --events FILE        publish these instead: change events as NDJSON; - for standard input
  --data DIR           keep everything here instead of a temporary directory
  --time-limit S       give up after so many seconds (600)
  --calm               no faults: nothing is lost, doubled, reordered or throttled
  --quiet              no progress
  --console            print the address of the web console, and stay with a few changes a second until Ctrl-C
  --http-port N        of the gateway and its console (any free one)

Options of the SMSC and the cards:
)";

/// Faults of an ordinary bad day, so that a first run shows what the gateway is for.
void bad_day(sandbox::peers_options& peers) {
    auto& s = peers.smsc;
    s.delay_max = std::chrono::milliseconds(40);
    s.loss = 0.01;
    s.answer_loss = 0.01;
    s.duplicates = 0.02;
    s.reordering = 0.02;
    s.throttling = 0.0001;
    s.system_errors = 0.005;
    s.receipt_early = 0.05;
    s.receipt_twice = 0.02;
    auto& r = peers.radio;
    r.loss = r.duplicates = r.reordering = 0.02;
    r.delay_max = std::chrono::milliseconds(20);
    r.refusals = 0.02;
    r.cuts = 0.001;
}

/// SIGTERM and SIGINT are taken one by one between the steps of a run, so that it cleans up after itself: its temporary
/// directory holds a key.
sigset_t take_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

bool take_value(const arguments& args, std::size_t& at, std::string_view name, std::string& value) {
    const std::string_view arg = args[at];
    if (arg == name && at + 1 < args.size()) {
        value = args[++at];
        return true;
    }
    if (arg.size() > name.size() && arg.substr(0, name.size()) == name && arg[name.size()] == '=') {
        value = arg.substr(name.size() + 1);
        return true;
    }
    return false;
}

bool parse(const arguments& args, sandbox_options& options, std::string& error) {
    arguments rest;
    std::string value;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "--calm") {
            options.calm = true;
        } else if (args[i] == "--console") {
            options.console = true;
        } else if (args[i] == "--quiet") {
            options.quiet = true;
        } else if (take_value(args, i, "--changes", value)) {
            options.changes = std::strtoull(value.c_str(), nullptr, 10);
        } else if (take_value(args, i, "--accounts", value)) {
            char* end = nullptr;
            options.accounts = std::strtod(value.c_str(), &end);
            if (*end != 0 || value.empty() || !(options.accounts >= 0 && options.accounts <= 1)) {
                error = "--accounts: " + value + " is no share";
                return false;
            }
        } else if (take_value(args, i, "--http-port", value)) {
            const auto port = std::strtoul(value.c_str(), nullptr, 10);
            if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos || port > 65'535) {
                error = "--http-port: " + value + " is no port";
                return false;
            }
            options.http_port = static_cast<std::uint16_t>(port);
        } else if (take_value(args, i, "--events", value)) {
            options.events_file = value;
        } else if (take_value(args, i, "--data", value)) {
            options.data_directory = value;
        } else if (take_value(args, i, "--time-limit", value)) {
            options.time_limit = std::chrono::seconds(std::strtoll(value.c_str(), nullptr, 10));
        } else {
            rest.push_back(args[i]);
        }
    }
    if (!options.calm) bad_day(options.peers);
    auto& devices = options.peers.devices;
    const auto own_share = std::exchange(devices.share, -1);
    devices.refusals = devices.late_answers = 0.1;
    devices.retry = {.attempts = 5, .first = std::chrono::seconds(1), .longest = std::chrono::seconds(8)};
    if (!sandbox::parse_peers_options(rest, options.peers, error)) return false;
    auto read = options.peers.profile ? options.peers.profile : sandbox::sample_profile(error);
    if (!read) return false;
    const bool fit = sandbox::fits_devices(*read) && options.peers.external_card.empty();
    if (devices.share < 0) devices.share = fit ? 1 : own_share;
    // Short times, so that what is lost on the way is seen to be mended within the run.
    auto profile = std::make_shared<card_profile>(*read);
    profile->answer_timeout = std::chrono::seconds(1);
    profile->retry_backoff = std::chrono::milliseconds(500);
    profile->repeats = 5;  // a long object has many segments, each of which may be lost
    profile->validity = std::chrono::seconds(20);
    profile->validity_margin = std::chrono::seconds(1);
    if (auto& bip = profile->bip) {
        bip->connect_timeout = bip->answer_timeout =
            std::chrono::seconds(15);  // a lost SYN is said again after 3 and 6 s
        bip->back_off = std::chrono::milliseconds(500);
    }
    if (options.events_file.empty()) prepare_for_demo(*profile);
    options.peers.profile = profile;
    return true;
}

}  // namespace

int run_sandbox(const arguments& args) {
    if (!args.empty() && args.front() == "card")
        return sandbox::run_card({args.begin() + 1, args.end()},
                                 {std::cin, std::cout, std::cerr, ::isatty(STDIN_FILENO) == 1});
    const auto has = [&](const char* name) { return std::find(args.begin(), args.end(), name) != args.end(); };
    if (has("--help") || has("-h")) {
        std::cout << usage << sandbox::peers_usage();
        return good;
    }
    if (has("--peers-only")) {
        arguments rest;
        std::copy_if(args.begin(), args.end(), std::back_inserter(rest),
                     [](const auto& a) { return a != "--peers-only"; });
        return sandbox::run_peers(rest);
    }
    if (!args.empty() && args.front() == "--judge") return sandbox::run_judge({args.begin() + 1, args.end()});

    sandbox_options options;
    std::string error;
    if (!parse(args, options, error)) {
        std::cerr << "otagw sandbox: " << error << "; see otagw sandbox --help\n";
        return wrong_usage;
    }
    options.stopped = [signals = take_signals()] {
        static bool came = false;
        const timespec at_once{};
        came = came || ::sigtimedwait(&signals, nullptr, &at_once) > 0;
        return came;
    };
    options.settled = [](const sandbox_outcome& seen) { std::cout << table_of(seen) << std::flush; };
    sandbox_outcome outcome;
    const bool done = run_in_sandbox(options, outcome, error);
    if (!done) {
        std::cerr << "otagw sandbox: " << error << '\n';
        return failed;
    }
    return outcome.files_wrong == 0 && outcome.wrong.empty() ? good : failed;
}

}  // namespace ota::cli
