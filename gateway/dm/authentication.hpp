#pragma once

#include "gateway/dm/account.hpp"
#include "secure-channel/wire/octets.hpp"

/// The digests of DM Security 1.2, clauses 5.3.2 and 5.4. H is MD5, B64 is Base64.
namespace ota::dm {

/// B64(name:password)
[[nodiscard]] std::string basic_credentials(const identity&);
/// B64(H(B64(H(name:password)):nonce))
[[nodiscard]] std::string md5_credentials(const identity&, std::string_view nonce);
/// B64(H(B64(H(name:password)):nonce:B64(H(body)))), for the x-syncml-hmac header.
[[nodiscard]] std::string message_mac(const identity&, std::string_view nonce, wire::octet_view body);
/// The same, not in Base64: the digest of a notification.
[[nodiscard]] wire::octets notification_digest(const identity&, std::string_view nonce, wire::octet_view trigger);

/// Name of the transport's header that carries a message's MAC.
inline constexpr std::string_view hmac_header_name = "x-syncml-hmac";

/// Value of that header: algorithm=MD5, username="..", mac=..
struct hmac_header {
    std::string algorithm = "MD5", username, mac;
    bool operator==(const hmac_header&) const = default;
};
/// Parameters in any order, values bare or quoted; username and mac are required, the algorithm is MD5 unless told.
[[nodiscard]] std::optional<hmac_header> parse_hmac_header(std::string_view);
[[nodiscard]] std::string serialize_hmac_header(const hmac_header&);

/// Equality in a time that depends on the lengths alone.
[[nodiscard]] bool same_secret_text(std::string_view, std::string_view) noexcept;

}  // namespace ota::dm
