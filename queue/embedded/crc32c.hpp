#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>

namespace ota::queue::embedded {

/// CRC-32C (Castagnoli, reflected) [RFC 3720, B.4]; `crc` is that of the octets before these, 0 at the start.
[[nodiscard]] std::uint32_t crc32c(wire::octet_view, std::uint32_t crc = 0) noexcept;

}  // namespace ota::queue::embedded
