#pragma once

#include "gateway/flow/twin.hpp"
#include "gateway/profile/card_profile.hpp"
#include "secure-channel/crypto.hpp"

/// Accounts of DM servers that a card holds (DMAcc objects, OMA DM StdObj 1.2). The password stays in the object's
/// image; what a device is found by lies beside the card in the store.
namespace ota::flow {

/// One AppAuth node.
struct account_side {
    std::string name;  ///< AAuthName
    secure_channel::secret password;
    std::string nonce;  ///< AAuthData, octets: what the digests begin with
};

struct card_account {
    enum class scheme : std::uint8_t { basic, digest, hmac };
    std::string server_id;
    scheme how = scheme::digest;  ///< AAuthPref, else AAuthType of the client's side
    account_side client;          ///< CLCRED: the device's
    account_side server;          ///< SRVCRED: ours
};

[[nodiscard]] bool is_account(const management_object_binding&) noexcept;
/// Nothing: the image holds no object, or one without CLCRED.
[[nodiscard]] std::optional<card_account> read_account(wire::octet_view image);

/// Brings the store's accounts of the card up to the objects that are attested now. When the credentials changed the
/// nonces begin anew, as they do at the device; but for the device's, once one has proven itself with any: it is a
/// random one then, for which the device is challenged. Credentials that come back would else be good for whatever was
/// recorded of their first use [DM Security 1.2, 5.3.3]. `before`: the card's twin as it was stored last.
[[nodiscard]] wire::result<void> index_accounts(store::transaction&, store::card_id, twin&, wire::octet_view before,
                                                const card_profile&, const guard&,
                                                const std::function<void(std::span<std::uint8_t>)>& random);

}  // namespace ota::flow
