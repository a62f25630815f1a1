#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>

/// BER TLV objects with one-octet tags, as remote command scripts use them [TS 102 226, 5.2.1; ISO/IEC 8825-1].
namespace ota::wire {

struct ber_tlv {
    std::uint8_t tag = 0;
    octet_view value;  ///< a view into the input
};

/// A definite length: `00..7F`, `81 xx`, `82 xxxx` or `83 xxxxxx`. Any other coding makes the reader fail.
[[nodiscard]] std::size_t read_ber_length(reader&) noexcept;
/// The next object; a malformed one makes the reader fail.
[[nodiscard]] ber_tlv read_ber_tlv(reader&) noexcept;

/// Shortest definite length. length: below 2^24.
void write_ber_length(writer&, std::size_t length);
void write_ber_tlv(writer&, std::uint8_t tag, octet_view value);

}  // namespace ota::wire
