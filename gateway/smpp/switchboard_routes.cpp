#include "gateway/smpp/switchboard.hpp"

#include <algorithm>
#include <utility>

/// Routes that come, change and go while the others work.
namespace ota::smpp {
namespace {

/// What a connection is made with; all else is taken over without making it anew.
bool same_connection(const route_settings& a, const route_settings& b) {
    return a.host == b.host && a.port == b.port && a.system_id == b.system_id && a.password == b.password &&
           a.system_type == b.system_type && a.mode == b.mode && a.tls == b.tls;
}

std::vector<bind_kind> kinds_of(bind_mode mode) {
    if (mode == bind_mode::transmitter_receiver) return {bind_kind::transmitter, bind_kind::receiver};
    return {bind_kind::transceiver};
}

}  // namespace

std::size_t switchboard::admit(route_settings settings, time_point now) {
    const auto place = std::ranges::find(routes_, route::stage::gone, &route::at);
    const auto index = static_cast<std::size_t>(place - routes_.begin());
    if (place == routes_.end()) {
        routes_.emplace_back(std::move(settings));
    } else {
        *place = route(std::move(settings));
    }
    if (shared_) routes_[index].share = {};
    open_links(index, now);
    return index;
}

/// One link for each session of each bind, as far as there are none.
void switchboard::open_links(std::size_t index, time_point now) {
    auto& r = routes_[index];
    const auto& s = r.settings();
    const auto kinds = kinds_of(s.mode);
    for (auto bind = static_cast<unsigned>(r.links.size() / kinds.size()); bind < s.binds; ++bind) {
        for (auto kind : kinds) {
            const auto id = free_links_.empty() ? static_cast<link_id>(links_.size()) : free_links_.back();
            const bool fresh = id == links_.size();
            auto machine = fresh ? session(session_of(s, kind)) : links_[id].machine.successor(session_of(s, kind));
            link made{id, index, bind, kind, std::move(machine), {s.reconnect_minimum, s.reconnect_maximum}};
            made.next_attempt = now;
            if (fresh) {
                links_.push_back(std::move(made));
            } else {
                links_[id] = std::move(made);
                free_links_.pop_back();
            }
            r.links.push_back(id);
        }
    }
}

void switchboard::set_routes(std::vector<route_settings> settings, const moment& at, turn& out) {
    if (stopping_) return;
    const auto before = std::exchange(named_, {});
    for (auto& each : settings) {
        const auto old =
            std::ranges::find_if(before, [&](std::size_t i) { return routes_[i].settings().name == each.name; });
        if (old == before.end() || !same_connection(routes_[*old].settings(), each)) {
            named_.push_back(admit(std::move(each), at.now));
            continue;
        }
        named_.push_back(*old);
        if (routes_[*old].settings() != each) change(routes_[*old], std::move(each), at.now);
        open_links(*old, at.now);
    }
    for (auto i : before)
        if (std::ranges::find(named_, i) == named_.end()) dismiss(routes_[i]);
    std::vector<queued> waiting;
    for (auto& r : routes_) std::ranges::move(r.queue.take_all(), std::back_inserter(waiting));
    for (auto& q : waiting) place(std::move(q), at, out);
    settle(at, out);
}

void switchboard::change(route& r, route_settings settings, time_point now) {
    r.change(std::move(settings));
    const auto& s = r.settings();
    for (auto id : r.links) {
        auto& l = links_[id];
        l.machine.change(session_of(s, l.kind));
        l.reconnect = back_off(s.reconnect_minimum, s.reconnect_maximum);
        l.next_attempt = std::min(l.next_attempt, now + s.reconnect_maximum);
    }
    if (!shared_) r.share = {s.binds, s.rate_in_segments_per_s, time_point::max()};
    r.share.binds = std::min(r.share.binds, s.binds);
    if (r.share.binds > 0) r.pace.set_rate(s.rate_in_segments_per_s * r.share.binds / std::max(1u, s.binds));
}

/// Nothing new is given to it. Its links are not ours any more: they take their last answers, and unbind.
void switchboard::dismiss(route& r) {
    r.at = route::stage::leaves;
    r.share = {};
    for (auto id : r.links)
        if (links_[id].at == link::stage::waiting) links_[id].at = link::stage::stopped;
}

/// When its last link is down.
void switchboard::bury(route& r) {
    if (!std::ranges::all_of(r.links, [&](link_id id) { return links_[id].at == link::stage::stopped; })) return;
    past_[r.settings().name] += all_counts(r);
    if (!stopping_) free_links_.insert(free_links_.end(), r.links.begin(), r.links.end());
    r.links.clear();
    r.at = route::stage::gone;
}

/// A route that was made anew: the SMSC counts the binds of the one before it until they are down.
bool switchboard::follows_another(const route& r) const {
    return std::ranges::any_of(routes_, [&](const route& other) {
        return other.at == route::stage::leaves && other.settings().name == r.settings().name;
    });
}

bool switchboard::may_connect(const link& l, time_point now) const {
    // A bind that another instance has is not tried: a time that is over would wake for nothing, without end.
    return l.at == link::stage::waiting && started_ && ours(l, now) && !follows_another(routes_[l.route]);
}

}  // namespace ota::smpp
