#pragma once

#include <string>
#include <system_error>

namespace ota::cat_tp {

enum class errc {
    bad_checksum = 1,    ///< the checksum does not fit the octets
    bad_header_length,   ///< the header length does not fit the flags
    illegal_flags,       ///< flags that no PDU has together, or an acknowledgement that must be there and is not
    bad_identification,  ///< the identification's length contradicts the header's
    data_not_allowed,    ///< data in a SYN, RST or NUL
    bad_version,         ///< a version that two bits cannot hold
    too_long,            ///< more than a header or a UDP datagram can carry
    not_open,            ///< the connection does not stand
    closing,             ///< the connection is being closed
    empty_sdu,           ///< an SDU of no octets has no form
    sdu_too_long,        ///< larger than the peer said that it takes
    backlog_full,        ///< more octets queued than a link keeps
};

const std::error_category& category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

}  // namespace ota::cat_tp

template <>
struct std::is_error_code_enum<ota::cat_tp::errc> : std::true_type {};
