#pragma once

#include "sandbox/radio_network.hpp"

#include <memory>

namespace ota::sandbox {

/// The sockets of all data channels: UDP, each connected to its server, and TCP. One thread for all of them.
class channel_sockets {
public:
    /// Called on the thread of this object. What came over a channel; or its link: up, when a connection stands, or
    /// gone.
    struct receivers {
        std::function<void(channel_id, wire::octets)> data;
        std::function<void(channel_id, bool up)> link;
    };

    explicit channel_sockets(receivers);
    ~channel_sockets();  ///< stops
    channel_sockets(const channel_sockets&) = delete;
    channel_sockets& operator=(const channel_sockets&) = delete;

    void start();
    void post(socket_order);
    /// Receivers are not called any more.
    void stop();

private:
    struct shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace ota::sandbox
