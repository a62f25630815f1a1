#pragma once

#include "gateway/cards/vault.hpp"
#include "gateway/store/store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace ota::cards {

struct rewrap_report {
    std::size_t cards = 0;                ///< looked at
    std::size_t rewrapped = 0;            ///< cards with something under the old key
    std::size_t already = 0;              ///< cards wholly under the new one
    std::size_t parked = 0;               ///< parked events rewrapped
    std::vector<std::string> unreadable;  ///< ICCIDs under neither key: left alone
};

/// Brings everything that is wrapped in the store from one key-encryption key to another: the keys of every card,
/// secret images and packets in their twins, parked events. A wrapped value says which key it is under, so a run that
/// was cut off is simply run again; until it is done no command or gateway takes the store (`errc::rewrap_cut_off`).
/// `errc::wrong_key` when the store is under neither key. No gateway may run on the store meanwhile: open it
/// exclusively.
[[nodiscard]] wire::result<rewrap_report> rewrap(store::store&, const secure_channel::key_encryption_key& from,
                                                 const secure_channel::key_encryption_key& to, const random_octets&,
                                                 const std::function<void(const rewrap_report&)>& on_page);

}  // namespace ota::cards
