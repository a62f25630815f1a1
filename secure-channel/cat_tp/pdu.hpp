#pragma once

#include "secure-channel/cat_tp/errc.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

/// CAT_TP, ETSI TS 102 127: a windowed transport that keeps records, one PDU in one UDP datagram.
namespace ota::cat_tp {

inline constexpr std::size_t least_header = 18;             ///< octets
inline constexpr std::size_t longest_identification = 232;  ///< octets: what a header length of 255 leaves
inline constexpr std::size_t most_held = 118;               ///< entries of an EACK, for the same reason

enum class reset_reason : std::uint8_t {  ///< of RST; unknown values are kept
    normal_end = 0,
    set_up_failed = 1,
    temporarily_unable = 2,
    port_not_available = 3,
    unexpected_pdu = 4,
    maximum_retries = 5,
    version_not_supported = 6,
};

/// SYN, or SYN+ACK when pdu::acknowledgement is there.
struct set_up {
    std::uint16_t max_pdu = 0;    ///< largest PDU that the sender takes, header included, in octets
    std::uint16_t max_sdu = 0;    ///< octets
    wire::octets identification;  ///< at most 232 octets
    bool operator==(const set_up&) const = default;
};

struct reset {
    reset_reason reason = reset_reason::normal_end;
    bool operator==(const reset&) const = default;
};

/// ACK, data, EACK, NUL: always with pdu::acknowledgement.
struct traffic {
    bool nul = false;                 ///< never with data
    bool more = false;                ///< SEG: not the last of its SDU
    std::vector<std::uint16_t> held;  ///< EACK: received out of order; empty: no EACK
    wire::octets data;
    bool operator==(const traffic&) const = default;
};

struct pdu {
    std::uint8_t version = 0;  ///< 0 to 3
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint16_t sequence = 0;
    std::optional<std::uint16_t> acknowledgement;  ///< last PDU received in sequence
    std::uint16_t window = 0;                      ///< in PDUs, from the acknowledgement on
    std::variant<traffic, set_up, reset> body;
    bool operator==(const pdu&) const = default;
};

/// Octets of the header that a PDU gets: 18 and its variable part.
[[nodiscard]] std::size_t header_length(const pdu&) noexcept;

[[nodiscard]] wire::result<wire::octets> serialize(const pdu&);

/// A datagram as a PDU. Refuses bad checksums, illegal flag sets, lengths that contradict the datagram
/// (`wire::errc::truncated` and `trailing_octets`) or each other, each with its own error. A version other than 0 is
/// read as if it were 0 and kept: its sender is owed an RST with reason 6.
[[nodiscard]] wire::result<pdu> parse(wire::octet_view datagram);

/// As `parse`, but without a look at the checksum: for tools that show what is wrong with a PDU.
[[nodiscard]] wire::result<pdu> parse_unverified(wire::octet_view datagram);
[[nodiscard]] bool checksum_holds(wire::octet_view datagram) noexcept;

/// The names of the flags that are set in the first octet of a PDU: "SYN", "ACK", "EACK", "RST", "NUL", "SEG", in this
/// order.
[[nodiscard]] std::vector<std::string_view> flag_names(std::uint8_t first_octet);

}  // namespace ota::cat_tp
