#include "gateway/cli/commands.hpp"
#include "gateway/cli/sandbox_run.hpp"
#include "sandbox/judge.hpp"
#include "sandbox/peers.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>

namespace ota::cli {

namespace {

constexpr const char* usage = R"(Usage: otagw sandbox [options]            gateway, SMSC and cards in one process, on embedded defaults
       otagw sandbox --peers-only [options]  SMSC and cards alone, with a journal, for a gateway of another process
       otagw sandbox --judge JOURNAL [--desired FILE]

  --changes N          change events to publish (2000)
  --events FILE        publish these instead: change events as NDJSON; - for standard input
  --data DIR           keep everything here instead of a temporary directory
  --time-limit S       give up after so many seconds (600)
  --calm               no faults: nothing is lost, doubled, reordered or throttled
  --quiet              no progress

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
    s.throttling = 0.0005;
    s.system_errors = 0.005;
    s.receipt_early = 0.05;
    s.receipt_twice = 0.02;
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

double percentile(std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
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
        } else if (args[i] == "--quiet") {
            options.quiet = true;
        } else if (take_value(args, i, "--changes", value)) {
            options.changes = std::strtoull(value.c_str(), nullptr, 10);
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
    if (!sandbox::parse_peers_options(rest, options.peers, error)) return false;
    // Short times, so that what is lost on the way is seen to be mended within the run.
    auto profile = std::make_shared<card_profile>(options.peers.profile ? *options.peers.profile : *sandbox::demo_profile());
    profile->answer_timeout = std::chrono::seconds(1);
    profile->retry_backoff = std::chrono::milliseconds(500);
    options.peers.profile = profile;
    return true;
}

}  // namespace

std::string table_of(const sandbox_outcome& out) {
    std::string text;
    char line[160];
    const auto row = [&](const char* name, const char* format, auto... values) {
        int n = std::snprintf(line, sizeof line, "  %-34s ", name);
        std::snprintf(line + n, sizeof line - static_cast<std::size_t>(n), format, values...);
        text += line;
        text += '\n';
    };
    auto latencies = out.latencies_in_ms;
    std::sort(latencies.begin(), latencies.end());
    text += "Changes\n";
    row("published", "%zu", out.published);
    for (const auto& [state, n] : out.by_state) row(state.c_str(), "%zu", n);
    row("not final", "%zu", out.published - out.final);
    for (const auto& [reason, n] : out.by_reason) row(("  because " + reason).c_str(), "%zu", n);
    text += "Short messages\n";
    row("submitted", "%zu", out.sms);
    row("per change", "%.2f", out.published == 0 ? 0.0 : static_cast<double>(out.sms) / static_cast<double>(out.published));
    text += "Time\n";
    row("whole run", "%.2f s", out.seconds);
    row("changes per second", "%.0f", out.seconds > 0 ? static_cast<double>(out.final) / out.seconds : 0.0);
    row("published to final, p50", "%.0f ms", percentile(latencies, 0.5));
    row("published to final, p99", "%.0f ms", percentile(latencies, 0.99));
    text += "Cards\n";
    row("files as desired", "%zu of %zu", out.files_compared - out.files_wrong, out.files_compared);
    text += "Network and SMSC\n";
    for (const auto& [name, n] : out.faults) {
        if (n != 0) row(name.c_str(), "%llu", static_cast<unsigned long long>(n));
    }
    return text;
}

int run_sandbox(const arguments& args) {
    const auto has = [&](const char* name) { return std::find(args.begin(), args.end(), name) != args.end(); };
    if (has("--help") || has("-h")) {
        std::cout << usage << sandbox::peers_usage();
        return good;
    }
    if (has("--peers-only")) {
        arguments rest;
        std::copy_if(args.begin(), args.end(), std::back_inserter(rest), [](const auto& a) { return a != "--peers-only"; });
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
    sandbox_outcome outcome;
    const bool done = run_in_sandbox(options, outcome, error);
    if (outcome.published > 0) std::cout << table_of(outcome);
    if (!done) {
        std::cerr << "otagw sandbox: " << error << '\n';
        return failed;
    }
    return outcome.files_wrong == 0 ? good : failed;
}

}  // namespace ota::cli
