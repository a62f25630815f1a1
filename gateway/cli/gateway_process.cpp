#include "gateway/cli/gateway_process.hpp"

#include "gateway/api/documents.hpp"
#include "gateway/cards/errc.hpp"
#include "gateway/cards/key_check.hpp"
#include "gateway/cards/open_store.hpp"
#include "gateway/cards/vault.hpp"
#include "gateway/cli/api_parts.hpp"
#include "gateway/cli/backends.hpp"
#include "gateway/cli/campaign_parts.hpp"
#include "gateway/cli/data_channels.hpp"
#include "gateway/cli/figures.hpp"
#include "gateway/cli/http_door.hpp"
#include "gateway/cli/reload.hpp"
#include "gateway/cli/room_settings.hpp"
#include "gateway/cli/routes.hpp"
#include "gateway/cli/session_figures.hpp"
#include "gateway/cluster/membership.hpp"
#include "gateway/console/console.hpp"
#include "gateway/flow/flow.hpp"
#include "gateway/http/dm_sessions.hpp"
#include "gateway/http/health.hpp"
#include "gateway/sessions/device_sessions.hpp"
#include "gateway/sessions/notifier.hpp"
#include "gateway/smpp/client.hpp"
#include "gateway/version.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace ota::cli {

namespace {

/// The client is made before the corridor that it tells; this passes its calls on.
struct observer_link final : bearer::observer {
    bearer::observer* to = nullptr;
    void on_submitted(std::vector<bearer::submitted> v) override { to->on_submitted(std::move(v)); }
    void on_delivered(std::vector<bearer::delivered> v) override { to->on_delivered(std::move(v)); }
};

/// What the queue's library says, by syslog levels.
void tell_of_queue(ops::log& log, int level, std::string_view line) {
    constexpr int error = 3, notice = 5;
    if (level <= error) return log.warning("queue", {{"words", line}});
    if (level <= notice) return log.info("queue", {{"words", line}});
    log.debug("queue", {{"words", line}});
}

}  // namespace

struct gateway_process::parts {
    parts(gateway_settings s, process_options o)
        : settings(std::move(s)), options(std::move(o)), log(level_of(settings.log)), figures_(metrics, log),
          reloads(settings, options.settings_file, metrics, log), profiles(settings.profiles), shared_routes(settings.routes) {
        log.set_mask_cards(settings.mask_cards);
    }

    bool open(std::string& why);
    bool open_channels(std::string& why);
    std::optional<flow::channel_parts> channels() const;
    bool serve(std::string& why);
    void accept_reloads();
    void serve_devices(http::router&);
    void serve_api(http::router&);
    bool join(std::string mark, std::string& why);
    std::vector<cluster::route_use> routes_in_use() const;
    cluster::outbox_use outbox_in_use() const;
    void take_share(const cluster::share&);
    flow::neighbourhood neighbours() const;
    std::optional<std::string> routes_fault() const;
    std::optional<std::string> cluster_fault() const;
    take_over prepare_routes(const gateway_settings& running, const gateway_settings& fresh, std::vector<std::string>& faults);

    const gateway_settings settings;  ///< of the start; what runs now is known to `reloads`
    process_options options;
    ops::log log;
    ops::metrics metrics;
    figures figures_;
    reloader reloads;
    current_profiles profiles;
    std::vector<route_settings> shared_routes;  ///< as the membership has them; between two of its shares only
    std::optional<secure_channel::key_encryption_key> kek;
    backends behind;
    observer_link link;
    std::unique_ptr<smpp::client> client;
    link_relay link_events;
    std::optional<bearer::push_tokens> tokens;
    std::unique_ptr<bip::server> data_channels;
    std::unique_ptr<flow::corridor> corridor;
    std::atomic<const flow::corridor*> publisher{nullptr};
    std::unique_ptr<cluster::membership> membership;  ///< of several instances on one store
    std::unique_ptr<flow::flow> thread;
    std::unique_ptr<api_parts> api;
    std::unique_ptr<campaign_parts> campaigns;
    http::health health;
    std::unique_ptr<sessions::device_sessions> devices;
    std::unique_ptr<sessions::notifier> notifier;  ///< has devices call; stands between client and corridor
    std::unique_ptr<http::dm_sessions> dm;
    std::jthread dm_clock;  ///< ends silent sessions while no device calls
    std::unique_ptr<http_door> door;
    bool misconfigured = false, passing = false;
};

