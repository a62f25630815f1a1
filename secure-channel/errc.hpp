#pragma once

#include <string>
#include <system_error>

namespace ota::secure_channel {

enum class errc {
    bad_key = 1,               ///< the key's length does not fit the algorithm
    wrong_key_encryption_key,  ///< sealed under another key-encryption key
    bad_seal,                  ///< the sealed value was altered, or belongs to another card or purpose
    unsupported_algorithm,     ///< implicit, proprietary or reserved KIc or KID where an algorithm is needed
    digital_signature,         ///< SPI asks for a digital signature (DS), which is not offered
    reserved_value,            ///< a reserved coding in SPI
    bad_length,                ///< CPL, CHL, RPL or RHL contradict the octets present
    bad_padding_counter,       ///< PCNTR is larger than the data
    not_a_command_packet,      ///< no command packet identifier: IEI 70 in user data, CPI 01 on a data bearer
    not_a_response_packet,     ///< no response packet identifier: IEI 71, or RPI 02
    bad_user_data_header,      ///< an element of the user data header goes beyond it
    too_long,                  ///< more octets than the format can carry
    bad_script,                ///< a remote command script or its answer is malformed
    no_packet_identifier,      ///< the user data has neither packet identifier (IEI 70 or 71), or no framing of a data
                               ///< bearer was asked
    bad_reference,             ///< a concatenation reference is 0, or does not fit its element
    bad_push,                  ///< a PUSH command is malformed, or breaks a rule of its objects
    unknown_stream_packet,     ///< a stream goes on with octets that begin no packet: it cannot be followed any further
};

const std::error_category& category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

}  // namespace ota::secure_channel

template <>
struct std::is_error_code_enum<ota::secure_channel::errc> : std::true_type {};
