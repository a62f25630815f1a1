#include "queue/embedded/crc32c.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace ota::queue::embedded {
namespace {

using tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Eight tables take eight octets in one step ("slicing by 8"): about 2 GB/s without special instructions.
constexpr tables make_tables() noexcept {
    tables t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
        t[0][i] = crc;
    }
    for (std::size_t k = 1; k < 8; ++k)
        for (std::size_t i = 0; i < 256; ++i) t[k][i] = t[k - 1][i] >> 8 ^ t[0][t[k - 1][i] & 0xff];
    return t;
}

constexpr tables table = make_tables();

}  // namespace

std::uint32_t crc32c(wire::octet_view in, std::uint32_t crc) noexcept {
    static_assert(std::endian::native == std::endian::little);
    crc = ~crc;
    std::size_t at = 0;
    for (; in.size() - at >= 8; at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, in.data() + at, 8);
        word ^= crc;
        crc = 0;
        for (std::size_t k = 0; k < 8; ++k) crc ^= table[7 - k][word >> 8 * k & 0xff];
    }
    for (; at < in.size(); ++at) crc = crc >> 8 ^ table[0][(crc ^ in[at]) & 0xff];
    return ~crc;
}

}  // namespace ota::queue::embedded