gateway_process::gateway_process(gateway_settings settings, process_options options)
    : parts_(std::make_unique<parts>(std::move(settings), std::move(options))) {}

gateway_process::~gateway_process() { stop(std::chrono::milliseconds(0)); }

bool gateway_process::parts::open(std::string& why) {
    std::error_code ec;
    std::filesystem::create_directories(settings.data_directory, ec);
    auto key = cards::load_key_encryption_key(settings.key_encryption_key_path());
    if (!key) {
        why = "the key-encryption key " + settings.key_encryption_key_path() + " cannot be used: " + key.error().message() +
              " (make one with `otagw keys generate`)";
        return false;
    }
    kek = std::move(key.value());
    backend_fault fault;
    const auto tell = [&] {
        why = fault.sentence;
        misconfigured = fault.misconfigured;
        passing = fault.passing;
        return false;
    };
    if (!open_store(settings, behind, fault)) return tell();
    auto* const state = behind.state.get();
    auto mark = mark_of_tools(*state);
    if (!mark) {
        why = cards::name_of_store(settings) + ": " + mark.error().message();
        passing = mark.error() == store::errc::unreachable || mark.error() == store::errc::busy;
        return false;
    }
    if (auto checked = cards::check_key(*state, *kek, cards::system_random); !checked) {
        why = "the key-encryption key " + settings.key_encryption_key_path() + " cannot be used: " + checked.error().message();
        misconfigured = checked.error() == cards::errc::wrong_key;
        passing = checked.error() == store::errc::unreachable;
        return false;
    }
    client = std::make_unique<smpp::client>(client_settings_of(settings.routes), link);
    if (!join(std::move(mark.value()), why)) return false;
    if (!open_channels(why)) return false;
    if (!open_queue(settings, behind, [this](int level, std::string_view line) { tell_of_queue(log, level, line); }, fault)) return tell();

    api = std::make_unique<api_parts>(settings, profiles, *state, *kek, options.instance);
    campaigns = std::make_unique<campaign_parts>(campaign_parts::surroundings{
        *state, settings, profiles, [this] { return reloads.running().settings; }, *kek, metrics, log, options.instance, membership != nullptr});
    corridor = std::make_unique<flow::corridor>(
        corridor_settings_of(settings, options.instance), flow::corridor_parts{*state, *behind.source, *behind.sink, *client, profiles, *kek, cards::system_random,
                                  [this](const flow::commit_report& r) {
                                      figures_.on_commit(r);
                                      api->on_commit(r);
                                      if (options.on_commit) options.on_commit(r);
                                  },
                                  membership ? [this] { return neighbours(); } : std::function<flow::neighbourhood()>(), channels(), [this] { return api->heard(); }});
    link_events.pass_to(*corridor);
    link.to = corridor.get();
    publisher = corridor.get();
    accept_reloads();
    return true;
}

take_over gateway_process::parts::prepare_routes(const gateway_settings& running, const gateway_settings& fresh, std::vector<std::string>& faults) {
    if (running.routes == fresh.routes) return {};
    auto next = client_settings_of(fresh.routes);
    if (!next.routes.empty()) std::ranges::move(smpp::faults(next), std::back_inserter(faults));
    return [this, routes = fresh.routes, with = std::move(next.routes)] {
        if (!membership) return client->set_routes(with);
        membership->set_routes(quotas_of(routes), [&] {
            client->set_routes(with);
            shared_routes = routes;
        });
    };
}

