#pragma once

#include "gateway/http/lanes.hpp"
#include "gateway/http/router.hpp"
#include "gateway/http/tls.hpp"
#include "secure-channel/wire/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ota::http {

/// One request that was answered, for a log or a metric.
struct served {
    std::string_view method;
    std::string_view route;  ///< registered path (a bounded set); empty: none matched
    unsigned status = 0;
    std::chrono::microseconds took{};
};

/// Why a client was turned away, for a metric.
enum class refusal : std::uint8_t {
    malformed,
    long_header,
    long_body,
    slow,         ///< header, body or its reading took too long; not: an open connection that asks nothing more
    handshake,    ///< no TLS, or no certificate that the server takes
    connections,  ///< one too many
    streams,      ///< one too many
    busy,         ///< a lane is full
    failures,     ///< the peer came too often without a good token
};
inline constexpr std::size_t refusals = 9;
[[nodiscard]] std::string_view name_of(refusal) noexcept;

/// Another body limit for the paths below a prefix; the longest prefix wins.
struct body_limit {
    std::string prefix;
    std::size_t octets = 0;
};

struct server_settings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;                          ///< 0: any free port
    unsigned threads = 1;                            ///< of the sockets; they answer what has no lane
    std::vector<lane> lanes;                         ///< paths whose handlers may wait
    const tls_identity* tls = nullptr;               ///< while it has a context: TLS alone. Outlives the server
    std::size_t connection_limit = 512;              ///< a connection beyond it is closed at once
    std::size_t header_limit_in_octets = 16 * 1024;  ///< more: 431
    std::size_t body_limit_in_octets = 1024 * 1024;  ///< more: 413
    std::vector<body_limit> body_limits;
    std::size_t stream_limit = 128;     ///< event streams at once; more: 503
    unsigned failures_per_minute = 60;  ///< answers 401 to one address; more: 429, and its connection ends
    std::chrono::milliseconds header_timeout{30'000};  ///< from connect or last answer to the end of the header
    std::chrono::milliseconds body_timeout{30'000};
    std::chrono::milliseconds write_timeout{30'000};
    std::chrono::milliseconds stop_deadline{5'000};               ///< what is still open then is cut
    std::function<void(const served&)> observer;                  ///< called on the server's threads; may be empty
    std::function<void(refusal, std::string_view peer)> refused;  ///< the same
    /// Asked before the handler, where that would run: an answer goes out instead of the handler's. May be empty.
    std::function<std::optional<response>(const request&)> admit;
};

/// The one HTTP/1.1 server: health, metrics, API. Threads of its own, which take no signals.
class server {
public:
    server(server_settings with, router routes);
    ~server();  ///< stops
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Listens and serves; returns the port. Fails with the error of the operating system.
    [[nodiscard]] wire::result<std::uint16_t> start();
    /// Takes no more connections, answers the requests whose header has arrived, and returns when the last connection
    /// is closed or the deadline has passed.
    void stop();

private:
    struct shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace ota::http
