#pragma once

#include "sandbox/smsc_settings.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <variant>

/// What a terminal's data channels lead through. Declared here, so that sockets, faults and tests can stand behind it.
namespace ota::sandbox {

/// Where a channel leads.
struct remote_port {
    bool tcp = false;      ///< else UDP
    wire::octets address;  ///< 4 or 16 octets
    std::uint16_t port = 0;
    bool operator==(const remote_port&) const = default;
};

using channel_id = std::uint64_t;  ///< given once in the life of a network

/// Who is told what became of a channel. Neither is called from within `channel_network`'s functions.
class channel_owner {
public:
    virtual ~channel_owner() = default;
    virtual void on_data(channel_id, wire::octets, instant now) = 0;
    /// The link came up, or went for good.
    virtual void on_link(channel_id, bool up, instant now) = 0;
};

/// Why a channel was not opened: general result, and what follows it.
struct channel_refusal {
    std::uint8_t result = 0;
    wire::octets additional;
};

class channel_network {
public:
    virtual ~channel_network() = default;
    /// UDP is there at once; TCP tells it by `on_link`. The owner outlives the channel.
    virtual std::variant<channel_id, channel_refusal> open(channel_owner&, const remote_port&) = 0;
    /// One datagram, or the next octets of a stream. A channel that is no more takes them and does nothing.
    virtual void send(channel_id, wire::octets) = 0;
    virtual void close(channel_id) = 0;
};

}  // namespace ota::sandbox
