#pragma once

#include "gateway/http/router.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ota::http {

/// What an orchestrator and an operator ask: alive, started, ready, and if not, why not.
///     GET /healthz   200 {"live":true,"reasons":[]}      or 503 {"live":false,"reasons":[{"name":..,"reason":..}]}
///     GET /startupz  200 or 503, "started"               503 until `mark_started`
///     GET /readyz    200 or 503, "ready"                 503 until started, while draining, and while a probe objects
class health {
public:
    /// Nothing when all is well, else one sentence that names what is wrong, without secrets. Called on the server's
    /// threads, at every request: it must be thread-safe and answer from memory.
    using probe = std::function<std::optional<std::string>()>;

    /// Probes are added before the server starts. A failing live probe asks for a restart: only for what a restart
    /// mends.
    void live_when(std::string name, probe check) { live_.push_back({std::move(name), std::move(check)}); }
    void ready_when(std::string name, probe check) { ready_.push_back({std::move(name), std::move(check)}); }

    void mark_started() { started_ = true; }
    /// From now on not ready: traffic should go elsewhere, the process is going to end.
    void mark_draining() { draining_ = true; }

    [[nodiscard]] response live() const;
    [[nodiscard]] response started() const;
    [[nodiscard]] response ready() const;

    struct objection {
        std::string name, reason;
    };
    /// Why it is not ready; none when it is.
    [[nodiscard]] std::vector<objection> objections() const;

    /// Adds the three paths, which answer as long as this object lives.
    void serve_on(router& routes);

private:
    struct condition {
        std::string name;
        probe check;
    };
    std::vector<condition> live_;
    std::vector<condition> ready_;
    std::atomic<bool> started_{false};
    std::atomic<bool> draining_{false};
};

/// Adds GET /metrics, which answers what `text` renders.
void serve_metrics(router& routes, std::string content_type, std::function<std::string()> text);

}  // namespace ota::http
