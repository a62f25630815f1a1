#pragma once

#include "gateway/bip/endpoint.hpp"
#include "secure-channel/wire/octets.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace ota::bip {

/// What the sockets tell, on their thread.
struct sockets_observer {
    virtual ~sockets_observer() = default;
    virtual void on_datagram(const endpoint& from, wire::octet_view) = 0;
    virtual void on_connected(std::uint64_t caller, const endpoint& from) = 0;
    virtual void on_octets(std::uint64_t caller, wire::octet_view) = 0;
    /// All that was given to `write` is in the socket.
    virtual void on_written(std::uint64_t caller) = 0;
    /// The last call for this connection. Not after `cut`.
    virtual void on_closed(std::uint64_t caller) = 0;
    virtual void on_timer() = 0;
    /// After a batch of the calls above.
    virtual void on_turn() = 0;
};

/// One UDP socket, a TCP listener and its connections, and one timer, on one thread. The only unit of this room that
/// knows Asio.
class sockets {
public:
    explicit sockets(sockets_observer&);
    ~sockets();

    /// Serves until `stop`. Calls the observer from the thread that runs it.
    void run();
    /// Thread-safe.
    void stop();
    /// Thread-safe: calls `what` on the thread of `run`.
    void post(std::function<void()> what);

    // From here on: on the thread of `run`, or before it.
    // -------------------------------------------------------------------

    /// The port, or 0 with `error` filled.
    [[nodiscard]] std::uint16_t open_udp(const std::string& address, std::uint16_t port, std::string& error);
    [[nodiscard]] std::uint16_t listen_tcp(const std::string& address, std::uint16_t port,
                                           std::chrono::seconds keep_alive, std::string& error);
    void stop_listening();

    /// False: the system did not take it.
    [[nodiscard]] bool send(const endpoint& to, wire::octet_view datagram);
    void write(std::uint64_t caller, wire::octets);
    /// After what is to be written.
    void close(std::uint64_t caller);
    /// At once, and without `on_closed`.
    void cut(std::uint64_t caller);
    /// `on_timer` once at this time; a new time replaces the old.
    void wake_at(std::chrono::steady_clock::time_point);

private:
    class loop;
    std::unique_ptr<loop> loop_;
};

}  // namespace ota::bip
