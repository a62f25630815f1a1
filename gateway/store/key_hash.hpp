#pragma once

#include "secure-channel/wire/sip_hash.hpp"

namespace ota::store {

/// The key of a store's hashes: random per store, so that no producer can choose event ids that collide.
using hash_key = wire::sip_key;

/// SipHash of a pair of texts; ("a", "bc") and ("ab", "c") differ.
[[nodiscard]] std::uint64_t hash_of(const hash_key&, std::string_view first, std::string_view second);

}  // namespace ota::store
