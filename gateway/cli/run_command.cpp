#include "gateway/cli/commands.hpp"
#include "gateway/cli/gateway_process.hpp"

#include <CLI/CLI.hpp>

#include <pthread.h>

#include <csignal>
#include <ctime>
#include <iostream>
#include <memory>
#include <optional>

namespace ota::cli {

namespace {

/// SIGTERM, SIGINT and SIGHUP, blocked in every thread, taken here one by one.
sigset_t own_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

enum class told : std::uint8_t { nothing, to_reload, to_stop };

told wait_for_signal(const sigset_t& signals, time_t seconds) {
    const timespec pause{seconds, 0};
    switch (sigtimedwait(&signals, nullptr, &pause)) {
        case SIGHUP: return told::to_reload;
        case SIGTERM:
        case SIGINT: return told::to_stop;
        default: return told::nothing;
    }
}

bool load(const std::string& file, gateway_settings& settings) {
    config::faults faults;
    settings = load_gateway_settings(file, faults);
    for (const auto& f : faults.list()) std::cerr << to_string(f) << '\n';
    return !faults.any_error();
}

}  // namespace

int run_gateway(const arguments& args) {
    CLI::App app(
        "Runs the gateway until SIGTERM or SIGINT: stops taking in, settles what is under way, unbinds, ends. SIGHUP: "
        "reads the settings again.",
        "otagw run");
    std::string file;
    unsigned instance = 0;
    app.add_option("--config,-c", file, "settings file (YAML)")->required();
    app.add_option("--instance", instance, "number of this instance, 0 to 254: part of every id that it makes")
        ->check(CLI::Range(0, 254));
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? good : wrong_usage;
    }
    gateway_settings settings;
    if (!load(file, settings)) return bad_configuration;

    const auto signals = own_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    process_options options;
    options.instance = static_cast<std::uint16_t>(instance);
    options.settings_file = file;
    std::unique_ptr<gateway_process> gateway;
    std::string said;
    const auto start = [&]() -> std::optional<int> {
        for (;;) {  // a server that is away is waited for
            gateway = std::make_unique<gateway_process>(settings, options);
            std::string why;
            if (gateway->start(why)) return std::nullopt;
            if (why != said)
                std::cerr << "otagw run: " << why << (gateway->passing() ? "; trying again every 2 s" : "") << '\n';
            said = why;
            if (!gateway->passing()) return gateway->misconfigured() ? bad_configuration : failed;
            gateway.reset();
            const auto signal = wait_for_signal(signals, 2);
            if (signal == told::to_stop) return failed;
            if (gateway_settings fresh; signal == told::to_reload && load(file, fresh)) settings = std::move(fresh);
        }
    };
    for (auto signal = told::nothing; signal != told::to_stop;) {
        if (gateway) {
            std::cerr << "otagw run: a tool changed the store while this instance had no lease: starting anew\n";
            settings = *gateway->settings().settings;           // they may have been reloaded
            (void)gateway->stop(std::chrono::milliseconds(0));  // nothing of it would be committed
            gateway.reset();
        }
        if (const auto code = start()) return *code;
        while (!gateway->outdated() && signal != told::to_stop) {
            signal = wait_for_signal(signals, 1);
            if (signal == told::to_reload) (void)gateway->reload();  // the log says what came of it
        }
    }
    std::signal(SIGHUP, SIG_IGN);
    // A second signal ends the wait: what is not settled is taken up at the next start.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    return gateway->stop(gateway->settings().settings->flow.drain_deadline) ? good : failed;
}

}  // namespace ota::cli
