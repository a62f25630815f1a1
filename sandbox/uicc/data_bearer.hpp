#pragma once

#include "sandbox/uicc/card_link.hpp"
#include "sandbox/uicc/push_order.hpp"

#include <deque>

namespace ota::sandbox {

/// What a card does with a data channel. It keeps one.
struct bearer_settings {
    std::uint16_t buffer_size = 1400;  ///< octets, when the server does not say
    std::uint16_t largest_sdu = 8192;  ///< octets; a server may ask for less
    std::chrono::milliseconds patience{
        60'000};                             ///< on an open channel without a link, and on a stream that brings nothing
    std::uint8_t identification_tag = 0x03;  ///< of the identification packet; see docs/unconfirmed.md
};

/// A data channel of the card, from the PUSH that orders it until it is closed. A machine: orders, responses, events
/// and time come in, commands for the terminal and SDUs go out. One command at a time.
class data_bearer {
public:
    /// iccid: the image of EF(ICCID), who the card is unless the server says otherwise.
    data_bearer(bearer_settings settings, wire::octets iccid) : settings_(settings), iccid_(std::move(iccid)) {}

    /// The status word: 9000, 9300 while a channel is there already, 6A80, 6985 for a link without a channel.
    /// chance: what is drawn by lot follows from it.
    [[nodiscard]] std::uint16_t on_order(push_order, std::uint64_t chance, link_time now);
    /// The next command for the terminal; its response comes to `on_response` before the next one is asked for.
    [[nodiscard]] std::optional<proactive_command> next_command();
    void on_response(const terminal_response&, link_time now);
    void on_event(const toolkit_event&, link_time now);
    void on_tick(link_time now);
    [[nodiscard]] std::optional<link_time> due() const;

    /// SDUs that came, each once.
    [[nodiscard]] std::vector<wire::octets> take_received() { return std::exchange(received_, {}); }
    void send(wire::octets sdu, link_time now);
    /// No channel, none ordered.
    [[nodiscard]] bool idle() const noexcept { return stage_ == stage::idle; }

private:
    enum class stage : std::uint8_t { idle, subscribing, opening, open, closing };

    std::uint16_t on(channel_order&&, link_time now);
    std::uint16_t on(link_order&&, link_time now);
    std::uint16_t on(identification_order&&, link_time now);
    [[nodiscard]] proactive_command to_channel(std::uint8_t type, std::uint8_t qualifier, toolkit_elements = {}) const;
    [[nodiscard]] proactive_command opening() const;
    [[nodiscard]] proactive_command next_piece();
    void on_opened(const terminal_response&, link_time now);
    void on_sent(const terminal_response&);
    void on_piece(const terminal_response&, link_time now);
    void on_status(const toolkit_elements&);
    void on_link_up(link_time now);
    void start_link(link_time now);
    void identify();
    [[nodiscard]] bool over_tcp() const noexcept { return request_.protocol == channel_transport::tcp; }
    void hand_over(std::size_t octets, link_time now);
    void take(link_output);
    void link_is_gone();
    void reset();

    bearer_settings settings_;
    wire::octets iccid_;
    bool subscribed_ = false;
    std::uint64_t chance_ = 0;

    stage stage_ = stage::idle;
    std::uint8_t asked_ = 0;  ///< type of the command that the terminal has; 0: none
    channel_request request_;
    std::optional<link_order> ordered_;               ///< the link is not yet there
    std::optional<identification_order> identifies_;  ///< the connection is not yet there
    std::uint8_t channel_ = 0;
    bool up_ = false, ends_ = false, doubts_ = false;
    std::uint16_t buffer_size_ = 0;
    link_time since_{};
    std::unique_ptr<card_link> link_;
    std::deque<wire::octets> sending_;
    std::size_t sent_ = 0;     ///< octets of the first of them
    std::size_t waiting_ = 0;  ///< octets at the terminal, as far as it said
    std::size_t fetched_ = 0;  ///< octets asked for last
    wire::octets arrived_;     ///< of a datagram
    std::vector<wire::octets> received_;
};

}  // namespace ota::sandbox
