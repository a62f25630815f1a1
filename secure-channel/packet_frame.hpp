#pragma once

#include "secure-channel/errc.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>

/// What a bearer puts before the header of a secured packet.
namespace ota::secure_channel {

/// How packets are framed [TS 102 225, 5; TS 31.115, 4]:
///
///     short_message:        | CPL 2 | CHL 1 |        the identifier stands in the user data header
///     data:       | 01 | CPL 1 to 3 | CHL 1 |        as one CAT_TP SDU or in a TCP stream, lengths in BER
///     responses likewise, with 02, RPL and RHL
///
/// CPL counts from CHL on, CHL what follows it up to the RC/CC/DS. Both take part in the check.
enum class framing : std::uint8_t {
    short_message,
    data,                       ///< the check covers the identifier too
    data_identifier_unchecked,  ///< the same octets with a check that begins after the identifier; see
                                ///< docs/unconfirmed.md
};

inline constexpr std::uint8_t command_identifier = 0x01;
inline constexpr std::uint8_t response_identifier = 0x02;
/// Taken for a response's identifier too: senders of both have been described.
inline constexpr std::uint8_t other_response_identifier = 0x04;
inline constexpr std::size_t largest_length = 0xFFFF;  ///< of CPL and RPL

/// A frame as received, with its length held against the octets present.
struct packet_frame {
    std::size_t before = 0;  ///< octets before the header: identifier and lengths
    std::size_t header = 0;  ///< CHL or RHL
};

/// Refuses a length that contradicts the octets present, and a header shorter than `least_header` or beyond the packet.
/// The identifier is the caller's to judge.
[[nodiscard]] wire::result<packet_frame> read_frame(wire::octet_view packet, framing, std::size_t least_header);

/// Octets of the frame when `length` (CPL or RPL) octets follow the length itself.
[[nodiscard]] std::size_t frame_size(framing, std::size_t length) noexcept;
/// length: at most `largest_length`; header: below 128.
void write_frame(wire::writer&, framing, std::uint8_t identifier, std::size_t length, std::size_t header);

/// Octets at the front of a packet that its check leaves out.
[[nodiscard]] constexpr std::size_t unchecked_octets(framing how) noexcept {
    return how == framing::data_identifier_unchecked ? 1 : 0;
}

/// The longest CPL or RPL with which a packet, frame included, has at most `packet_length` octets. 0: not even an empty
/// one has.
[[nodiscard]] std::size_t length_within(framing, std::size_t packet_length) noexcept;

}  // namespace ota::secure_channel
