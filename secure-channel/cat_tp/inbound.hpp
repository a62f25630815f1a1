#pragma once

#include "secure-channel/cat_tp/pdu.hpp"

namespace ota::cat_tp {

/// What comes in: puts numbered PDUs in order and joins SDUs. Holds at most a window of PDUs and one SDU.
class inbound {
public:
    inbound(std::uint16_t window, std::uint16_t max_sdu) noexcept : window_(window), max_sdu_(max_sdu) {}

    /// The peer's SYN had this number.
    void start(std::uint16_t sequence) noexcept { current_ = sequence; }
    /// The last PDU received in sequence: what an acknowledgement tells.
    [[nodiscard]] std::uint16_t current() const noexcept { return current_; }

    /// Whether a PDU of this number is neither old nor too far ahead. What carries no data may be one further: it is
    /// what follows a full window.
    [[nodiscard]] bool fits(std::uint16_t sequence, bool data) const noexcept;
    /// Takes data or NUL whose number fits; appends the SDUs that are whole now. False: the peer's SDU passes the
    /// limit.
    [[nodiscard]] bool take(std::uint16_t sequence, const traffic&, std::vector<wire::octets>& sdus);

    /// The numbers received out of order, nearest first, `most` at most: an EACK.
    [[nodiscard]] std::vector<std::uint16_t> out_of_order(std::size_t most) const;
    [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }
    [[nodiscard]] std::size_t memory() const noexcept;  ///< octets on the heap
    void release() noexcept;

private:
    struct waiting {
        std::uint16_t sequence = 0;
        bool more = false;
        wire::octets data;  ///< empty: NUL
    };

    [[nodiscard]] bool join(const wire::octets& data, bool more, std::vector<wire::octets>& sdus);
    void hold(std::uint16_t sequence, const traffic&);

    std::uint16_t window_, max_sdu_;
    std::uint16_t current_ = 0;
    std::vector<waiting> held_;  ///< in order
    wire::octets partial_;       ///< the SDU so far
};

}  // namespace ota::cat_tp
