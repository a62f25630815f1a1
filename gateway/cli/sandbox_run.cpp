#include "gateway/cli/sandbox_run.hpp"

#include "gateway/cards/vault.hpp"
#include "gateway/cli/demo_story.hpp"
#include "gateway/cli/gateway_process.hpp"
#include "gateway/cli/population_import.hpp"
#include "gateway/cli/sandbox_console.hpp"
#include "gateway/cli/sandbox_desired.hpp"
#include "gateway/cli/sandbox_objects.hpp"
#include "gateway/cli/sandbox_status.hpp"
#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "sandbox/device_pool.hpp"
#include "sandbox/peers.hpp"
#include "sandbox/uicc/data_bearer.hpp"

#include <unistd.h>

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <system_error>
#include <thread>

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
    s.http.port = 0;  // any free one
    s.profiles[peers.profile().name] = std::make_shared<card_profile>(peers.profile());
    if (const auto& channel = peers.profile().bip) {
        s.bip.enabled = true;
        s.bip.address = s.bip.public_address = "127.0.0.1";
        s.bip.port = 0;  // any free one
        if (channel->protocol == bip_protocol::tcp) {
            auto& tcp = s.bip.tcp.emplace();
            tcp.port = 0;
            tcp.identification_tag = sandbox::bearer_settings{}.identification_tag;
        }
    }
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
    if (who.write_csv([&](std::string_view part) { return static_cast<bool>(out << part); }) && out.flush())
        return true;
    why = options.cards_file + ": cannot be written";
    return false;
}

/// Puts events into the log of changes.
class publisher {
public:
    bool open(const fs::path& directory, std::string& why) {
        auto opened = queue::embedded_log::open(directory);
        if (opened) log_.emplace(std::move(opened.value()));
        if (!opened) why = opened.error().message();
        return log_.has_value();
    }
    bool publish(const std::vector<queue::change_event>& events, std::string& why) {
        constexpr std::size_t at_once = 5000;
        std::vector<std::string> payloads;
        std::vector<queue::embedded::entry> batch;
        for (std::size_t at = 0; at < events.size();) {
            payloads.clear();
            batch.clear();
            const auto end = std::min(at + at_once, events.size());
            for (auto i = at; i < end; ++i) payloads.push_back(queue::serialize_event(events[i]));
            for (auto i = at; i < end; ++i) batch.push_back({events[i].subject, payloads[i - at]});
            auto appended = log_->append(batch, wall_now());
            if (!appended) {
                why = appended.error().message();
                return false;
            }
            at = end;
        }
        return true;
    }

private:
    std::optional<queue::embedded_log> log_;
};

void show_progress(const sandbox_outcome& out, const sandbox::peers_snapshot& peers, double seconds) {
    std::cerr << "  " << static_cast<int>(seconds) << " s: " << out.final << " of " << out.published
              << " changes final, " << peers.smsc.submits << " SMS submitted, " << peers.waiting << " on their way, "
              << static_cast<long>(static_cast<double>(out.final) / std::max(seconds, 0.001)) << " changes/s, "
              << peers.devices.sessions_ended << " sessions\n";
}

/// One run: what surrounds the gateway, the events, and what came of them.
class run {
public:
    run(const sandbox_options& options, sandbox_outcome& out)
        : options_(options), out_(out), place_(options.data_directory), peers_(options.peers) {}

    bool go(std::string& why);

private:
    [[nodiscard]] bool stopped(std::string& why) const {
        if (!options_.stopped || !options_.stopped()) return false;
        why = "stopped by a signal";
        return true;
    }
    /// With a foreign program in the cards' place, what they hold is its own affair.
    [[nodiscard]] bool foreign() const { return !options_.peers.external_card.empty(); }
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    }

    bool tell_story(const gateway_process&, std::string& why);
    bool publish(const std::vector<queue::change_event>&, std::string& why);
    bool until_final(std::string& why);
    void until_devices_are_quiet(std::string& why);
    [[nodiscard]] std::size_t devices_call();
    void show();
    void count();
    void stay();

    const sandbox_options& options_;
    sandbox_outcome& out_;
    workplace place_;
    sandbox::peers peers_;
    demo_story story_;
    publisher publisher_;
    std::optional<status_follower> follower_;
    flow::channel_report channels_;  ///< written by the corridor's thread
    std::vector<queue::change_event> published_;
    std::chrono::steady_clock::time_point began_{};
    double told_ = 0;
    std::string greeting_;  ///< where the console is
};

/// The events of the run: those of the user's file, or changes of files and services.
bool run::tell_story(const gateway_process& gateway, std::string& why) {
    if (!options_.events_file.empty()) return read_events(options_.events_file, story_.at_once, why);
    const auto now = wall_now();
    story_.at_once =
        demo_events(peers_.who(), peers_.profile(), options_.changes, options_.peers.seed, !foreign(), now);
    if (foreign()) return true;
    service_settings services;
    services.accounts = options_.accounts;
    services.dm_address = "http://127.0.0.1:" + std::to_string(gateway.http_port()) + "/dm";
    services.server_id = "org.example.dm";
    services.random = [](std::size_t octets) {
        wire::octets out(octets);
        cards::system_random(out);
        return out;
    };
    services.run = std::to_string(now.time_since_epoch().count());
    add_services(story_, peers_.who(), peers_.profile(), services);
    return true;
}

bool run::publish(const std::vector<queue::change_event>& events, std::string& why) {
    const auto now = wall_now();
    for (const auto& e : events) {
        follower_->expect(e.id, kind_of(peers_.profile(), e), now);
        published_.push_back(e);
    }
    out_.published += events.size();
    return publisher_.publish(events, why);
}

