#include "gateway/cli/sandbox_run.hpp"

#include "gateway/cli/gateway_process.hpp"
#include "gateway/cli/population_import.hpp"
#include "gateway/cli/sandbox_desired.hpp"
#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/embedded/log_reader.hpp"
#include "sandbox/peers.hpp"

#include <unistd.h>

#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>

namespace ota::cli {

namespace {

using std::chrono::milliseconds;
namespace fs = std::filesystem;

queue::wall_time wall_now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

/// A directory that goes with the run unless the user named one.
class workplace {
public:
    explicit workplace(const std::string& named) : own_(named.empty()) {
        if (!own_) {
            path_ = named;
            fs::create_directories(path_);
            return;
        }
        // For its owner only, and never one that is there: it will hold a key (R24).
        auto pattern = (fs::temp_directory_path() / "otagw-sandbox-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
        path_ = pattern;
    }
    workplace(const workplace&) = delete;
    workplace& operator=(const workplace&) = delete;
    ~workplace() {
        std::error_code ec;
        if (own_) fs::remove_all(path_, ec);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    bool own_;
    fs::path path_;
};

gateway_settings settings_for(const fs::path& place, const sandbox::peers& peers) {
    gateway_settings s;
    s.data_directory = place.string();
    s.log = log_level::error;
    s.profiles[peers.profile().name] = std::make_shared<card_profile>(peers.profile());
    route_settings route;
    route.name = "sandbox";
    route.port = peers.port();
    route.system_id = "otagw";
    route.window = 500;
    route.source_address = "4900";
    route.response_timeout = milliseconds(3000);
    route.reconnect_min = milliseconds(100);
    route.reconnect_max = milliseconds(2000);
    s.routes.push_back(route);
    return s;
}

/// For a foreign card that needs the keys; only its owner may read it.
bool write_cards_file(const sandbox::peers_options& options, std::string& why) {
    if (options.cards_file.empty()) return true;
    std::ofstream out(options.cards_file, std::ios::trunc);
    std::error_code ec;
    fs::permissions(options.cards_file, fs::perms::owner_read | fs::perms::owner_write, ec);
    const sandbox::population who(sandbox::population_of(options));
    if (who.write_csv([&](std::string_view part) { return static_cast<bool>(out << part); }) && out.flush()) return true;
    why = options.cards_file + ": cannot be written";
    return false;
}

bool publish(const fs::path& log_directory, const std::vector<queue::change_event>& events, std::string& why) {
    auto log = queue::embedded_log::open(log_directory);
    if (!log) {
        why = log.error().message();
        return false;
    }
    std::vector<std::string> payloads;
    std::vector<queue::embedded::entry> batch;
    for (std::size_t at = 0; at < events.size();) {
        payloads.clear();
        batch.clear();
        const auto end = std::min(at + 5000, events.size());
        for (auto i = at; i < end; ++i) payloads.push_back(queue::serialize_event(events[i]));
        for (auto i = at; i < end; ++i) batch.push_back({events[i].subject, payloads[i - at]});
        auto appended = log.value().append(batch, wall_now());
        if (!appended) {
            why = appended.error().message();
            return false;
        }
        at = end;
    }
    return true;
}

/// Follows the status log: what became final, when, and why.
class status_follower {
public:
    explicit status_follower(fs::path directory) : directory_(std::move(directory)) {}

    void follow(sandbox_outcome& out, std::unordered_map<std::string, queue::wall_time>& open);
    [[nodiscard]] const std::unordered_map<std::string, std::string>& states() const { return states_; }

private:
    std::unordered_map<std::string, std::string> states_;  ///< final state by event id
    fs::path directory_;
    std::optional<queue::log_reader> reader_;
};

void status_follower::follow(sandbox_outcome& out, std::unordered_map<std::string, queue::wall_time>& open) {
    if (!reader_) {
        auto opened = queue::log_reader::open(directory_);
        if (!opened) return;
        reader_ = std::move(opened.value());
    }
    while (true) {
        auto next = reader_->next();
        if (!next || !next.value()) return;
        const auto status = parse_status(next.value()->content.payload);
        if (!status || !status->final) continue;
        auto at = open.find(status->event_id);
        if (at == open.end()) continue;
        out.latencies_in_ms.push_back(static_cast<double>((status->at - at->second).count()));
        states_[status->event_id] = status->state;
        open.erase(at);
        ++out.final;
        ++out.by_state[status->state];
        if (!status->reason.empty()) ++out.by_reason[status->reason];
    }
}

void show_progress(const sandbox_outcome& out, const sandbox::peers_snapshot& peers, double seconds) {
    std::cerr << "  " << static_cast<int>(seconds) << " s: " << out.final << " of " << out.published << " changes final, "
              << peers.smsc.submits << " SMS submitted, " << peers.waiting << " on their way, "
              << static_cast<long>(static_cast<double>(out.final) / std::max(seconds, 0.001)) << " changes/s\n";
}

}  // namespace

bool run_in_sandbox(const sandbox_options& options, sandbox_outcome& out, std::string& why) {
    workplace place(options.data_directory);
    const bool foreign = !options.peers.external_card.empty();  // its files are its own affair
    if (!write_cards_file(options.peers, why)) return false;
    sandbox::peers peers(options.peers);
    if (!peers.start(why)) return false;
    auto settings = settings_for(place.path(), peers);
    if (!options.quiet) std::cerr << "Importing " << peers.who().size() << " cards\n";
    const auto stopped = [&] {
        if (!options.stopped || !options.stopped()) return false;
        why = "stopped by a signal";
        return true;
    };
    if (!import_population(settings, peers.who(), why, options.stopped) || stopped()) return false;

    std::vector<queue::change_event> events;
    const auto began_wall = wall_now();
    if (options.events_file.empty()) {
        events = demo_events(peers.who(), peers.profile(), options.changes, options.peers.seed, !foreign, began_wall);
    } else if (!read_events(options.events_file, events, why)) {
        return false;
    }
    const fs::path queue_root = settings.queue_directory();
    const auto changes_log = queue::topic_directory(queue_root, queue::topic_changes);
    const auto status_log = queue::topic_directory(queue_root, queue::topic_status);
    process_options how;
    how.http = false;
    gateway_process gateway(std::move(settings), how);
    if (!gateway.start(why) || stopped()) return false;

    const auto began = std::chrono::steady_clock::now();
    const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
    if (!publish(changes_log, events, why)) return false;
    out.published = events.size();
    std::unordered_map<std::string, queue::wall_time> open;
    for (const auto& e : events) open.emplace(e.id, began_wall);
    status_follower follower(status_log);
    double told = 0;
    bool cut_off = false;
    while (!open.empty() && !(cut_off = stopped()) && seconds() < static_cast<double>(options.time_limit.count())) {
        std::this_thread::sleep_for(milliseconds(20));
        follower.follow(out, open);
        if (!options.quiet && seconds() - told >= 1) {
            told = seconds();
            show_progress(out, peers.snapshot(), told);
        }
    }
    out.seconds = seconds();
    (void)gateway.stop(std::chrono::seconds(5));
    if (!foreign) compare_files(peers, events, follower.states(), out);
    const auto snapshot = peers.snapshot();
    out.sms = snapshot.smsc.submits;
    for (const auto& [name, field] : sandbox::smsc_counts::names) out.faults.emplace_back(name, snapshot.smsc.*field);
    peers.stop();
    if (!open.empty() && !cut_off) why = std::to_string(open.size()) + " changes are not final after " + std::to_string(options.time_limit.count()) + " s";
    return open.empty();
}

}  // namespace ota::cli
