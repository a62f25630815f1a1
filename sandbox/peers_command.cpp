#include "sandbox/peers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iostream>

namespace ota::sandbox {

namespace json = boost::json;

namespace {

json::object to_object(const card_counts& c) {
    json::object out;
    out["packets"] = c.packets;
    out["segments"] = c.segments;
    out["by_data"] = c.by_data;
    out["duplicates"] = c.duplicates;
    out["scripts"] = c.scripts;
    out["commands"] = c.commands;
    out["unknown_subscribers"] = c.unknown_subscribers;
    out["busy"] = c.busy;
    out["insufficient_memory"] = c.insufficient_memory;
    out["power_cuts"] = c.power_cuts;
    out["by_status"] = json::array(c.by_status.begin(), c.by_status.end());
    return out;
}

json::object to_object(const device_counts& c) {
    json::object out;
    for (const auto& [name, field] : device_counts::names) out[name] = c.*field;
    return out;
}

json::object to_object(const radio_counts& c) {
    json::object out;
    for (const auto& [name, field] : radio_counts::names) out[name] = c.*field;
    return out;
}

/// The file holds keys: nobody else may read it.
bool write_cards(const peers_options& options, std::string& error) {
    const population who(population_of(options));
    const auto before = ::umask(0077);
    std::ofstream out(options.cards_file, std::ios::binary | std::ios::trunc);
    ::umask(before);
    const bool good =
        out && who.write_csv([&](std::string_view rows) { return static_cast<bool>(out << rows); }) && out.flush();
    if (!good) error = options.cards_file + ": cannot be written";
    return good;
}

int fail(const std::string& what, int code) {
    std::cerr << what << "\n";
    return code;
}

/// Returns at SIGTERM or SIGINT, which are blocked in every thread.
void wait_for_the_end(const sigset_t& signals) {
    int which = 0;
    ::sigwait(&signals, &which);
}

}  // namespace

std::string to_json(const peers_snapshot& s) {
    json::object smsc;
    for (const auto& [name, field] : smsc_counts::names) smsc[name] = s.smsc.*field;
    json::object out;
    out["smsc"] = std::move(smsc);
    out["cards"] = to_object(s.cards);
    if (s.devices.devices != 0) out["devices"] = to_object(s.devices);
    if (s.radio.opened + s.radio.refused + s.radio.beyond != 0) out["radio"] = to_object(s.radio);
    out["waiting"] = s.waiting;
    out["peak_submits_per_second"] = s.peak_submits;
    out["peak_submits_of_any_second"] = s.peak_of_any_second;
    out["peak_sessions"] = s.peak_sessions;
    out["submits_by_second"] = json::array(s.submits_by_second.begin(), s.submits_by_second.end());
    out["card_memory"] = s.card_memory;
    out["journal_records"] = s.journal_records;
    if (!s.journal_failure.empty()) out["journal_failure"] = s.journal_failure;
    return json::serialize(out);
}

int run_peers(const std::vector<std::string>& arguments) {
    peers_options options;
    options.profile = demo_profile();
    std::string error;
    if (!parse_peers_options(arguments, options, error)) return fail(error + "\noptions:\n" + peers_usage(), 2);
    if (!options.cards_file.empty() && !write_cards(options, error)) return fail(error, 1);

    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);

    peers world(options);
    if (!world.start(error)) return fail(error, 1);
    std::cout << "listening on " << options.address << ":" << world.port() << std::endl;
    wait_for_the_end(signals);
    world.stop();
    const auto end = world.snapshot();
    std::cout << to_json(end) << std::endl;
    return end.journal_failure.empty() ? 0 : 1;
}

}  // namespace ota::sandbox