/// Settings that change while it runs: the order is that of what depends on what.
void gateway_process::parts::accept_reloads() {
    using texts = std::vector<std::string>;
    reloads.add([this](const auto&, const gateway_settings& fresh, texts&, texts&) -> take_over {
        return [this, set = fresh.profiles] { profiles.replace(set); };
    });
    reloads.add([this](const auto& running, const auto& fresh, texts&, texts& faults) { return prepare_routes(running, fresh, faults); });
    reloads.add([this](const auto&, const gateway_settings& fresh, texts&, texts&) -> take_over {
        return [this, how = corridor_settings_of(fresh, options.instance), level = level_of(fresh.log), mask = fresh.mask_cards] {
            log.set_level(level);
            log.set_mask_cards(mask);
            corridor->change(how);
        };
    });
}

bool gateway_process::parts::open_channels(std::string& why) {
    if (!settings.bip.enabled) return true;
    wire::sip_key dice;
    cards::system_random({reinterpret_cast<std::uint8_t*>(&dice), sizeof dice});
    tokens.emplace(*kek);
    data_channels = std::make_unique<bip::server>(bip_server_settings_of(settings, dice), *kek, link_events);
    std::string fault;
    if (data_channels->start(fault)) return true;
    why = "bip: " + fault;
    return false;
}

std::optional<flow::channel_parts> gateway_process::parts::channels() const {
    if (!data_channels) return std::nullopt;
    return flow::channel_parts{*data_channels, *tokens, push_target_of(settings.bip, data_channels->udp_port(), data_channels->tcp_port())};
}

/// R5: on a store of several instances this one takes its number, and its share of routes and outbox, before it does anything.
bool gateway_process::parts::join(std::string mark, std::string& why) {
    auto* const table = behind.state->leases();
    if (table == nullptr) return true;
    auto who = cluster::identity::take(settings.data_directory, options.instance, cards::system_random);
    if (!who) {
        why = "instance number " + std::to_string(options.instance) + ": " +
              (who.error() == store::errc::locked ? "another gateway with this data directory runs under it (give each its own --instance)"
                                                  : "data_directory " + settings.data_directory + " cannot be written: " + who.error().message());
        return false;
    }
    cluster::member_settings what;
    what.instance = options.instance;
    what.since = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    what.routes = quotas_of(settings.routes);
    what.settle = cluster::settle_after(settings.store.postgres.lease);
    cluster::membership_parts with{*table, [this] { return routes_in_use(); }, [this] { return outbox_in_use(); },
                                   [this](const cluster::share& s) { take_share(s); }, std::move(mark)};
    membership = std::make_unique<cluster::membership>(std::move(what), std::move(who.value()), settings.store.postgres.lease, std::move(with));
    if (membership->start(why)) return true;
    passing = true;
    membership.reset();
    return false;
}

std::vector<cluster::route_use> gateway_process::parts::routes_in_use() const {
    std::vector<cluster::route_use> out;
    const auto now = client->status();
    for (const auto& r : shared_routes) {  // by name: those that were changed a moment ago may not be there yet
        const auto at = std::ranges::find(now, r.name, &smpp::route_status::name);
        out.push_back(at == now.end() ? cluster::route_use{} : cluster::route_use{at->binds_open, at->binds_up});
    }
    return out;
}

cluster::outbox_use gateway_process::parts::outbox_in_use() const {
    const auto* const c = publisher.load();
    if (c == nullptr) return {};
    using sink = cluster::outbox_use::sink;
    const auto s = c->status();
    return {c->publishing(), !s.sink_ok ? sink::fails : s.last_publication_worked ? sink::works : sink::unknown};
}

void gateway_process::parts::take_share(const cluster::share& s) {
    std::vector<smpp::route_share> shares;
    for (std::size_t i = 0; i < shared_routes.size(); ++i) {
        const auto& r = shared_routes[i];
        shares.push_back({s.binds[i], r.rate * s.binds[i] / std::max(1u, r.binds), s.until});
    }
    client->set_shares(std::move(shares));
}

