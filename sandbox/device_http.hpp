#pragma once

#include "sandbox/device_pool.hpp"

#include <memory>

namespace ota::sandbox {

/// What came back for a message: 200 with a message, another status, or nothing.
struct http_outcome {
    bool answered = false;
    unsigned status = 0;
    std::string content_type, hmac;
    wire::octets body;
};

struct http_settings {
    unsigned connections = 32;                   ///< open at once; further messages wait
    std::chrono::milliseconds patience{10'000};  ///< for one message and its answer
};

/// Carries devices' messages to DM servers: POST over HTTP/1.1 [SyncML HTTP Binding], connections kept for the next
/// message. The sandbox reaches this machine only: an address that is not 127.0.0.0/8, ::1 or `localhost` has no
/// answer, and nothing is asked of a name server. A thread of its own.
class device_http {
public:
    /// Called on the thread of this object.
    using receiver = std::function<void(std::size_t device, std::uint64_t exchange, const http_outcome&)>;

    device_http(http_settings, receiver);
    ~device_http();  ///< stops
    device_http(const device_http&) = delete;
    device_http& operator=(const device_http&) = delete;

    void start();
    void post(device_message);
    /// What is under way is forgotten, its receiver is not called any more.
    void stop();

    [[nodiscard]] std::uint64_t connections() const noexcept;  ///< opened
    [[nodiscard]] std::uint64_t beyond() const noexcept;       ///< messages for other machines

private:
    struct shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace ota::sandbox
