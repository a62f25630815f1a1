#pragma once

#include "gateway/cli/api_parts.hpp"
#include "gateway/cli/backends.hpp"
#include "gateway/cli/campaign_parts.hpp"
#include "gateway/cli/data_channels.hpp"
#include "gateway/cli/figures.hpp"
#include "gateway/cli/gateway_process.hpp"
#include "gateway/cli/http_door.hpp"
#include "gateway/cli/reload.hpp"
#include "gateway/cli/room_settings.hpp"
#include "gateway/cluster/membership.hpp"
#include "gateway/flow/flow.hpp"
#include "gateway/http/dm_sessions.hpp"
#include "gateway/http/health.hpp"
#include "gateway/sessions/device_sessions.hpp"
#include "gateway/sessions/notifier.hpp"
#include "gateway/smpp/client.hpp"

#include <atomic>
#include <optional>
#include <thread>

/// What a gateway process is made of; the last ones know those before them. How it begins and ends:
/// gateway_process.cpp; its place among other instances: process_cluster.cpp; what it serves over HTTP:
/// process_http.cpp.
namespace ota::cli {

/// The client is made before the corridor that it tells; this passes its calls on.
struct observer_link final : bearer::observer {
    bearer::observer* to = nullptr;
    void on_submitted(std::vector<bearer::submitted> v) override { to->on_submitted(std::move(v)); }
    void on_delivered(std::vector<bearer::delivered> v) override { to->on_delivered(std::move(v)); }
};

struct gateway_process::parts {
    parts(gateway_settings s, process_options o)
        : settings(std::move(s)),
          options(std::move(o)),
          log(level_of(settings.log)),
          figures_(metrics, log),
          reloads(settings, options.settings_file, metrics, log),
          profiles(settings.profiles),
          shared_routes(settings.routes) {
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
    take_over prepare_routes(const gateway_settings& running, const gateway_settings& fresh,
                             std::vector<std::string>& faults);

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
    std::unique_ptr<http_door> door;
    std::jthread dm_clock;  ///< ends silent sessions while no device calls; it ends first, for it looks at all above
    bool misconfigured = false, passing = false;
};

}  // namespace ota::cli
