#include "gateway/http/health.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <exception>

namespace ota::http {
namespace {

void objects(boost::json::array& reasons, std::string_view name, std::string_view reason) {
    reasons.push_back(boost::json::object{{"name", name}, {"reason", reason}});
}

template <class Conditions>
void ask_all(const Conditions& conditions, boost::json::array& reasons) {
    for (const auto& [name, check] : conditions) {
        try {
            if (const auto reason = check()) objects(reasons, name, *reason);
        } catch (const std::exception&) {
            objects(reasons, name, "the probe failed");
        }
    }
}

response verdict(std::string_view what, boost::json::array reasons) {
    const bool good = reasons.empty();
    const boost::json::object body{{what, good}, {"reasons", std::move(reasons)}};
    return {.status = good ? 200U : 503U,
            .content_type = "application/json",
            .body = boost::json::serialize(body),
            .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace

response health::live() const {
    boost::json::array reasons;
    ask_all(live_, reasons);
    return verdict("live", std::move(reasons));
}

response health::started() const {
    boost::json::array reasons;
    if (!started_) objects(reasons, "start", "the gateway is starting");
    return verdict("started", std::move(reasons));
}

response health::ready() const {
    boost::json::array reasons;
    if (!started_) objects(reasons, "start", "the gateway is starting");
    if (draining_) objects(reasons, "stop", "the gateway is stopping and takes no more work");
    ask_all(ready_, reasons);
    return verdict("ready", std::move(reasons));
}

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
