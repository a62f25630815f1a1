#pragma once

#include "secure-channel/packet_frame.hpp"
#include "secure-channel/security_header.hpp"

#include <optional>

namespace ota::secure_channel {

/// What the receiver must remember of the command: a response carries no SPI, KIc or KID [TS 102 225, 5.2].
struct response_expectation {
    security_parameters spi;  ///< only spi2 matters; see `known`
    key_identifier kic;
    key_identifier kid;
    /// false: the command's SPI2 is not known (a packet tool); protection is then read off RHL and tried.
    bool spi2_known = true;
};

struct response {
    toolkit_reference tar;
    replay_counter cntr;
    std::uint8_t pcntr = 0;
    response_status status = response_status::por_ok;
    wire::octets data;
};

struct opened_response {
    response value;
    verification integrity = verification::not_asked;
};

/// Makes the response packet as user data, from the UDH `02 71 00` on (the UDH takes part in the checksum). The pcntr
/// of the response is derived, not taken.
[[nodiscard]] wire::result<wire::octets> seal_response(const response&, const response_expectation&, const key_set&);

/// The TAR of a response packet, in clear, to find the command that it answers. packet: from RPL on, joined, or the
/// whole user data from a UDH `02 71 00` on (the two cannot be mistaken for each other).
[[nodiscard]] wire::result<toolkit_reference> peek_response_tar(wire::octet_view packet);

/// Opens a response packet.
/// `packet`: from RPL on, joined. `header`: the three octets before it as they take part in the checksum: `02 71 00`,
/// tried first; the first three octets of the real first segment are tried after it (cards disagree, see
/// docs/unconfirmed.md).
[[nodiscard]] wire::result<opened_response> open_response(wire::octet_view packet, wire::octet_view first_segment,
                                                          const response_expectation&, const key_set&);

/// The same over data bearers: one SDU, from RPI on. `how` is one of the framings of data bearers.
[[nodiscard]] wire::result<wire::octets> seal_response_sdu(const response&, const response_expectation&, const key_set&,
                                                           framing how = framing::data);
[[nodiscard]] wire::result<toolkit_reference> peek_response_sdu_tar(wire::octet_view sdu);
/// A checksum that covers RPI is tried first, one that does not after it.
[[nodiscard]] wire::result<opened_response> open_response_sdu(wire::octet_view sdu, const response_expectation&,
                                                              const key_set&);

}  // namespace ota::secure_channel
