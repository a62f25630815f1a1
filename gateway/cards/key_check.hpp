#pragma once

#include "gateway/cards/vault.hpp"
#include "gateway/store/store.hpp"

/// Whether a key-encryption key is the one that a store was written under. The store keeps a sealed constant for that,
/// as the named value `kek_check`; without it a wrong key would only be noticed card by card, each going into
/// quarantine.
namespace ota::cards {

enum class keep_check : std::uint8_t {
    yes,  ///< the first that opens a store with a key leaves the check value there
    no,   ///< nothing is written: a restored copy must not be committed to before its recovery (R3)
};

/// `errc::wrong_key` when the store was written under another key, `errc::rewrap_cut_off` when it stands between two
/// keys, or the store's error. A store without the check value is judged by the keys of its first card.
[[nodiscard]] wire::result<void> check_key(store::store&, const secure_channel::key_encryption_key&,
                                           const random_octets&, keep_check = keep_check::yes);

/// For `keys rewrap`: from the first card on, until the last one is done, the store is under no single key.
/// `errc::wrong_key` when it is under neither of the two.
[[nodiscard]] wire::result<void> begin_rewrap(store::store&, const secure_channel::key_encryption_key& from,
                                              const secure_channel::key_encryption_key& to);
/// Everything is under this key now. Where no card could be read the store is under a third key: it keeps no check
/// value.
[[nodiscard]] wire::result<void> end_rewrap(store::store&, const secure_channel::key_encryption_key& to,
                                            const random_octets&, bool any_card_readable);

}  // namespace ota::cards
