#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace ota::http {

/// One connection with a client, plain or under TLS, with one timer of each kind. Calls come from its own strand
/// (`post` gets there), and callbacks run on it; each keeps what it captured alive until it has run. One read and one
/// write at a time.
class link {
public:
    using done = std::function<void(std::error_code, std::size_t)>;
    virtual ~link() = default;

    /// Shakes hands; at once without TLS.
    virtual void open(std::function<void(std::error_code)>) = 0;
    virtual void read(std::span<char> into, done) = 0;
    /// All of the parts, one after the other; they must live until `done`.
    virtual void write(std::array<std::string_view, 2> parts, done) = 0;
    /// Tells the client that nothing more comes; it may still send.
    virtual void finish(std::function<void()>) = 0;
    virtual void close() = 0;
    /// Closes when the time is over; `expires_never` takes that back.
    virtual void expires_after(std::chrono::milliseconds) = 0;
    virtual void expires_never() = 0;
    [[nodiscard]] virtual bool expired() const = 0;
    virtual void wake_after(std::chrono::milliseconds, std::function<void()>) = 0;
    /// Any thread.
    virtual void post(std::function<void()>) = 0;
    [[nodiscard]] virtual const std::string& peer() const = 0;
    /// The client showed a certificate that the server's `client_ca` vouches for.
    [[nodiscard]] virtual bool certified() const = 0;
};

}  // namespace ota::http
