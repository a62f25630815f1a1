#include "gateway/http/health.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <exception>

namespace ota::http {
namespace {

using objection_list = std::vector<health::objection>;

template <class Conditions>
void ask_all(const Conditions& conditions, objection_list& reasons) {
    for (const auto& [name, check] : conditions) {
        try {
            if (auto reason = check()) reasons.push_back({name, std::move(*reason)});
        } catch (const std::exception&) {
            reasons.push_back({name, "the probe failed"});
        }
    }
}

response verdict(std::string_view what, const objection_list& reasons) {
    boost::json::array told;
    for (const auto& [name, reason] : reasons) told.push_back(boost::json::object{{"name", name}, {"reason", reason}});
    const boost::json::object body{{what, reasons.empty()}, {"reasons", std::move(told)}};
    return {.status = reasons.empty() ? 200U : 503U,
            .content_type = "application/json",
            .body = boost::json::serialize(body),
            .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace

response health::live() const {
    objection_list reasons;
    ask_all(live_, reasons);
    return verdict("live", reasons);
}

response health::started() const {
    objection_list reasons;
    if (!started_) reasons.push_back({"start", "the gateway is starting"});
    return verdict("started", reasons);
}

std::vector<health::objection> health::objections() const {
    std::vector<objection> reasons;
    if (!started_) reasons.push_back({"start", "the gateway is starting"});
    if (draining_) reasons.push_back({"stop", "the gateway is stopping and takes no more work"});
    ask_all(ready_, reasons);
    return reasons;
}

response health::ready() const { return verdict("ready", objections()); }

void health::serve_on(router& routes) {
    routes.add("GET", "/healthz", [this](const request&) { return live(); });
    routes.add("GET", "/startupz", [this](const request&) { return started(); });
    routes.add("GET", "/readyz", [this](const request&) { return ready(); });
}

void serve_metrics(router& routes, std::string content_type, std::function<std::string()> text) {
    routes.add("GET", "/metrics", [content_type = std::move(content_type), text = std::move(text)](const request&) {
        return response{.status = 200, .content_type = content_type, .body = text(), .headers = {}};
    });
}

}  // namespace ota::http
