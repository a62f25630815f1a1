#pragma once

#include "gateway/http/ask.hpp"

#include <memory>

struct addrinfo;

namespace ota::http {

/// A connection of a client to a server, with or without TLS; every wait has an end.
class ask_socket {
public:
    explicit ask_socket(const question&);
    ~ask_socket();
    ask_socket(const ask_socket&) = delete;
    ask_socket& operator=(const ask_socket&) = delete;

    /// Nothing, or why not.
    [[nodiscard]] std::optional<std::string> open();
    [[nodiscard]] bool send(std::string_view);
    enum class state : std::uint8_t { octets, closed, silent, broken, stopped };
    /// What is there, at least one octet, up to 64 KiB.
    [[nodiscard]] state receive(std::string& octets);

private:
    struct tls;
    [[nodiscard]] bool connect_to(const addrinfo&);
    [[nodiscard]] std::optional<std::string> begin_tls();
    [[nodiscard]] bool wait(short what);
    [[nodiscard]] bool wait_for_tls(int result);

    const question& asked_;
    int fd_ = -1;
    std::unique_ptr<tls> tls_;
    bool stopped_ = false;
};

}  // namespace ota::http
