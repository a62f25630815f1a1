#pragma once

#include "gateway/dm/authentication.hpp"
#include "gateway/dm/errc.hpp"

/// General package 0: it asks a device to start a session [DM Notification 1.2, 6.2].
///     | digest | version | ui-mode | initiator | future use | session id | length | server identifier | vendor |
///     |   16   | 10 bits | 2 bits  |   1 bit   |  27 bits   |     2      |   1    |      length       |   n    |
///              '------------------------------- trigger, under the digest ------------------------------------'
namespace ota::dm {

/// MIME type of the message; its well-known code is 44 (hexadecimal).
inline constexpr std::string_view type_notification = "application/vnd.syncml.notification";

enum class ui_mode : std::uint8_t { not_specified, background, informative, user_interaction };
enum class initiator : std::uint8_t { user, server };

struct notification {
    ui_mode ui = ui_mode::not_specified;
    initiator by = initiator::server;
    std::uint16_t session_id = 0;  ///< 1 to FFFF
    std::string server_id;         ///< 1 to 255 octets
    wire::octets vendor;
    bool operator==(const notification&) const = default;
};

/// A notification as it came, with its digest still to be verified.
struct received_notification {
    notification what;
    wire::octets digest;   ///< 16 octets
    wire::octets trigger;  ///< what the digest covers
};

/// Future-use bits are passed over. Errors: `errc`, `wire::errc::truncated`.
[[nodiscard]] wire::result<received_notification> parse_notification(wire::octet_view);
/// The digest is made with the server's password towards this device and the nonce that the device gave for it.
[[nodiscard]] wire::result<wire::octets> serialize_notification(const notification&, const identity& server,
                                                                std::string_view server_nonce);
/// Was it made by who knows the password. The name in the digest is that of the notification.
[[nodiscard]] bool is_genuine(const received_notification&, const identity& server, std::string_view server_nonce);

/// As the SessionID of the messages that follow: hexadecimal, upper case, no leading zeros [6.2.2.10].
[[nodiscard]] std::string session_id_text(std::uint16_t);

}  // namespace ota::dm
