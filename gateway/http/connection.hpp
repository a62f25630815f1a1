#pragma once

#include "gateway/http/link.hpp"
#include "gateway/http/open_connections.hpp"
#include "gateway/http/rates.hpp"
#include "gateway/http/server.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace ota::http {

/// What all connections of one server share.
struct exchange {
    server_settings settings;
    router routes;
    rates failures;
    lanes places;
    std::atomic<std::size_t> streams{0};
    open_connections open;

    exchange(server_settings s, router r)
        : settings(std::move(s)),
          routes(std::move(r)),
          failures(settings.failures_per_minute / 60.0, settings.failures_per_minute),
          places(settings.lanes) {}

    void refused(refusal why, const link& who) const {
        if (settings.refused) settings.refused(why, who.peer());
    }
};

/// Serves one client from accept to close: header, body, answer, and again. Keeps itself alive.
void serve(std::shared_ptr<link>, exchange&);

}  // namespace ota::http
