#pragma once

#include "secure-channel/wire/octets.hpp"

#include <map>
#include <optional>

/// What a terminal makes of a short message that is not for its card: 8-bit data to the port of WAP push. It shares no
/// code with the gateway's side.
namespace ota::sandbox {

/// A push of connectionless WSP, taken apart.
struct wap_push {
    std::uint8_t content_type = 0;            ///< well-known number
    std::optional<std::uint8_t> application;  ///< of X-Wap-Application-Id
    wire::octets body;
};
/// Nothing: no push PDU, or one whose headers do not add up. Content types in words are passed over.
[[nodiscard]] std::optional<wap_push> wap_push_of(wire::octet_view wsp);

inline constexpr std::uint8_t push_of_notification = 0x44, push_for_dm = 0x07;

/// User data is for the port of WAP push, whatever its first port is.
[[nodiscard]] bool is_for_push_port(wire::octet_view user_data);

/// Puts pushes together from their short messages.
class push_receiver {
public:
    /// User data, from UDHL on. Nothing: for another port, not all of it is here, or no push.
    [[nodiscard]] std::optional<wap_push> on_message(wire::octet_view user_data);

private:
    std::map<std::uint8_t, wire::octets> parts_;  ///< of the reference that came last, by number
    std::optional<unsigned> reference_;
};

}  // namespace ota::sandbox
