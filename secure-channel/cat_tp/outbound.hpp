#pragma once

#include "secure-channel/cat_tp/patience.hpp"
#include "secure-channel/cat_tp/pdu.hpp"

namespace ota::cat_tp {

/// What goes out: cuts SDUs into PDUs, keeps them until they are acknowledged, and says which to send again, and when.
class outbound {
public:
    /// One PDU that takes a number, to be sent now.
    struct numbered {
        std::uint16_t sequence = 0;
        bool nul = false;
        bool more = false;
        wire::octet_view data;  ///< into the SDU: good until it is acknowledged
    };

    /// `most_under_way`: PDUs, whatever window the peer offers.
    outbound(std::uint16_t first_sequence, std::uint16_t most_under_way) noexcept
        : next_(static_cast<std::uint16_t>(first_sequence + 1)), most_under_way_(most_under_way) {}

    /// The peer's first word: how much data goes into one PDU, and its window.
    void start(std::size_t octets_per_pdu, std::uint16_t peer_sequence, std::uint16_t window) noexcept;

    /// Answers the SDU's number, from 1.
    std::uint64_t queue(wire::octets sdu);
    /// A new PDU, while there is data and the peer's window takes it.
    [[nodiscard]] std::optional<numbered> next(time_point now, patience&);
    [[nodiscard]] numbered nul(time_point now, patience&);
    /// One whose time ran out, counted as a further try.
    [[nodiscard]] std::optional<numbered> overdue(time_point now, patience&);
    /// One that the peer lacks while it holds several later ones: sent again once before its time.
    [[nodiscard]] std::optional<numbered> hole(time_point now, patience&);
    /// Whether one whose time ran out has been tried `retries` times again.
    [[nodiscard]] bool exhausted(time_point now, unsigned retries) const noexcept;

    /// Whether this can be an acknowledgement of something that was sent. An old one can.
    [[nodiscard]] bool was_sent(std::uint16_t acknowledgement) const noexcept;
    /// Acknowledgement and window of a PDU of the peer; appends the numbers of the SDUs that are through. True: data
    /// was acknowledged.
    bool on_acknowledgement(std::uint16_t acknowledgement, std::uint16_t peer_sequence, std::uint16_t window,
                            time_point now, patience&, std::vector<std::uint64_t>& through);
    /// EACK: what the peer holds out of order need not be sent again.
    void on_held(const std::vector<std::uint16_t>& numbers, time_point now, patience&);

    [[nodiscard]] std::uint16_t next_sequence() const noexcept { return next_; }
    /// PDUs sent and not acknowledged in sequence.
    [[nodiscard]] std::size_t under_way() const noexcept { return flight_.size(); }
    /// Nothing of an SDU is left to send or to be acknowledged.
    [[nodiscard]] bool drained() const noexcept { return sdus_.empty(); }
    [[nodiscard]] std::size_t backlog() const noexcept { return backlog_; }  ///< octets of SDUs that are not through
    /// Data waits, nothing is under way and the peer's window is closed: no timer but the caller's would ever wake it.
    [[nodiscard]] bool blocked() const noexcept;
    [[nodiscard]] bool window_open() const noexcept;
    [[nodiscard]] std::optional<time_point> due() const noexcept;
    [[nodiscard]] std::size_t memory() const noexcept;  ///< octets on the heap
    void release() noexcept;

private:
    struct sent {
        time_point at, due;
        std::uint32_t begin = 0;   ///< within its SDU
        std::uint32_t length = 0;  ///< 0: NUL
        std::uint64_t sdu = 0;
        std::uint16_t sequence = 0;
        std::uint8_t tries = 0;
        bool more = false;
        bool held = false;      ///< by the peer, out of order
        bool repeated = false;  ///< no sample of the round trip any more
        bool hastened = false;  ///< sent again before its time
    };
    struct waiting {
        wire::octets octets;
        std::uint32_t cut = 0;  ///< so much is under way or through
    };

    [[nodiscard]] numbered picture(const sent&) const noexcept;
    numbered launch(sent, time_point now, patience&);
    [[nodiscard]] bool runs(const sent& each) const noexcept { return !each.held || &each == &flight_.front(); }
    [[nodiscard]] bool beyond_window(std::uint16_t sequence) const noexcept;
    [[nodiscard]] const waiting* uncut() const noexcept;
    void update_window(std::uint16_t acknowledgement, std::uint16_t peer_sequence, std::uint16_t window) noexcept;
    void pass(const sent&, std::vector<std::uint64_t>& through);

    std::uint16_t next_;
    std::uint16_t most_under_way_;
    std::uint16_t window_ = 0;
    std::uint16_t told_in_ = 0;    ///< number of the PDU that told the window
    std::uint16_t told_with_ = 0;  ///< its acknowledgement: the window counts from there
    std::uint16_t octets_per_pdu_ = 0;
    std::uint64_t first_sdu_ = 1;  ///< number of the first of sdus_
    std::size_t backlog_ = 0;
    std::vector<sent> flight_;   ///< in order
    std::vector<waiting> sdus_;  ///< in order; the front one is not through
};

}  // namespace ota::cat_tp
