#pragma once

#include <cstdint>
#include <string_view>

namespace ota::store {

/// The key of a store's hashes: random per store, so that no producer can choose event ids that collide.
struct hash_key {
    std::uint64_t k0 = 0, k1 = 0;
};

/// SipHash-2-4 (Aumasson, Bernstein 2012) of an octet string.
[[nodiscard]] std::uint64_t siphash(const hash_key&, std::string_view) noexcept;

/// Hash of a pair of texts; ("a", "bc") and ("ab", "c") differ.
[[nodiscard]] std::uint64_t hash_of(const hash_key&, std::string_view first, std::string_view second);

}  // namespace ota::store