flow::neighbourhood gateway_process::parts::neighbours() const {
    const auto s = membership->current();
    if (std::chrono::steady_clock::now() >= s.until) return {};
    return {s.alive, s.settled, s.outbox, s.epoch};
}

/// Instances without a bind are ready all the same: what they take in is sent by the others.
std::optional<std::string> gateway_process::parts::cluster_fault() const {
    if (!membership) return std::nullopt;
    const auto s = membership->current();
    if (!s.refused.empty()) return s.refused;
    if (std::chrono::steady_clock::now() < s.until) return std::nullopt;
    const auto why = membership->last_fault();
    return why.empty() ? "the lease of this instance is over: it was paused for too long"
                       : "the lease of this instance is over, and cannot be renewed: " + why;
}

std::optional<std::string> gateway_process::parts::routes_fault() const {
    const auto routes = client->status();
    if (routes.empty()) return "no route is configured";
    for (const auto& r : routes) {
        if (r.binds_up > 0) return std::nullopt;
    }
    if (membership && std::ranges::all_of(routes, [](const auto& r) { return r.binds_here == 0; })) return std::nullopt;
    return "no route has a bind: " + routes.front().name + (routes.front().last_fault.empty() ? "" : ": " + routes.front().last_fault);
}

/// Devices call POST /dm; whose account they have and what they are asked is the business of gateway/sessions.
void gateway_process::parts::serve_devices(http::router& routes) {
    const auto now = [] { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); };
    sessions::surroundings with{*behind.state, profiles, cards::guard_under(*kek, cards::system_random), cards::system_random, now,
                                settings.queue.kind == queue_kind::kafka};
    notifier = std::make_unique<sessions::notifier>(with, *client, *corridor, membership != nullptr);
    link.to = notifier.get();
    devices = std::make_unique<sessions::device_sessions>(std::move(with), [this](const sessions::note& n) { tell(log, n); });
    dm = std::make_unique<http::dm_sessions>(table_settings_of(settings.dm), devices->owner());
    dm->serve_on(routes);
    refresh_from(metrics, *devices, *dm);
    if (data_channels) show_data_channels(metrics, [this] { return data_channels->status(); });
    if (membership) {
        auto instances = metrics.make_gauge("otagw_cluster_instances", "Instances that live, as this one sees it; 0: its own lease is over.");
        metrics.on_render([this, instances]() mutable { instances.set(static_cast<double>(neighbours().alive.size())); });
    }
    dm_clock = std::jthread([this](const std::stop_token& stop) {
        std::mutex alone;
        std::condition_variable_any until;
        std::unique_lock lock(alone);
        while (!until.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; }) && !stop.stop_requested()) {
            if (behind.tick) behind.tick();
            api->tick();
            dm->tick();
            devices->tick();
            notifier->tick();
        }
    });
}

/// The HTTP API. What it works with outlives the server.
void gateway_process::parts::serve_api(http::router& routes) {
    api_sources from;
    from.voice = [this] {
        cards::gateway_voice voice{.asked = true, .answered = true};
        for (const auto& [name, reason] : health.objections()) voice.reasons.push_back(name + ": " + reason);
        return voice;
    };
    from.flow = [this] { return corridor->status(); };
    from.routes = [this] { return client->status(); };
    if (data_channels) from.channels = [this] { return channel_figures_of(data_channels->status()); };
    api::book book(door->surroundings());
    api->add_to(book, door->callers(), std::move(from));
    campaigns->add_to(book);
    api::add_settings_calls(book, {[this] { return reloads.reload(); }, [this] { return reloads.running(); }});
    std::move(book).serve_on(routes);
    door->show(api->feed());
    api::serve_documents(routes);
}

