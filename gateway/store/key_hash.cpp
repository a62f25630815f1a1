#include "gateway/store/key_hash.hpp"

#include <bit>

namespace ota::store {

std::uint64_t hash_of(const hash_key& key, std::string_view first, std::string_view second) {
    const std::uint64_t a = wire::sip_hash(key, first);
    return wire::sip_hash({key.k0 ^ a, std::rotl(key.k1, 32) + a}, second);
}

}  // namespace ota::store
