#pragma once

#include "secure-channel/cat_tp/first_look.hpp"
#include "secure-channel/cat_tp/inbound.hpp"
#include "secure-channel/cat_tp/outbound.hpp"

namespace ota::cat_tp {

struct link_settings {
    std::uint16_t max_pdu = 1400;   ///< octets; announced and accepted; what we send is min(this, the peer's)
    std::uint16_t max_sdu = 65535;  ///< octets; announced and accepted
    std::uint16_t window = 10;      ///< PDUs that we hold for the peer, 1 to 1024
    milliseconds first_rto{3000}, min_rto{1000}, max_rto{60000};
    std::uint8_t retries = 5, set_up_retries = 4;
    milliseconds keep_alive{20000};    ///< NUL while the owner says that work is pending; 0: never
    milliseconds idle{60000};          ///< without work: closed by us with RST 0; 0: never
    milliseconds stalled{300000};      ///< the peer answers but takes no data: given up; 0: never
    std::uint16_t under_way = 64;      ///< PDUs of ours unacknowledged at most, whatever window the peer offers
    std::uint32_t backlog = 1u << 18;  ///< octets of SDUs queued at most; a single SDU always fits
};

enum class close_cause : std::uint8_t {
    by_us,
    by_peer,
    refused,            ///< before the connection stood
    retries_exhausted,  ///< the peer is silent, or takes nothing
    idle,
    half_open,  ///< the peer knows nothing of this connection: it began anew
    protocol,   ///< the peer broke the rules
};

/// One CAT_TP connection as a value: (datagram or time) -> actions. No socket, clock or random inside. [TS 102 127, 5]
class link {
public:
    enum class state : std::uint8_t { syn_sent, syn_received, open, close_wait, closed };

    struct transmit {
        wire::octets datagram;
    };
    struct opened {
        std::uint16_t max_pdu = 0, max_sdu = 0;  ///< octets, of the peer
    };
    struct received {
        wire::octets sdu;
    };
    struct acknowledged {
        std::uint64_t sdu = 0;  ///< all its PDUs are acknowledged: a hint, not a proof (R8)
    };
    struct ended {  ///< exactly once; nothing follows
        close_cause why = close_cause::by_us;
        std::optional<reset_reason> reason;  ///< of the RST that was sent or received
    };
    using action = std::variant<transmit, opened, received, acknowledged, ended>;
    using actions = std::vector<action>;

    /// The side that opens (a card): SYN goes out. `dice` seeds jitter.
    link(const link_settings&, std::uint16_t own_port, std::uint16_t peer_port, wire::octets identification,
         std::uint16_t first_sequence, std::uint64_t dice, time_point now, actions&);
    /// The side that waits: on a SYN that `first_look` found good. SYN+ACK with an empty identification goes out.
    link(const link_settings&, const pdu& syn, std::uint16_t first_sequence, std::uint64_t dice, time_point now,
         actions&);

    void on_pdu(const pdu&, time_point now, actions&);
    void on_tick(time_point now, actions&);
    /// Queues an SDU. Answers its number (from 1). Errors: empty, larger than the peer's max SDU, not open, closing,
    /// backlog full.
    [[nodiscard]] wire::result<std::uint64_t> send(wire::octets sdu, time_point now, actions&);
    /// Drains what is queued, then RST 0: an RST overtakes what is unacknowledged. A reason other than normal_end is
    /// sent at once.
    void close(time_point now, actions&, reset_reason = reset_reason::normal_end);
    /// Work is pending: keep the path open with NUL, and do not close for idleness.
    void work_pending(bool, time_point now);
    /// A NUL now, whose acknowledgement is a sign of life. Nothing when the connection does not stand.
    void probe(time_point now, actions&);

    [[nodiscard]] state now_in() const noexcept { return state_; }
    [[nodiscard]] std::optional<time_point> due() const noexcept;                      ///< next on_tick
    [[nodiscard]] std::uint16_t max_sdu() const noexcept { return peer_max_sdu_; }     ///< octets, the peer's
    [[nodiscard]] std::size_t held() const noexcept { return in_.held(); }             ///< PDUs received out of order
    [[nodiscard]] std::size_t under_way() const noexcept { return out_.under_way(); }  ///< PDUs of ours unacknowledged
    [[nodiscard]] std::size_t backlog() const noexcept {
        return out_.backlog();
    }                                                   ///< octets of SDUs that are not through
    [[nodiscard]] std::size_t memory() const noexcept;  ///< octets, with what is on the heap
    /// A PDU that could belong to this connection: ports, acknowledgement and sequence number in the windows. For an
    /// owner that has to judge a datagram from another UDP address (NAT rebinding).
    [[nodiscard]] bool plausible(const pdu&) const noexcept;

private:
    link(const link_settings&, std::uint16_t own_port, std::uint16_t peer_port, std::uint16_t first_sequence,
         std::uint64_t dice, time_point now, state);

    // What comes in (link_input.cpp).
    void on_syn_sent(const pdu&, time_point now, actions&);
    void on_syn_received(const pdu&, time_point now, actions&);
    void on_open(const pdu&, time_point now, actions&);
    void on_traffic(const pdu&, const traffic&, time_point now, actions&);
    void on_reset(reset_reason, time_point now, actions&);
    void answer_stray(const pdu&, time_point now, actions&);
    [[nodiscard]] bool acceptable(const pdu&) const noexcept;
    bool take_in(const pdu&, const traffic&, time_point now, actions&);

    // What time brings (link_time.cpp).
    void on_set_up_tick(time_point now, actions&);
    void on_open_tick(time_point now, actions&);
    [[nodiscard]] std::optional<time_point> quiet_until() const noexcept;

    // What goes out (link.cpp).
    void take_limits(const pdu& syn, const set_up&) noexcept;
    void become_open(const pdu&, time_point now, actions&);
    void pump(time_point now, actions&);
    void settle_probe(time_point now);
    void conclude_drained(time_point now, actions&);
    [[nodiscard]] pdu blank(std::uint16_t sequence) const noexcept;
    void emit(const pdu&, actions&);
    void emit_set_up(time_point now, actions&);
    void emit_numbered(const outbound::numbered&, time_point now, actions&);
    void emit_acknowledgement(actions&);
    void emit_foreign_reset(std::uint16_t acknowledgement, actions&);
    void end(close_cause, reset_reason, time_point now, actions&);
    void over(state, close_cause, reset_reason, time_point now, actions&);

    link_settings settings_;
    patience patience_;
    inbound in_;
    outbound out_;
    wire::octets identification_;  ///< of our SYN, until the connection stands
    std::uint16_t own_port_, peer_port_;
    std::uint16_t first_sequence_;  ///< of our SYN
    std::uint16_t peer_max_pdu_ = 0, peer_max_sdu_ = 0;
    state state_;
    bool closing_ = false;
    bool work_ = false;
    bool owed_ = false;                ///< the peer's PDU is not acknowledged yet
    bool repeated_ = false;            ///< SYN: its answer is no sample of the round trip
    std::uint8_t tries_ = 0;           ///< of SYN; then probes of a closed window
    time_point timer_;                 ///< of SYN; then end of CLOSE-WAIT
    time_point active_;                ///< data, NUL or anything of the peer's
    time_point path_used_;             ///< any datagram, either way: what keeps a binding of a NAT
    time_point progress_;              ///< of our data
    time_point next_stray_;            ///< when a stray PDU that takes no number is answered again
    std::optional<time_point> probe_;  ///< of a closed window
};

}  // namespace ota::cat_tp
