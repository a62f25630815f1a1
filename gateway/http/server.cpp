#include "gateway/http/server.hpp"

#include "gateway/http/connection.hpp"
#include "gateway/http/listener.hpp"

namespace ota::http {

std::string_view name_of(refusal why) noexcept {
    switch (why) {
        case refusal::malformed: return "malformed";
        case refusal::long_header: return "long-header";
        case refusal::long_body: return "long-body";
        case refusal::slow: return "slow";
        case refusal::handshake: return "handshake";
        case refusal::connections: return "connections";
        case refusal::streams: return "streams";
        case refusal::busy: return "busy";
        case refusal::failures: return "failures";
    }
    return "malformed";
}

struct server::shell {
    shell(server_settings with, router routes)
        : shared(std::move(with), std::move(routes)),
          door(shared.settings.threads, shared.settings.tls,
               [this](std::shared_ptr<link> client) { take(std::move(client)); }) {}

    void take(std::shared_ptr<link> client) {
        if (shared.open.size() < shared.settings.connection_limit) return serve(std::move(client), shared);
        shared.refused(refusal::connections, *client);
        client->close();
    }

    exchange shared;  // outlives the listener, whose end closes what is left
    listener door;
    bool running = false;
};

server::server(server_settings with, router routes)
    : shell_(std::make_unique<shell>(std::move(with), std::move(routes))) {}

server::~server() { stop(); }

wire::result<std::uint16_t> server::start() {
    const auto& settings = shell_->shared.settings;
    auto port = shell_->door.start(settings.address, settings.port);
    shell_->running = port.has_value();
    return port;
}

void server::stop() {
    if (!shell_->running) return;
    auto& shared = shell_->shared;
    shell_->door.refuse_more([&shared] { shared.open.drain(); });
    shared.open.wait_until_none(shared.settings.stop_deadline);
    shell_->running = false;
    shared.places.stop();
    shell_->door.stop();
}

}  // namespace ota::http
