#pragma once

#include "management-object/dm_message.hpp"
#include "secure-channel/crypto.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What a device holds of one DM server (its DMAcc), and the digests made with it [DM Security 1.2, 5.3, 5.4].
namespace ota::sandbox {

enum class dm_authentication : std::uint8_t { basic, digest, hmac };
[[nodiscard]] std::optional<dm_authentication> dm_authentication_of(std::string_view syncml_type) noexcept;

/// AAuthName, AAuthSecret and AAuthData of one AppAuth node.
struct dm_credential {
    std::string name;
    secure_channel::secret password;
    std::string nonce;  ///< octets
};

struct dm_account {
    std::string server_uri;                                   ///< Addr: where messages go
    std::string server_id;                                    ///< names the server in access control lists
    dm_authentication preferred = dm_authentication::digest;  ///< AAuthPref
    dm_credential client;                                     ///< CLCRED: ours
    dm_credential server;                                     ///< SRVCRED: the server's
    bool authenticate_at_once = true;  ///< credentials in the first message; else only when asked for
};

/// What goes into Cred/Data for basic and digest.
[[nodiscard]] std::string dm_cred_data(dm_authentication, const dm_credential&);
/// What goes behind `mac=` for a message of these octets.
[[nodiscard]] std::string dm_mac(const dm_credential&, wire::octet_view body);
/// The whole x-syncml-hmac value.
[[nodiscard]] std::string dm_hmac_header(const dm_credential&, wire::octet_view body);

enum class dm_trust : std::uint8_t { proven, nothing_shown, wrong };
/// Does a server's message prove that it comes from who knows the secret.
[[nodiscard]] dm_trust dm_judge(dm_authentication, const dm_credential&, const management_object::dm::header&,
                                wire::octet_view body, std::string_view hmac);

}  // namespace ota::sandbox
