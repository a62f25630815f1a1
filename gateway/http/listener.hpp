#pragma once

#include "gateway/http/link.hpp"
#include "gateway/http/tls.hpp"
#include "secure-channel/wire/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ota::http {

/// Accepts clients on one port, with threads of its own that serve their links and take no signals. The only unit of
/// the server that knows Asio.
class listener {
public:
    using taken = std::function<void(std::shared_ptr<link>)>;

    /// New links are under TLS while `identity` has one; null: never.
    listener(unsigned threads, const tls_identity* identity, taken);
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    /// The port. Fails with the error of the operating system.
    [[nodiscard]] wire::result<std::uint16_t> start(const std::string& address, std::uint16_t port);
    /// Takes no more clients, then calls `then` on a thread of its own.
    void refuse_more(std::function<void()> then);
    /// Ends the threads; what the links still waited for never comes.
    void stop();

private:
    struct shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace ota::http