/// What waits for an event is published when that is final, whatever became of it.
bool run::until_final(std::string& why) {
    while (follower_->open() != 0 && seconds() < static_cast<double>(options_.time_limit.count())) {
        if (stopped(why)) return false;
        std::this_thread::sleep_for(milliseconds(20));
        std::vector<queue::change_event> next;
        for (const auto& id : follower_->follow(out_)) {
            const auto after = story_.after.find(id);
            if (after != story_.after.end()) next.insert(next.end(), after->second.begin(), after->second.end());
        }
        if (!next.empty() && !publish(next, why)) return false;
        show();
    }
    if (follower_->open() == 0) return true;
    why = std::to_string(follower_->open()) + " changes are not final after " +
          std::to_string(options_.time_limit.count()) + " s";
    return false;
}

/// Until no session is under way, no user has to answer, and nothing new was told for a while.
void run::until_devices_are_quiet(std::string& why) {
    constexpr double quiet_for = 0.5, longest = 30;
    const auto from = seconds();
    auto last = from;
    std::size_t told = 0;
    while (seconds() - last < quiet_for && seconds() - from < longest && !stopped(why)) {
        std::this_thread::sleep_for(milliseconds(20));
        follower_->follow(out_);
        std::size_t now = 0;
        for (const auto& [kind, line] : out_.by_kind) now += line.incorporated + line.declined;
        if (now != std::exchange(told, now) || peers_.snapshot().devices_busy) last = seconds();
        show();
    }
}

/// A device that called before the gateway had the card's proof could not tell of that change yet: its user has it call
/// again. How many did.
std::size_t run::devices_call() {
    std::set<std::size_t> who;
    for (const auto& e : published_) {
        const auto state = follower_->states().find(e.id);
        const auto card = peers_.who().find_iccid(e.subject);
        const bool object = peers_.profile().find(e.node) == nullptr && e.op != queue::operation::get;
        if (object && card && state != follower_->states().end() && state->second == "applied" &&
            !follower_->told_by_device(e.id))
            who.insert(*card);
    }
    std::size_t calls = 0;
    peers_.with_devices([&](sandbox::device_pool& pool, auto now) {
        for (const auto card : who)
            if (const auto device = pool.device_of(card)) calls += pool.call(*device, now);
    });
    return calls;
}

void run::show() {
    if (options_.quiet || seconds() - told_ < 1) return;
    told_ = seconds();
    show_progress(out_, peers_.snapshot(), told_);
}

bool run::go(std::string& why) {
    if (!write_cards_file(options_.peers, why)) return false;
    if (!peers_.start(why)) return false;
    auto settings = settings_for(place_.path(), peers_);
    settings.http.port = options_.http_port;
    std::string token;
    if (options_.console && !let_console_in(settings, place_.path(), token, why)) return false;
    if (!options_.quiet) std::cerr << "Importing " << peers_.who().size() << " cards\n";
    if (!import_population(settings, peers_.who(), why, options_.stopped) || stopped(why)) return false;
    const fs::path queue_root = settings.queue_directory();
    const auto named = settings;
    process_options with;
    with.on_commit = [this](const flow::commit_report& r) { channels_ += r.channels; };
    gateway_process gateway(std::move(settings), std::move(with));
    if (!gateway.start(why)) return false;
    if (options_.console) {
        greeting_ = console_greeting(named, gateway.http_port(), token, peers_.who(), peers_.profile());
        std::cout << greeting_ << std::flush;
    }
    if (!tell_story(gateway, why) || stopped(why)) return false;

    follower_.emplace(queue::topic_directory(queue_root, queue::topic_status));
    began_ = std::chrono::steady_clock::now();
    if (!publisher_.open(queue::topic_directory(queue_root, queue::topic_changes), why) ||
        !publish(story_.at_once, why))
        return false;
    const bool done = until_final(why);
    out_.seconds = seconds();
    if (done) until_devices_are_quiet(why);
    if (done && why.empty() && devices_call() != 0) until_devices_are_quiet(why);
    const bool stays = options_.console && done && why.empty();
    if (!stays) (void)gateway.stop(std::chrono::seconds(5));
    count();
    if (options_.settled) options_.settled(out_);
    if (stays) {
        stay();
        (void)gateway.stop(std::chrono::seconds(5));
    }
    peers_.stop();
    return done && why.empty();
}

/// What the cards really have, and what it took.
void run::count() {
    if (!foreign()) {
        compare_files(peers_, published_, follower_->states(), out_);
        compare_objects(peers_, published_, follower_->states(), out_);
    }
    const auto snapshot = peers_.snapshot();
    out_.sms = snapshot.smsc.submits;
    out_.devices = snapshot.devices;
    out_.radio = snapshot.radio;
    out_.channels = channels_;
    for (const auto& [name, field] : sandbox::smsc_counts::names) out_.faults.emplace_back(name, snapshot.smsc.*field);
}

/// A change now and then, until it is stopped.
void run::stay() {
    std::cout << "\n"
              << greeting_
              << "It goes on with a few changes a second until Ctrl-C. Now and then one is bad on purpose: it is "
                 "rejected, or becomes a dead letter.\n"
              << std::flush;
    trickle changes(peers_.who(), peers_.profile(), options_.peers.seed);
    std::string why;
    while (options_.stopped && !options_.stopped()) {
        std::this_thread::sleep_for(milliseconds(300));
        if (!publisher_.publish({changes.next(wall_now())}, why)) std::cerr << why << '\n';
    }
}

}  // namespace

bool run_in_sandbox(const sandbox_options& options, sandbox_outcome& out, std::string& why) {
    return run(options, out).go(why);
}

}  // namespace ota::cli
