#include "gateway/smpp/switchboard.hpp"

#include <algorithm>
#include <set>

/// What an operator sees of the switchboard.
namespace ota::smpp {

route_counters& route_counters::operator+=(const route_counters& more) noexcept {
    for (const auto total :
         {&route_counters::submits, &route_counters::accepted, &route_counters::temporary, &route_counters::permanent,
          &route_counters::unknown, &route_counters::not_sent, &route_counters::handed_over, &route_counters::throttled,
          &route_counters::receipts, &route_counters::inbound, &route_counters::ignored,
          &route_counters::contradictions, &route_counters::unanswered, &route_counters::malformed,
          &route_counters::stray_responses, &route_counters::connects, &route_counters::disconnects})
        this->*total += more.*total;
    response_seconds += more.response_seconds;
    return *this;
}

/// With those of its sessions.
route_counters switchboard::all_counts(const route& r) const {
    auto out = r.counters;
    for (auto id : r.links) {
        const auto& seen = links_[id].machine.counters();
        out.malformed += seen.malformed_pdus + seen.dropped_tlvs + seen.unknown_commands;
        out.stray_responses += seen.stray_responses;
    }
    return out;
}

route_status switchboard::status(const route& r, const moment& at) const {
    const bool works = r.at == route::stage::works;
    route_status s;
    s.name = r.settings().name;
    s.binds_configured = works ? r.settings().binds : 0;
    s.binds_here = r.share.ours(at.now) ? r.share.binds : 0;
    s.queued = r.queue.size();
    s.rate_in_segments_per_s = r.pace.rate();
    if (r.pace.paused_until() > at.now)
        s.throttled_until =
            at.wall + std::chrono::duration_cast<std::chrono::milliseconds>(r.pace.paused_until() - at.now);
    s.last_fault = r.last_fault;
    s.counters = all_counts(r);
    if (const auto before = past_.find(s.name); before != past_.end()) s.counters += before->second;
    std::set<unsigned> open;
    for (auto id : r.links) {
        const auto at_stage = links_[id].at;
        if (at_stage != link::stage::waiting && at_stage != link::stage::stopped) open.insert(links_[id].bind);
        const auto& machine = links_[id].machine;
        if (!machine.can_submit()) continue;
        ++s.binds_up;
        s.window += r.settings().window;
        s.window_used += machine.in_flight();
    }
    s.binds_open = static_cast<unsigned>(open.size());
    return s;
}

std::vector<route_status> switchboard::status(const moment& at) const {
    std::vector<route_status> out;
    for (const auto i : named_) out.push_back(status(routes_[i], at));
    // One that leaves counts with the one that came in its place.
    for (const auto& r : routes_) {
        if (r.at != route::stage::leaves) continue;
        auto last = status(r, at);
        const auto heir = std::ranges::find(out, last.name, &route_status::name);
        if (heir == out.end()) {
            out.push_back(std::move(last));
            continue;
        }
        heir->binds_open += last.binds_open;
        heir->counters += all_counts(r);
    }
    return out;
}

}  // namespace ota::smpp
