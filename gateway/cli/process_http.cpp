#include "gateway/api/documents.hpp"
#include "gateway/cards/events.hpp"
#include "gateway/cards/vault.hpp"
#include "gateway/cli/process_parts.hpp"
#include "gateway/cli/session_figures.hpp"
#include "gateway/console/console.hpp"
#include "gateway/version.hpp"

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace ota::cli {

/// Devices call POST /dm; whose account they have and what they are asked is the business of gateway/sessions.
void gateway_process::parts::serve_devices(http::router& routes) {
    const auto now = [] {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    };
    sessions::surroundings with{*behind.state,        profiles, cards::guard_under(*kek, cards::system_random),
                                cards::system_random, now,      settings.queue.kind == queue_kind::kafka};
    notifier = std::make_unique<sessions::notifier>(with, *client, *corridor, membership != nullptr);
    link.to = notifier.get();
    devices =
        std::make_unique<sessions::device_sessions>(std::move(with), [this](const sessions::note& n) { tell(log, n); });
    dm = std::make_unique<http::dm_sessions>(table_settings_of(settings.dm), devices->owner());
    dm->serve_on(routes);
    refresh_from(metrics, *devices, *dm);
    if (data_channels) show_data_channels(metrics, [this] { return data_channels->status(); });
    if (membership) {
        auto instances = metrics.make_gauge("otagw_cluster_instances",
                                            "Instances that live, as this one sees it; 0: its own lease is over.");
        metrics.on_render(
            [this, instances]() mutable { instances.set(static_cast<double>(neighbours().alive.size())); });
    }
    dm_clock = std::jthread([this](const std::stop_token& stop) {
        std::mutex alone;
        std::condition_variable_any until;
        std::unique_lock lock(alone);
        while (!until.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; }) && !stop.stop_requested()) {
            if (behind.tick) behind.tick();
            api->tick();
            door->tick();
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
    from.sources = [this] { return cards::known_sources(*reloads.running().settings); };
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
    reloads.add(
        [this](const auto&, const gateway_settings& fresh, auto&, std::vector<std::string>& faults) -> take_over {
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

}  // namespace ota::cli