bool gateway_process::parts::serve(std::string& why) {
    door = std::make_unique<http_door>(settings, options.instance, metrics, log);
    misconfigured = !door->load(settings.http, why);
    if (misconfigured || !door->open(why)) return false;
    reloads.add([this](const auto&, const gateway_settings& fresh, auto&, std::vector<std::string>& faults) -> take_over {
        auto next = door->prepare(fresh.http, faults);
        if (!next) return {};
        return [this, next = std::move(next)] { door->take_over(*next); };
    });
    health.ready_when("routes", [this] { return routes_fault(); });
    health.ready_when("flow", [this]() -> std::optional<std::string> {
        const auto s = corridor->status();
        if (s.store_ok && s.source_ok && s.sink_ok) return std::nullopt;
        return s.why;
    });
    health.ready_when("cluster", [this] { return cluster_fault(); });
    http::router routes;
    health.serve_on(routes);
    show_instance(metrics, health, std::string(program_version()));
    http::serve_metrics(routes, std::string(ops::metrics::content_type), [this] { return metrics.text(); });
    serve_devices(routes);
    serve_api(routes);
    console::serve_on(routes);
    return door->serve(std::move(routes), why);
}

bool gateway_process::start(std::string& why) {
    auto& p = *parts_;
    if (!p.open(why)) return false;
    p.figures_.refresh_from([&p] { return p.corridor->status(); }, [&p] { return p.client->status(); });
    if (p.options.http && !p.serve(why)) return false;
    p.thread = std::make_unique<flow::flow>(*p.corridor, *p.behind.source, p.settings.flow.commit_window);
    if (auto started = p.thread->start(); !started) {
        why = "the flow cannot start: " + started.error().message();
        return false;
    }
    p.client->start();
    p.campaigns->start();
    p.health.mark_started();
    p.log.info("started", {{"http_port", static_cast<std::uint64_t>(http_port())}, {"routes", static_cast<std::uint64_t>(p.settings.routes.size())},
                           {"profiles", static_cast<std::uint64_t>(p.settings.profiles.size())},
                           {"bip_port", static_cast<std::uint64_t>(p.data_channels ? p.data_channels->udp_port() : 0)}});
    return true;
}

bool gateway_process::stop(std::chrono::milliseconds deadline) {
    auto& p = *parts_;
    if (!p.thread) return true;
    p.health.mark_draining();
    if (p.campaigns) p.campaigns->stop();
    const auto half = deadline / 2;
    if (p.data_channels) p.data_channels->drain();
    bool settled = p.thread->drain(half);
    if (p.data_channels) p.data_channels->shutdown(half);  // what has no proof by then is read back after the next start
    // What the routes still hold comes back as `not sent`: it is recorded and goes out after the next start, octet for octet.
    p.client->shutdown(half);
    settled = p.thread->drain(std::chrono::milliseconds(500)) || settled;
    p.thread->stop();
    if (p.door) p.door->stop();
    p.dm_clock = {};
    if (p.devices) p.devices->finish_all();
    p.membership.reset();  // before the parts that it asks
    p.thread.reset();
    p.data_channels.reset();
    p.corridor.reset();
    p.client.reset();
    p.door.reset();
    p.campaigns.reset();
    p.dm.reset();
    p.devices.reset();
    p.notifier.reset();
    p.api.reset();
    p.behind = {};
    p.log.info("stopped", {{"settled", settled}});
    return settled;
}

bool gateway_process::outdated() const noexcept { return parts_->membership && parts_->membership->outdated(); }
bool gateway_process::misconfigured() const noexcept { return parts_->misconfigured; }
bool gateway_process::passing() const noexcept { return parts_->passing; }
std::uint16_t gateway_process::http_port() const noexcept { return parts_->door ? parts_->door->port() : std::uint16_t{0}; }
api::reload_result gateway_process::reload() { return parts_->reloads.reload(); }
api::reload_result gateway_process::reload(gateway_settings fresh) { return parts_->reloads.reload(std::move(fresh)); }
api::running_settings gateway_process::settings() const { return parts_->reloads.running(); }
std::vector<smpp::route_status> gateway_process::routes() const { return parts_->client->status(); }
flow::corridor_status gateway_process::status() const { return parts_->corridor->status(); }

}  // namespace ota::cli
