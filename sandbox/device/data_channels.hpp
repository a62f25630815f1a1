#pragma once

#include "sandbox/device/channel_network.hpp"
#include "sandbox/uicc/channel_objects.hpp"

#include <array>
#include <deque>
#include <functional>
#include <optional>

namespace ota::sandbox {

struct channel_counts {
    std::uint64_t opened = 0;
    std::uint64_t overflows = 0;  ///< datagrams that found the card's receive buffer full
};

/// One channel, as the terminal keeps it.
struct data_channel {
    channel_id id = 0;
    bool tcp = false, link = false, dropped = false;
    std::size_t buffer_size = 0;
    std::deque<wire::octets> received;  ///< a datagram each
    std::size_t waiting = 0;            ///< octets in them
    wire::octets stored;                ///< by SEND DATA, not yet sent
};

/// The data channels that a terminal opens for its card [TS 102 223, 6.4.27 to 6.4.31]: at most seven, each with a
/// buffer for each direction. A datagram that arrived is handed out alone, never together with the next. What happens
/// is told to the card by events, when it has asked for them. A machine; not to be moved.
class data_channels final : public channel_owner {
public:
    /// wake: an event waits for the card; called from within `on_data` and `on_link`.
    data_channels(channel_network&, std::function<void(instant)> wake);
    ~data_channels() override;
    data_channels(const data_channels&) = delete;
    data_channels& operator=(const data_channels&) = delete;

    /// OPEN CHANNEL, CLOSE CHANNEL, RECEIVE DATA, SEND DATA, GET CHANNEL STATUS, SET UP EVENT LIST.
    [[nodiscard]] static bool knows(std::uint8_t type) noexcept;
    [[nodiscard]] terminal_response execute(const proactive_command&);
    /// The data of the next ENVELOPE for the card.
    [[nodiscard]] std::optional<wire::octets> next_event();
    /// The card was reset: all is closed, nothing is subscribed to.
    void reset();

    /// TERMINAL PROFILE with what this adds to it.
    [[nodiscard]] static wire::octets announced_in(wire::octets profile);
    [[nodiscard]] bool any_open() const noexcept;
    [[nodiscard]] const channel_counts& counts() const noexcept { return counts_; }

    void on_data(channel_id, wire::octets, instant now) override;
    void on_link(channel_id, bool up, instant now) override;

private:
    struct event {
        std::uint8_t kind = 0, channel = 0;
    };

    void open(const proactive_command&, terminal_response&);
    void close(const proactive_command&, terminal_response&);
    void receive(const proactive_command&, terminal_response&);
    void send(const proactive_command&, terminal_response&);
    void tell_status(terminal_response&) const;
    /// The channel that a command is for; nothing, and the response says why.
    [[nodiscard]] data_channel* meant(const proactive_command&, terminal_response&);
    [[nodiscard]] channel_status status_of(std::uint8_t number) const noexcept;
    [[nodiscard]] std::uint8_t number_of(channel_id) const noexcept;
    void tell(std::uint8_t kind, std::uint8_t number, instant now);
    void shut(std::uint8_t number);

    channel_network& network_;
    std::function<void(instant)> wake_;
    std::array<std::optional<data_channel>, most_channels> channels_;  ///< number 1 first
    wire::octets subscribed_;
    std::deque<event> events_;
    channel_counts counts_;
};

}  // namespace ota::sandbox
