#pragma once

#include "sandbox/device/channel_network.hpp"
#include "sandbox/dice.hpp"
#include "sandbox/radio_options.hpp"

#include <functional>
#include <map>
#include <optional>

namespace ota::sandbox {

/// What a socket shall do for a channel.
struct socket_order {
    enum class kind : std::uint8_t { open, send, close };
    kind what = kind::open;
    channel_id channel = 0;
    remote_port to;     ///< of open
    wire::octets data;  ///< of send
};

/// The radio network between terminals' channels and servers: it loses, doubles, delays and reorders datagrams, refuses
/// channels and cuts links, all by seeded chance. Of a TCP connection only the link is cut. A machine: time is passed
/// in, sockets are ordered by a function. Only this machine is reached: an address that is neither 127.0.0.0/8 nor ::1
/// is refused.
class radio_network final : public channel_network {
public:
    using poster = std::function<void(socket_order)>;

    /// `post` may not call back.
    radio_network(const radio_options&, std::uint64_t seed, poster post);

    /// What time it is for all that happens next.
    void clock(instant now) noexcept { now_ = now; }

    std::variant<channel_id, channel_refusal> open(channel_owner&, const remote_port&) override;
    void send(channel_id, wire::octets) override;
    void close(channel_id) override;

    // What sockets say; a channel that is no more is passed over.
    void on_data(channel_id, wire::octets, instant now);
    /// up: a connection stands. Else: there is no socket, or the other side closed it.
    void on_link(channel_id, bool up, instant now);

    void on_tick(instant now);
    [[nodiscard]] std::optional<instant> next_due() const;
    [[nodiscard]] const radio_counts& counts() const noexcept { return counts_; }

private:
    struct link {
        channel_owner* owner = nullptr;  ///< none: it closed the channel
        bool tcp = false;
        bool cut = false;           ///< it is to be told soon
        std::size_t under_way = 0;  ///< datagrams in the calendar, for the server: they set out before what comes now
    };
    struct passage {
        channel_id channel = 0;
        enum class kind : std::uint8_t { to_server, to_terminal, cut } what = kind::to_server;
        wire::octets data;
    };

    void carry(channel_id, passage::kind, wire::octets data);
    void pass(passage, instant now);
    void forget(std::map<channel_id, link>::iterator);
    [[nodiscard]] link* find(channel_id);
    [[nodiscard]] std::chrono::milliseconds travel();

    radio_options options_;
    dice dice_;
    poster post_;
    instant now_{};
    channel_id last_ = 0;
    std::map<channel_id, link> links_;
    std::multimap<instant, passage> calendar_;
    radio_counts counts_;
};

}  // namespace ota::sandbox
