#pragma once

#include "gateway/smpp/tlv.hpp"
#include "secure-channel/wire/octets.hpp"

/// As much of a user data header as classifying needs. [TS 23.040, 9.2.3.24; TS 23.048, 6.2]
namespace ota::smpp {

struct header_elements {
    bool well_formed = false;      ///< UDHL and the elements add up
    bool response_packet = false;  ///< IEI 71
    bool concatenation = false;    ///< IEI 00 or 08
    std::size_t octets = 0;        ///< UDHL included
};

[[nodiscard]] header_elements read_user_data_header(wire::octet_view user_data) noexcept;

/// True where octets in a place that is not meant for it can only be a response packet: IEI 71, and RPL counts the rest
/// (or the packet is one of several parts).
[[nodiscard]] bool is_response_packet(wire::octet_view user_data) noexcept;

/// Concatenation told by the sar_ TLVs becomes the 16-bit reference element, so that one form reaches the receiver.
[[nodiscard]] wire::octets with_concatenation(wire::octet_view content, bool has_header, const tlv_list&);
[[nodiscard]] bool has_sar(const tlv_list&) noexcept;

}  // namespace ota::smpp
