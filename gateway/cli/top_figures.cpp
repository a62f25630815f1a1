#include "gateway/cli/top_view.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ota::cli {

namespace {

using name_and_metric = std::pair<const char*, const char*>;
constexpr std::array flow{
    name_and_metric{"taken", "otagw_events_taken_total"}, name_and_metric{"packets", "otagw_packets_total"},
    name_and_metric{"segments", "otagw_segments_total"},  name_and_metric{"receipts", "otagw_receipts_total"},
    name_and_metric{"proofs", "otagw_proofs_total"},      name_and_metric{"closed", "otagw_events_closed_total"}};
constexpr std::array waiting{
    name_and_metric{"lag", "otagw_source_lag"}, name_and_metric{"outstanding", "otagw_segments_outstanding"},
    name_and_metric{"outbox", "otagw_outbox_rows"}, name_and_metric{"parked", "otagw_events_parked"}};
constexpr std::array waits{"first-submit", "answer", "receipt", "proof", "final"};

/// A total that fell began anew: the instance was started again.
double rate(double before, double now, double seconds) {
    return seconds > 0 ? std::max(0.0, (now < before ? now : now - before) / seconds) : 0;
}

double value_of(const std::map<std::string, double, std::less<>>& from, const std::string& name) {
    const auto at = from.find(name);
    return at == from.end() ? 0 : at->second;
}

spent time_of(const char* what, const scrape& before, const scrape& now, const char* name, std::string_view label,
              std::string_view value) {
    const auto earlier = before.buckets(name, label, value), later = now.buckets(name, label, value);
    const bool again = std::ranges::any_of(
        later, [&](const auto& b) { return earlier.contains(b.first) && earlier.at(b.first) > b.second; });
    const std::map<double, double> none;
    const auto& from = again ? none : earlier;
    return {what, quantile(0.5, from, later), quantile(0.99, from, later)};
}

void add_routes(const scrape& before, const scrape& now, double seconds, top_figures& out) {
    const auto up = now.by("otagw_route_binds_up", "route"), here = now.by("otagw_route_binds_here", "route");
    const auto window = now.by("otagw_route_window", "route"), used = now.by("otagw_route_window_used", "route");
    const auto queued = now.by("otagw_route_queued", "route"),
               throttled = now.by("otagw_route_throttled_total", "route");
    const auto submits = now.by("otagw_route_submits_total", "route"),
               submits_before = before.by("otagw_route_submits_total", "route");
    for (const auto& [name, binds] : up) {
        out.routes.push_back(
            {name, binds, value_of(here, name), value_of(window, name), value_of(used, name), value_of(queued, name),
             rate(value_of(submits_before, name), value_of(submits, name), seconds), value_of(throttled, name)});
    }
}

}  // namespace

top_figures compare(const instance_look& before, const instance_look& now) {
    top_figures out;
    const auto seconds = std::chrono::duration<double>(now.at - before.at).count();
    const auto versions = now.figures.by("otagw_build_info", "version");
    if (!versions.empty()) out.version = versions.begin()->first;
    out.objections = now.objections;
    for (const auto& [name, metric] : flow)
        out.rates.emplace_back(name, rate(before.figures.sum(metric), now.figures.sum(metric), seconds));
    for (const auto& [name, metric] : waiting) out.backlog.emplace_back(name, now.figures.sum(metric));
    if (const auto age = now.figures.sum("otagw_oldest_unreconciled_seconds"); age > 0) out.oldest_unreconciled_s = age;
    out.closed = now.figures.by("otagw_events_closed_total", "state");
    out.reasons = now.figures.by("otagw_reasons_total", "reason");
    out.quarantined = now.figures.sum("otagw_cards_quarantined");
    out.paused = now.figures.sum("otagw_profiles_paused");
    out.times.push_back(time_of("transaction", before.figures, now.figures, "otagw_commit_seconds", {}, {}));
    out.times.push_back(time_of("store-commit", before.figures, now.figures, "otagw_stage_seconds", "stage", "commit"));
    for (const auto* wait : waits)
        out.times.push_back(time_of(wait, before.figures, now.figures, "otagw_wait_seconds", "stage", wait));
    add_routes(before.figures, now.figures, seconds, out);
    return out;
}

}  // namespace ota::cli
