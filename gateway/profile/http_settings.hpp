#pragma once

#include "config/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ota {

/// What a caller of the API may; each what those before it may.
enum class api_role : std::uint8_t { read, operate, keys };

struct http_token_settings {
    std::string name;  ///< of the caller, for the audit log
    api_role role = api_role::read;
    std::string file;
    bool operator==(const http_token_settings&) const = default;
};

struct http_tls_settings {
    std::string certificate;  ///< PEM; empty: no TLS
    std::string key;
    std::string client_ca;  ///< empty: clients need no certificate
    [[nodiscard]] bool enabled() const noexcept { return !certificate.empty(); }
    bool operator==(const http_tls_settings&) const = default;
};

struct http_settings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;  ///< 0: any free one
    http_tls_settings tls;
    std::vector<http_token_settings> tokens;   ///< none: nobody may call the API
    unsigned threads = 4;                      ///< calls of the API at once
    unsigned streams = 200;                    ///< clients that follow the events at once
    double rate = 0;                           ///< calls a second of one caller; 0: unlimited
    unsigned failures_per_minute = 60;         ///< answers 401 to one address; beyond them 429
    std::size_t body_limit = 8 * 1024 * 1024;  ///< octets of changes in one call
    std::string audit_directory;               ///< empty: <data directory>/audit
    int line = 0;                              ///< where all this stands
    bool operator==(const http_settings& o) const {
        return address == o.address && port == o.port && tls == o.tls && tokens == o.tokens && threads == o.threads &&
               streams == o.streams && rate == o.rate && failures_per_minute == o.failures_per_minute &&
               body_limit == o.body_limit && audit_directory == o.audit_directory;
    }
};

[[nodiscard]] http_settings read_http(const config::node&, const std::string& folder);

}  // namespace ota
