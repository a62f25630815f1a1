#pragma once

#include "gateway/smpp/bind.hpp"
#include "gateway/smpp/message.hpp"
#include "gateway/smpp/tables.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The SMSC's end of the same session machine, for a simulated SMSC to build on. It answers enquire_link and unbind
/// itself and keeps the window of its own deliver_sm; what a submit_sm gets is the observer's choice.
namespace ota::smpp {

using session_id = std::uint64_t;

struct server_settings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;        ///< 0: any free one, see `server::port`
    std::string certificate_file;  ///< PEM; both given: TLS
    std::string private_key_file;
    unsigned window = 1000;  ///< unanswered deliver_sm per session; more wait in the session's queue
    std::chrono::milliseconds response_timeout{30'000};
    std::chrono::milliseconds enquire_interval{0};  ///< of silence before we ask; 0: never
};

struct bind_decision {
    std::uint32_t command_status = status::ok;
    std::string system_id = "SMSC";
    bool answer = true;  ///< false: the bind is left unanswered
};

struct received_submit {
    session_id session = 0;
    std::uint32_t request = 0;  ///< names it in `response`
    submit_sm message;
};

struct response {
    session_id session = 0;
    std::uint32_t request = 0;
    std::uint32_t command_status = status::ok;
    std::string message_id;
    tlv_list tlvs;          ///< e.g. congestion_state
    bool with_body = true;  ///< false: a header only, as many SMSCs answer errors
};

struct delivery {
    session_id session = 0;
    std::uint64_t token = 0;  ///< comes back in `delivery_answered`
    std::variant<deliver_sm, data_sm> message;
};

struct delivery_answered {
    session_id session = 0;
    std::uint64_t token = 0;
    std::optional<std::uint32_t> command_status;  ///< none: no answer in time, or the session ended, or never sent
};

/// Called on the server's thread; must not block. Batches hold what one read brought.
struct server_observer {
    virtual ~server_observer() = default;
    virtual bind_decision on_bind(session_id, const bind&) { return {}; }
    virtual void on_submit(std::vector<received_submit>) = 0;
    virtual void on_deliver_answered(std::vector<delivery_answered>) {}
    virtual void on_closed(session_id) {}
};

/// Listens, and serves many sessions on one thread of its own. All calls are thread-safe and never block; calls for a
/// session that has ended are dropped (a `delivery` is then answered with no status).
class server {
public:
    /// The observer must outlive the server.
    server(server_settings, server_observer&);
    ~server();  ///< closes every session

    /// Binds and listens; false with `error` filled when that fails (port taken, unreadable certificate).
    [[nodiscard]] bool start(std::string& error);
    [[nodiscard]] std::uint16_t port() const noexcept;

    // Done in the order of the calls: a receipt delivered before the response overtakes it.
    void respond(std::vector<response>);
    void deliver(std::vector<delivery>);

    /// Asks the peer to unbind, then closes.
    void unbind(session_id);
    /// Cuts the connection.
    void close(session_id);
    /// Cuts every connection, goes on listening.
    void close_all();
    /// Octets as they are, for tests of how the other side bears faults.
    void write_raw(session_id, wire::octets);

    /// Ends everything; no observer call comes after it returned. Not from an observer call.
    void stop();

private:
    class shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace ota::smpp
