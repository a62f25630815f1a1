#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>

namespace ota::wire {

/// One's complement sum of the 16-bit big endian words, an odd end padded with a zero octet; not complemented [RFC
/// 1071]. Octets that hold their own checksum sum to FFFF.
[[nodiscard]] std::uint16_t internet_sum(octet_view) noexcept;

/// Puts the complement of the sum at `at`, an even offset where two zero octets stand: the octets then sum to FFFF.
void put_internet_checksum(std::span<std::uint8_t> all, std::size_t at) noexcept;

}  // namespace ota::wire
