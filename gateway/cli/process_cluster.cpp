#include "gateway/cards/vault.hpp"
#include "gateway/cli/process_parts.hpp"
#include "gateway/cli/routes.hpp"

#include <algorithm>

namespace ota::cli {

take_over gateway_process::parts::prepare_routes(const gateway_settings& running, const gateway_settings& fresh,
                                                 std::vector<std::string>& faults) {
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

/// R5: on a store of several instances this one takes its number, and its share of routes and outbox, before it does
/// anything.
bool gateway_process::parts::join(std::string mark, std::string& why) {
    auto* const table = behind.state->leases();
    if (table == nullptr) return true;
    auto who = cluster::identity::take(settings.data_directory, options.instance, cards::system_random);
    if (!who) {
        why = "instance number " + std::to_string(options.instance) + ": " +
              (who.error() == store::errc::locked
                   ? "another gateway with this data directory runs under it (give each its own --instance)"
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
    membership = std::make_unique<cluster::membership>(std::move(what), std::move(who.value()),
                                                       settings.store.postgres.lease, std::move(with));
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
    return "no route has a bind: " + routes.front().name +
           (routes.front().last_fault.empty() ? "" : ": " + routes.front().last_fault);
}

}  // namespace ota::cli
