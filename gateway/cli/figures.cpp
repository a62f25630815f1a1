#include "gateway/cli/figures.hpp"

#include "queue/event.hpp"

#include <algorithm>
#include <utility>

namespace ota::cli {

figures::figures(ops::metrics& metrics, ops::log& log)
    : metrics_(metrics),
      log_(log),
      events_(counter("otagw_events_taken_total", "Change events taken in.")),
      duplicates_(counter("otagw_events_duplicate_total", "Change events seen before and dropped (R22).")),
      dead_letters_(counter("otagw_dead_letters_total", "Records that could not become an event.")),
      packets_(counter("otagw_packets_total", "Secured packets recorded.")),
      segments_(counter("otagw_segments_total", "Short messages handed to the bearer.")),
      proofs_(counter("otagw_proofs_total", "Proofs of receipt that were verified.")),
      hints_(counter("otagw_hints_total", "Responses that proved nothing (R8).")),
      unmatched_(counter("otagw_unmatched_responses_total", "Responses that no card under way explains.")),
      receipts_(counter("otagw_receipts_total", "Delivery receipts.")),
      pushes_(counter("otagw_pushes_total", "PUSHes that asked a card for a data channel.")),
      channels_(counter("otagw_channels_opened_total", "Data channels that a PUSH was closed by.")),
      channels_failed_(counter("otagw_channels_failed_total", "PUSHes and data channels that came to nothing.")),
      channel_packets_(counter("otagw_channel_packets_total", "Secured packets sent over data channels.")),
      saved_(counter("otagw_short_messages_saved_total",
                     "Short messages that packets proven over data channels would have taken.")),
      commit_seconds_(metrics.make_histogram("otagw_commit_seconds", "Time of one transaction with its work.",
                                             ops::latency_bounds_in_seconds())) {
    for (const auto name : flow::stage_names) {
        stages_.push_back(metrics.make_histogram("otagw_stage_seconds",
                                                 "Work of one transaction in a stage of the corridor.",
                                                 ops::work_bounds_in_seconds(), {{"stage", std::string(name)}}));
    }
    const std::vector<double> bounds(flow::spread::bounds_in_seconds.begin(), flow::spread::bounds_in_seconds.end());
    for (const auto name : flow::wait_names) {
        waits_.push_back(metrics.make_histogram("otagw_wait_seconds",
                                                "How long events and packets wait for a step of their way.", bounds,
                                                {{"stage", std::string(name)}}));
    }
    for (std::uint8_t state = 1; state < 6; ++state) {  // 0 is open: not final
        closed_.push_back(counter("otagw_events_closed_total", "Events by final state.",
                                  {{"state", std::string(queue::name_of(static_cast<queue::event_state>(state)))}}));
    }
}

void figures::on_commit(const flow::commit_report& r) {
    const auto add = [](ops::counter& c, std::size_t n) {
        if (n > 0) c.add(static_cast<double>(n));
    };
    add(events_, r.events);
    add(duplicates_, r.duplicates);
    add(dead_letters_, r.dead_letters);
    add(packets_, r.packets);
    add(segments_, r.segments);
    add(proofs_, r.proofs);
    add(hints_, r.hints);
    add(unmatched_, r.unmatched);
    add(receipts_, r.receipts);
    add(pushes_, r.channels.pushes);
    add(channels_, r.channels.opened);
    add(channels_failed_, r.channels.failed);
    add(channel_packets_, r.channels.packets);
    add(saved_, r.channels.short_messages_saved);
    for (std::size_t state = 1; state < r.closed.size(); ++state) add(closed_[state - 1], r.closed[state]);
    for (const auto& [reason, n] : r.reasons) {
        counter("otagw_reasons_total", "Final states and dead letters by reason code.", {{"reason", reason}})
            .add(static_cast<double>(n));
    }
    if (r.operations > 0) commit_seconds_.observe(std::chrono::duration<double>(r.took).count());
    observe(r.times);
    tell_events(r);
    for (const auto& alert : r.alerts) tell(alert);
}

void figures::observe(const flow::timings& times) {
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        if (times.work[i].count() > 0) stages_[i].observe(std::chrono::duration<double>(times.work[i]).count());
    }
    for (std::size_t i = 0; i < waits_.size(); ++i) {
        if (times.waits[i].any()) waits_[i].observe(times.waits[i].by_bound(), times.waits[i].sum_in_seconds());
    }
}

/// The lines of single events. `event` and `source` name the event, `card` its ICCID; no line has a value (R24).
void figures::tell_events(const flow::commit_report& r) {
    for (const auto& e : r.taken) {
        log_.debug("event taken in", {{"event", e.id}, {"source", e.source}, {"card", e.card}, {"node", e.node}});
    }
    for (const auto& e : r.dead) {
        log_.warning("event dead-lettered",
                     {{"event", e.id}, {"source", e.source}, {"card", e.card}, {"reason", e.reason}});
    }
    for (const auto& e : r.ended) {
        const ops::fields f{{"event", e.id},
                            {"source", e.source},
                            {"card", e.card},
                            {"node", e.node},
                            {"state", queue::name_of(e.state)},
                            {"reason", e.reason}};
        e.state == queue::event_state::rejected ? log_.warning("event rejected", f) : log_.info("event ended", f);
    }
}

