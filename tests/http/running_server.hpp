#pragma once

#include "gateway/http/server.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace ota::http::testing {

/// A server on a free loopback port that echoes at /echo, says hello at /hello and takes its time at /slow.
struct running_server {
    explicit running_server(server_settings with = {}) : it(std::move(with), routes()), port(it.start().value()) {}

    static router routes() {
        router all;
        all.add("GET", "/hello", [](const request& asked) {
            return response{
                .content_type = "text/plain", .body = "hello " + asked.query, .headers = {{"X-Peer", asked.peer}}};
        });
        all.add("POST", "/echo", [](const request& asked) {
            return response{.content_type = "application/octet-stream", .body = asked.body, .headers = {}};
        });
        all.add("DELETE", "/nothing", [](const request&) { return response{.status = 204, .headers = {}}; });
        all.add("GET", "/slow", [](const request&) {
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
            return response{.content_type = "text/plain", .body = "at last", .headers = {}};
        });
        return all;
    }

    server it;
    std::uint16_t port;
};

}  // namespace ota::http::testing
