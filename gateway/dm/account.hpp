#pragma once

#include "secure-channel/crypto.hpp"
#include "secure-channel/wire/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// What a session must know of the device that calls. Whoever keeps accounts supplies them.
namespace ota::dm {

/// How an end proves itself [DM Security 1.2, 5.3].
enum class scheme : std::uint8_t { basic, md5, mac };
[[nodiscard]] std::string_view to_string(
    scheme) noexcept;  ///< "syncml:auth-basic", "syncml:auth-md5", "syncml:auth-MAC"
[[nodiscard]] std::optional<scheme> scheme_named(std::string_view) noexcept;

/// A name and the password that goes with it.
struct identity {
    std::string name;
    secure_channel::secret password;
};

/// The two identities of one device's account (its DMAcc), and the nonces that the next digests are made with.
struct account {
    scheme how = scheme::md5;
    identity server;           ///< ours towards this device; SRVCRED of its DMAcc, another password for each device
    identity client;           ///< the device's; CLCRED of its DMAcc
    std::string server_nonce;  ///< octets; the device issued it, our next credentials use it
    std::string client_nonce;  ///< octets; we issued it, the device's next credentials use it
    std::string key;           ///< the owner's name for it; comes back in `authenticated`
};

/// Who calls, as its first message tells.
struct caller {
    std::string_view device;  ///< source address ("IMEI:493005100592800")
    std::string_view user;    ///< of the x-syncml-hmac header, else LocName of the Source; may be empty
    operator std::string_view() const noexcept { return device; }
};

/// The account of who calls, or nothing. An error: nobody can say now; the device is to come again.
using account_lookup = std::function<wire::result<std::optional<account>>(const caller&)>;

/// A nonce never given before: 16 random octets are advised [DM Security 1.2, 5.3.3].
using nonce_supplier = std::function<std::string()>;

}  // namespace ota::dm
