#pragma once

#include "secure-channel/crypto.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>

#include <list>
#include <memory>
#include <string_view>
#include <vector>

namespace ota::flow {

/// One key version of a card in clear.
struct card_key {
    std::uint8_t version = 1;  ///< KVN, 1 to 15
    std::uint8_t mac_length = 8;
    secure_channel::secret kic, kid;
};

/// A card's keys as octets, to be wrapped under the key-encryption key (associated data: "keys:" + ICCID), and back.
[[nodiscard]] secure_channel::secret serialize_keys(const std::vector<card_key>&);
[[nodiscard]] wire::result<std::vector<card_key>> parse_keys(wire::octet_view);
[[nodiscard]] std::string keys_purpose(std::string_view iccid);

/// A card's key sets, ready to use, with the schedules that they have made so far.
struct card_keys {
    struct entry {
        std::uint8_t version = 0;
        secure_channel::key_set keys;
    };
    std::vector<entry> sets;  ///< the first one is used to send

    [[nodiscard]] const secure_channel::key_set* find(std::uint8_t version) const noexcept {
        for (const auto& e : sets) {
            if (e.version == version) return &e.keys;
        }
        return nullptr;
    }
};

/// Keys of the cards that are under way, so that schedules are made once between send and proof of receipt. Least
/// recently used go first.
class key_cache {
public:
    key_cache(const secure_channel::key_encryption_key& kek, std::size_t capacity) : kek_(kek), capacity_(capacity) {}

    /// Unwraps when not cached, or when the wrapped octets are others than those it was made of.
    [[nodiscard]] wire::result<card_keys*> keys_of(std::int64_t card, std::string_view iccid, wire::octet_view sealed);

private:
    struct slot {
        std::int64_t card;
        wire::octets sealed_tag;  ///< the last 16 octets of the wrapped keys: their authentication tag
        card_keys keys;
    };
    const secure_channel::key_encryption_key& kek_;
    std::size_t capacity_;
    std::list<slot> slots_;  ///< most recent first
    boost::unordered_flat_map<std::int64_t, std::list<slot>::iterator> at_;
};

}  // namespace ota::flow
