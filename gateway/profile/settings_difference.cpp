#include "gateway/profile/settings_difference.hpp"

#include <algorithm>
#include <set>

namespace ota {
namespace {

using names = std::vector<std::string>;

/// Looks at the fields of two equal things one by one.
template <class S>
class comparison {
public:
    comparison(const S& a, const S& b, std::string prefix, names& out)
        : a_(a), b_(b), prefix_(std::move(prefix)), out_(out) {}

    template <class T>
    comparison& field(const char* name, T S::*member) {
        if (!(a_.*member == b_.*member)) {
            out_.push_back(prefix_ + name);
            named_ = true;
        }
        return *this;
    }
    /// What no line above names is not passed over in silence.
    void rest(const char* name) {
        if (!named_ && !(a_ == b_)) out_.push_back(prefix_ + name);
    }

private:
    const S& a_;
    const S& b_;
    std::string prefix_;
    names& out_;
    bool named_ = false;
};

names fields_of(const route_settings& a, const route_settings& b) {
    names out;
    using r = route_settings;
    comparison(a, b, "", out)
        .field("host", &r::host)
        .field("port", &r::port)
        .field("system_id", &r::system_id)
        .field("password", &r::password)
        .field("system_type", &r::system_type)
        .field("mode", &r::mode)
        .field("binds", &r::binds)
        .field("window", &r::window)
        .field("source.address", &r::source_address)
        .field("source.ton", &r::source_ton)
        .field("source.npi", &r::source_npi)
        .field("destination.ton", &r::destination_ton)
        .field("destination.npi", &r::destination_npi)
        .field("data_coding", &r::data_coding)
        .field("protocol_id", &r::protocol_id)
        .field("esm_class", &r::esm_class)
        .field("registered_delivery", &r::registered_delivery)
        .field("service_type", &r::service_type)
        .field("prefixes", &r::prefixes)
        .field("priority", &r::priority)
        .field("rate", &r::rate)
        .field("message_id.submit", &r::submit_id_form)
        .field("message_id.receipt", &r::receipt_id_form)
        .field("validity", &r::validity)
        .field("validity_maximum", &r::validity_maximum)
        .field("vendor_statuses", &r::vendor_statuses)
        .field("enquire_link", &r::enquire_link)
        .field("connect_timeout", &r::connect_timeout)
        .field("response_timeout", &r::response_timeout)
        .field("reconnect.min", &r::reconnect_min)
        .field("reconnect.max", &r::reconnect_max)
        .field("tls", &r::tls)
        .rest("changed");
    return out;
}

void compare_routes(const std::vector<route_settings>& before, const std::vector<route_settings>& after, names& out) {
    for (const auto& old : before) {
        const auto now = std::ranges::find(after, old.name, &route_settings::name);
        if (now == after.end()) {
            out.push_back("route " + old.name + ": removed");
            continue;
        }
        std::string what;
        for (const auto& each : fields_of(old, *now)) what += (what.empty() ? "" : ", ") + each;
        if (!what.empty()) out.push_back("route " + old.name + ": " + what);
    }
    for (const auto& now : after)
        if (std::ranges::find(before, now.name, &route_settings::name) == before.end())
            out.push_back("route " + now.name + ": added");
    const auto kept = [](const auto& list, const auto& other) {
        names in_both;
        for (const auto& r : list)
            if (std::ranges::find(other, r.name, &route_settings::name) != other.end()) in_both.push_back(r.name);
        return in_both;
    };
    if (kept(before, after) != kept(after, before)) out.emplace_back("routes: their order");
}

void compare_profiles(const profile_set& before, const profile_set& after, names& out) {
    for (const auto& [name, old] : before) {
        const auto now = after.find(name);
        if (now == after.end()) {
            out.push_back("profile " + name + ": removed");
        } else if (now->second->hash != old->hash) {
            out.push_back("profile " + name + ": changed");
        }
    }
    for (const auto& [name, now] : after)
        if (!before.contains(name)) out.push_back("profile " + name + ": added");
}

/// Where the gateway keeps its state, whom it shares it with, and where it listens.
names compare_fixed(const gateway_settings& a, const gateway_settings& b) {
    names out;
    comparison(a, b, "", out)
        .field("data_directory", &gateway_settings::data_directory)
        .field("key_encryption_key_file", &gateway_settings::key_encryption_key_file);
    using st = store_settings;
    comparison(a.store, b.store, "store.", out)
        .field("kind", &st::kind)
        .field("path", &st::path)
        .field("retention", &st::retention)
        .field("postgres", &st::postgres)
        .rest("(other)");
    using qu = queue_settings;
    comparison(a.queue, b.queue, "queue.", out)
        .field("kind", &qu::kind)
        .field("directory", &qu::directory)
        .field("retention", &qu::retention)
        .field("kafka", &qu::kafka)
        .rest("(other)");
    using ht = http_settings;
    comparison(a.http, b.http, "http.", out)
        .field("address", &ht::address)
        .field("port", &ht::port)
        .field("threads", &ht::threads)
        .field("streams", &ht::streams)
        .field("failures_per_minute", &ht::failures_per_minute)
        .field("body_limit", &ht::body_limit)
        .field("audit_directory", &ht::audit_directory);
    if (a.http.tls.enabled() != b.http.tls.enabled()) out.emplace_back("http.tls: on or off");
    using dm = dm_settings;
    comparison(a.dm, b.dm, "dm.", out)
        .field("sessions", &dm::sessions)
        .field("max_message", &dm::max_message)
        .field("silence", &dm::silence)
        .field("allow_basic", &dm::allow_basic)
        .rest("(other)");
    using bp = bip_settings;
    comparison(a.bip, b.bip, "bip.", out)
        .field("enabled", &bp::enabled)
        .field("address", &bp::address)
        .field("port", &bp::port)
        .field("tcp", &bp::tcp)
        .field("public.address", &bp::public_address)
        .field("public.port", &bp::public_port)
        .rest("(limits and times)");
    comparison(a.flow, b.flow, "flow.", out).field("commit_window", &flow_settings::commit_window);
    if (cat_tp_ports(a.profiles) != cat_tp_ports(b.profiles)) out.emplace_back("profiles: bip.cat_tp_port");
    return out;
}

}  // namespace

std::vector<std::uint16_t> cat_tp_ports(const profile_set& profiles) {
    std::set<std::uint16_t> ports;
    for (const auto& [name, profile] : profiles) {
        if (profile->bip && profile->bip->protocol == bip_protocol::cat_tp) ports.insert(profile->bip->cat_tp_port);
    }
    return {ports.begin(), ports.end()};
}

settings_difference difference_between(const gateway_settings& running, const gateway_settings& fresh) {
    settings_difference out;
    out.fixed = compare_fixed(running, fresh);
    compare_routes(running.routes, fresh.routes, out.changed);
    compare_profiles(running.profiles, fresh.profiles, out.changed);
    if (running.sources != fresh.sources) out.changed.emplace_back("sources");
    if (running.log != fresh.log) out.changed.emplace_back("log.level");
    comparison(running.http, fresh.http, "http.", out.changed)
        .field("tokens", &http_settings::tokens)
        .field("rate", &http_settings::rate)
        .field("tls", &http_settings::tls);
    if (running.mask_cards != fresh.mask_cards) out.changed.emplace_back("log.mask_cards");
    using fl = flow_settings;
    comparison(running.flow, fresh.flow, "flow.", out.changed)
        .field("batch", &fl::batch)
        .field("submissions_in_flight", &fl::submissions_in_flight)
        .field("event_life", &fl::event_life)
        .field("unknown_card", &fl::unknown_card)
        .field("drain_deadline", &fl::drain_deadline);
    return out;
}

}  // namespace ota
