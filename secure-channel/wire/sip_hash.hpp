#pragma once

#include <cstdint>
#include <string_view>

namespace ota::wire {

struct sip_key {
    std::uint64_t k0 = 0, k1 = 0;
};

/// SipHash-2-4 of an octet string [Aumasson, Bernstein 2012].
[[nodiscard]] std::uint64_t sip_hash(const sip_key&, std::string_view octets) noexcept;

}  // namespace ota::wire
