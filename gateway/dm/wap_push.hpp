#pragma once

#include "secure-channel/wire/octets.hpp"
#include "secure-channel/wire/result.hpp"

#include <vector>

/// A notification on its way to a terminal: a push of connectionless WSP in short messages to the port of WAP push.
/// [DM Notification 1.2, 7; WAP-230 WSP, 8.2.4.1; WAP-259 WDP, 6.5; TS 23.040, 9.2.3.24]
namespace ota::dm {

inline constexpr std::uint16_t wap_push_port = 2948, wap_source_port = 9200;

/// The push PDU:
///     | transaction | 06 | headers length | C4: application/vnd.syncml.notification | AF 87:
///     x-wap-application:syncml.dm | body | |      1      |  1 |    1, is 3     |                  1 |                2
///     |  n   |
[[nodiscard]] wire::octets serialize_push(std::uint8_t transaction, wire::octet_view notification);

/// User data of the short messages that carry it, from UDHL on, each of at most 140 octets:
///     | UDHL | 05 04 0B84 23F0 | 00 03 reference count number | octets |
/// The concatenation is left out when one message holds all. Errors: `errc::notification_too_long` beyond 255 messages.
[[nodiscard]] wire::result<std::vector<wire::octets>> serialize_push_messages(wire::octet_view push,
                                                                              std::uint8_t reference);

}  // namespace ota::dm
