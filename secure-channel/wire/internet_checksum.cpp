#include "secure-channel/wire/internet_checksum.hpp"

#include <bit>
#include <cstring>

namespace ota::wire {

// The sum of swapped words is the swapped sum [RFC 1071, 2]: words are added as the machine reads them, four at a time,
// and only the result is put into the order of the wire. 64 bits hold the carries of 2^31 steps, far more than any
// packet has.
std::uint16_t internet_sum(octet_view in) noexcept {
    std::uint64_t sum = 0;
    std::size_t at = 0;
    for (; in.size() - at >= 8; at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, in.data() + at, 8);
        sum += (eight & 0xFFFF'FFFF) + (eight >> 32);
    }
    if (at < in.size()) {
        std::uint64_t last = 0;  // the zeros pad an odd end, and add nothing otherwise
        std::memcpy(&last, in.data() + at, in.size() - at);
        sum += (last & 0xFFFF'FFFF) + (last >> 32);
    }
    while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);  // a fold can carry again
    const auto folded = static_cast<std::uint16_t>(sum);
    if constexpr (std::endian::native == std::endian::big) return folded;
    return static_cast<std::uint16_t>(folded << 8 | folded >> 8);
}

void put_internet_checksum(std::span<std::uint8_t> all, std::size_t at) noexcept {
    const auto checksum = static_cast<std::uint16_t>(~internet_sum(all));
    all[at] = static_cast<std::uint8_t>(checksum >> 8);
    all[at + 1] = static_cast<std::uint8_t>(checksum);
}

}  // namespace ota::wire
