#pragma once

#include "gateway/dm/account.hpp"
#include "gateway/sessions/card_in_session.hpp"

/// Which card's account a device calls with. Its password is read from the card's twin when it calls, and nowhere else
/// (R24).
namespace ota::sessions {

/// An account in use: whose it is, and that it is still the one that was looked up.
struct account_key {
    store::card_id card = 0;
    std::uint32_t image = 0;  ///< CRC-32 of the object's image
    std::string object;
    bool operator==(const account_key&) const = default;
};
[[nodiscard]] std::string serialize(const account_key&);
[[nodiscard]] account_key parse_account_key(std::string_view);

enum class account_fault : std::uint8_t {
    none,
    unknown,    ///< no card has an account with this client name
    ambiguous,  ///< several cards have it, and the device's address does not tell which
};
struct found_account {
    std::optional<dm::account> account;
    account_fault why = account_fault::unknown;
};
/// By the client's name; a device that tells none is found by its address once it has proven itself. Errors: the
/// store's.
[[nodiscard]] wire::result<found_account> find_account(store::transaction&, const surroundings&, const dm::caller&);

/// The first account that the card is attested to hold; nothing when it holds none. Errors: the store's.
[[nodiscard]] wire::result<std::optional<dm::account>> account_of(store::transaction&, const surroundings&,
                                                                  store::card_id);

/// What the next session begins with. Left alone when the card's account became another one meanwhile: then the device
/// begins anew as well. false: nothing was written.
struct account_news {
    std::optional<std::string> client_nonce, server_nonce, device;
};
[[nodiscard]] wire::result<bool> keep_news(store::transaction&, const surroundings&, const account_key&,
                                           const account_news&);

}  // namespace ota::sessions
