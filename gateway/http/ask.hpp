#pragma once

#include "gateway/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// The client's side, for commands that ask a running gateway.
namespace ota::http {

struct answer {
    unsigned status = 0;
    std::string body;
};

/// Where a gateway serves HTTP.
struct server_url {
    bool tls = false;
    std::string host;  ///< a name or an address, without brackets
    std::uint16_t port = 0;
};
/// "http://HOST[:PORT]" or "https://..", with nothing behind it but a slash.
[[nodiscard]] std::optional<server_url> parse_url(std::string_view);
[[nodiscard]] std::string to_string(const server_url&);

/// One GET.
struct question {
    server_url to;
    std::string path;
    std::string token;        ///< shown as a bearer token; empty: none
    header_fields headers;    ///< further ones
    std::string authorities;  ///< PEM file of those that may vouch for the server; empty: those of the system
    std::string certificate;  ///< PEM file: the server must show this very one, whatever name it bears; stands above
                              ///< `authorities`
    std::chrono::milliseconds patience{5000};  ///< with each step of a connection, and with silence
    std::function<bool()> stopped;             ///< asked while it waits; may be empty
};

/// What becomes of an answer as it arrives.
struct listener {
    std::function<bool(unsigned status, std::string_view content_type)> begins;  ///< false: it is not wanted
    std::function<bool(std::string_view piece)> body;                            ///< false: enough
};

/// Asks, and hands on what comes. Nothing: the answer came to its end, or was stopped or not wanted; else a sentence
/// that says what went wrong, without the token.
[[nodiscard]] std::optional<std::string> ask(const question&, const listener&);

/// The whole answer, up to `most` octets; nothing with `why`.
[[nodiscard]] std::optional<answer> ask(const question&, std::size_t most, std::string& why);

/// As above, without token: 1 MiB at most. `certificate`: PEM file of the one that it must show under TLS; empty: no
/// TLS.
[[nodiscard]] std::optional<answer> ask(const std::string& address, std::uint16_t port, std::string_view path,
                                        std::chrono::milliseconds patience, const std::string& certificate = {});

}  // namespace ota::http