void figures::tell(const flow::alert& a) {
    if (!a.card.empty())
        return log_.warning(a.sentence, {{"card", a.card}, {"profile", a.profile}, {"reason", a.reason}});
    if (!a.profile.empty()) return log_.warning(a.sentence, {{"profile", a.profile}, {"reason", a.reason}});
    log_.warning(a.sentence);
}

void figures::refresh_from(std::function<flow::corridor_status()> status,
                           std::function<std::vector<smpp::route_status>()> routes) {
    auto outstanding =
        metrics_.make_gauge("otagw_segments_outstanding", "Short messages at the bearer without an answer.");
    auto unpublished = metrics_.make_gauge("otagw_outbox_rows", "Statuses and dead letters not yet published.");
    auto lag = metrics_.make_gauge("otagw_source_lag", "Change events not yet taken in.");
    auto quarantined =
        metrics_.make_gauge("otagw_cards_quarantined", "Cards in quarantine: nothing goes to them (R14).");
    auto paused =
        metrics_.make_gauge("otagw_profiles_paused", "Profiles that are paused: nothing goes to their cards (R14).");
    auto parked =
        metrics_.make_gauge("otagw_events_parked", "Change events that wait for their card to be imported (R23).");
    auto oldest = metrics_.make_gauge("otagw_oldest_unreconciled_seconds",
                                      "Age of the oldest event without a final state; 0: none is open.");
    metrics_.on_render([this, status = std::move(status), routes = std::move(routes), outstanding, unpublished, lag,
                        quarantined, paused, parked, oldest]() mutable {
        const auto s = status();
        outstanding.set(static_cast<double>(s.outstanding));
        unpublished.set(static_cast<double>(s.unpublished));
        lag.set(static_cast<double>(s.lag));
        quarantined.set(static_cast<double>(s.quarantined_cards));
        paused.set(static_cast<double>(s.paused_profiles));
        parked.set(static_cast<double>(s.parked_events));
        const auto age =
            s.oldest_open_at ? std::chrono::system_clock::now() - *s.oldest_open_at : std::chrono::nanoseconds(0);
        oldest.set(std::max(0.0, std::chrono::duration<double>(age).count()));
        const std::lock_guard alone(showing_);
        auto gone = std::exchange(shown_, {});
        for (auto& r : routes()) {
            refresh_route(r);
            gone.erase(r.name);
            shown_.insert_or_assign(r.name, std::move(r));
        }
        for (auto& [name, r] : gone) {  // removed by a reload: its gauges fall to nothing, its totals stay
            smpp::route_status nothing;
            nothing.name = name;
            nothing.counters = r.counters;
            refresh_route(nothing);
        }
    });
}

void figures::refresh_route(const smpp::route_status& r) {
    const ops::labels route{{"route", r.name}};
    const auto gauge = [&](const char* name, const char* help, double value) {
        metrics_.make_gauge(name, help, route).set(value);
    };
    const auto total = [&](const char* name, const char* help, std::uint64_t value) {
        metrics_.make_counter(name, help, route).raise_to(static_cast<double>(value));
    };
    gauge("otagw_route_binds_up", "Binds that can submit.", r.binds_up);
    gauge("otagw_route_binds_here", "Binds of the route that this instance may have.", r.binds_here);
    gauge("otagw_route_window", "Submits that may be unanswered.", static_cast<double>(r.window));
    gauge("otagw_route_window_used", "Submits that are unanswered.", static_cast<double>(r.window_used));
    gauge("otagw_route_queued", "Short messages waiting for the route.", static_cast<double>(r.queued));
    total("otagw_route_submits_total", "submit_sm written.", r.counters.submits);
    total("otagw_route_accepted_total", "submit_sm accepted.", r.counters.accepted);
    total("otagw_route_throttled_total", "Answers that asked to slow down.", r.counters.throttled);
    total("otagw_route_unknown_total", "submit_sm whose answer never came.", r.counters.unknown);
    total("otagw_route_handed_over_total", "Short messages left to instances that have the binds.",
          r.counters.handed_over);
    total("otagw_route_malformed_total", "PDUs or TLVs that could not be read.", r.counters.malformed);
}

void show_instance(ops::metrics& metrics, const http::health& health, const std::string& version) {
    metrics.make_gauge("otagw_build_info", "The program, by its version; always 1.", {{"version", version}}).set(1);
    std::vector<std::pair<std::string, ops::gauge>> conditions;
    for (const auto& name : health.conditions()) {
        conditions.emplace_back(
            name, metrics.make_gauge("otagw_ready", "Whether this condition of readiness holds; ready: all do.",
                                     {{"reason", name}}));
    }
    metrics.on_render([&health, conditions = std::move(conditions)]() mutable {
        const auto objections = health.objections();
        for (auto& [name, gauge] : conditions) {
            gauge.set(std::ranges::none_of(objections, [&](const auto& o) { return o.name == name; }) ? 1 : 0);
        }
    });
}

}  // namespace ota::cli
