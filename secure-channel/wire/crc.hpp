#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>

/// Cyclic redundancy checks over two octet strings as if they were one.
namespace ota::wire {

/// CRC-16 of ISO/IEC 13239 (X.25): polynomial 1021 reflected, preset FFFF, complemented. `01 02 03 04 05` gives 22EC.
[[nodiscard]] std::uint16_t crc16(octet_view head, octet_view tail = {}) noexcept;
/// CRC-32 of ISO/IEC 13239 (IEEE 802.3): polynomial 04C11DB7 reflected, preset FFFFFFFF, complemented.
/// `01 02 03 04 05` gives 470B99F4.
[[nodiscard]] std::uint32_t crc32(octet_view head, octet_view tail = {}) noexcept;

}  // namespace ota::wire
