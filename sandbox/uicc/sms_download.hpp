#pragma once

#include "secure-channel/wire/octets.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Short messages between terminal and card [TS 31.111, 7.1; TS 102 223, 8; TS 23.040, 9.2.2].
namespace ota::sandbox {

/// What a message for the card carries.
struct download {
    std::string sender;      ///< digits, international; TP-OA
    wire::octets user_data;  ///< from UDHL on; TP-UD
    bool operator==(const download&) const = default;
};

/// The data of ENVELOPE (SMS-PP download), as a terminal writes it. user_data: at most 140 octets.
///     | D1 len | 82 02 83 81 | 8B len: SMS-DELIVER, TP-PID 7F, TP-DCS F6, TP-SCTS zero |
[[nodiscard]] wire::octets serialize_download(const download&);
/// Nothing when it is malformed, or no message for the card: another envelope, another protocol identifier, no header
/// in the user data.
[[nodiscard]] std::optional<download> parse_download(wire::octet_view envelope);

/// SMS-SUBMIT with a header in its user data, for SEND SHORT MESSAGE.
[[nodiscard]] wire::octets serialize_submit(std::string_view receiver, wire::octet_view user_data);
/// The same read again, `sender` being the receiver. Nothing when it is malformed.
[[nodiscard]] std::optional<download> parse_submit(wire::octet_view tpdu);

}  // namespace ota::sandbox
