#include "gateway/cli/http_figures.hpp"

namespace ota::cli {

namespace {

// "GET /api/v1/cards/{iccid}": only what is registered becomes a label, whatever a client makes up.
std::string label_of(const http::served& s) {
    if (s.route.empty()) return "none";
    return s.status == 405 ? std::string(s.route) : std::string(s.method) + ' ' + std::string(s.route);
}

}  // namespace

http_figures::http_figures(ops::metrics& metrics)
    : metrics_(metrics),
      recorded_(metrics.make_counter("otagw_audit_records_total", "Operating calls in the audit log.")),
      unrecorded_(metrics.make_counter("otagw_audit_failures_total",
                                       "Operating calls that were done and could not be recorded.")) {
    // From 0 on, or the first of them would be no increase.
    for (std::size_t i = 0; i < http::refusals; ++i) (void)count(name_of(static_cast<http::refusal>(i)));
    for (const auto why : {"no-token", "unknown-token", "role", "rate", "no-certificate", "audit"}) (void)count(why);
}

http_figures::of_route& http_figures::series_of(const std::string& route) {
    const auto known = routes_.find(route);
    if (known != routes_.end()) return known->second;
    auto seconds = metrics_.make_histogram("otagw_http_seconds", "Time that handlers took.",
                                           ops::latency_bounds_in_seconds(), {{"route", route}});
    return routes_.emplace(route, of_route{seconds, {}}).first->second;
}

void http_figures::on_served(const http::served& s) {
    const auto route = label_of(s);
    const std::lock_guard lock(mutex_);
    auto& series = series_of(route);
    series.seconds.observe(std::chrono::duration<double>(s.took).count());
    auto calls = series.calls.find(s.status);
    if (calls == series.calls.end()) {
        auto made = metrics_.make_counter("otagw_http_requests_total", "Requests by route and status.",
                                          {{"route", route}, {"state", std::to_string(s.status)}});
        calls = series.calls.emplace(s.status, made).first;
    }
    calls->second.add();
}

void http_figures::on_denied(std::string_view why) {
    const std::lock_guard lock(mutex_);
    count(why).add();
}

ops::counter& http_figures::count(std::string_view why) {
    const auto known = refused_.find(why);
    if (known != refused_.end()) return known->second;
    auto made = metrics_.make_counter("otagw_http_refused_total", "Clients and calls turned away, by reason.",
                                      {{"reason", std::string(why)}});
    return refused_.emplace(std::string(why), made).first->second;
}

void http_figures::show(const http::event_feed& feed) {
    metrics_.on_render([&feed, clients = metrics_.make_gauge("otagw_http_streams", "Clients that follow the events."),
                        cut = metrics_.make_counter("otagw_http_streams_cut_total",
                                                    "Clients that were too slow for the events, and cut.")]() mutable {
        clients.set(static_cast<double>(feed.clients()));
        cut.raise_to(static_cast<double>(feed.cut_clients()));
    });
}

void http_figures::show(std::function<std::optional<std::chrono::system_clock::time_point>()> certificate_ends) {
    metrics_.on_render([ends = std::move(certificate_ends),
                        left = metrics_.make_gauge("otagw_http_certificate_left_seconds",
                                                   "Until the server's certificate ends; 0 without TLS.")]() mutable {
        const auto at = ends();
        left.set(at ? std::chrono::duration<double>(*at - std::chrono::system_clock::now()).count() : 0);
    });
}

}  // namespace ota::cli
