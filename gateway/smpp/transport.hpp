#pragma once

#include "gateway/smpp/client_settings.hpp"
#include "secure-channel/wire/octets.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

/// Streams over TCP or TLS, and one timer, on one thread. The only unit of this room that knows Asio and OpenSSL.
namespace ota::smpp {

/// One connection; never given out twice.
using stream_id = std::uint64_t;

/// What the transport tells, on its thread.
struct transport_observer {
    virtual ~transport_observer() = default;
    /// Connected (TLS included), by `connect` or by a listener.
    virtual void on_open(stream_id) = 0;
    /// False: no more until `resume`.
    virtual bool on_octets(stream_id, wire::octet_view) = 0;
    /// The octets of `write` are in the socket.
    virtual void on_written(stream_id) = 0;
    /// The last call for this stream; `why` is a sentence. Also when `connect` fails.
    virtual void on_closed(stream_id, const std::string& why) = 0;
    virtual void on_timer() = 0;
};

/// PEM files of a listener with TLS; both empty: without.
struct certificate {
    std::string certificate_file;
    std::string private_key_file;
};

class transport {
public:
    explicit transport(transport_observer&);
    ~transport();

    /// Serves until `stop`. Calls the observer from the thread that runs it.
    void run();
    /// Thread-safe.
    void stop();
    /// Thread-safe: calls `what` on the thread of `run`.
    void post(std::function<void()> what);

    // From here on: on the thread of `run`, or before it. -------------------------------------------------------------

    [[nodiscard]] stream_id connect(const std::string& host, std::uint16_t port, const tls_settings&,
                                    std::chrono::milliseconds timeout);
    /// The port it listens on, or 0 with `error` filled.
    [[nodiscard]] std::uint16_t listen(const std::string& address, std::uint16_t port, const certificate&,
                                       std::string& error);

    /// One at a time: the next after `on_written`. Takes the octets and leaves an emptied buffer.
    void write(stream_id, wire::octets&);
    void resume(stream_id);
    /// After the write under way; the peer gets a second to read it and to close too.
    void close(stream_id);
    /// At once.
    void cut(stream_id);
    /// `on_timer` once at this time; a new time replaces the old.
    void wake_at(std::chrono::steady_clock::time_point);

private:
    class loop;
    std::unique_ptr<loop> loop_;
};

}  // namespace ota::smpp
