#pragma once

#include "sandbox/uicc/toolkit_message.hpp"

#include <string>

/// The elements of the bearer independent protocol [TS 102 223, 6.4.27 to 6.4.31 and 8.52 to 8.59].
namespace ota::sandbox {

namespace channel_element {
inline constexpr std::uint8_t login_and_password = 0x0D, bearer = 0x35, data = 0x36, data_length = 0x37, status = 0x38,
                              buffer_size = 0x39, transport = 0x3C, address = 0x3E, access_name = 0x47, events = 0x99;
inline constexpr std::uint8_t comprehension = 0x80;
}  // namespace channel_element

namespace channel_event {
inline constexpr std::uint8_t data_available = 0x09, channel_status = 0x0A;
}  // namespace channel_event

/// What follows general result 3A [TS 102 223, 8.12.11].
namespace channel_error {
inline constexpr std::uint8_t no_cause = 0x00, no_channel_free = 0x01, closed = 0x02, unknown_channel = 0x03,
                              no_buffer = 0x04, transport_not_available = 0x06, not_reachable = 0x07;
}  // namespace channel_error

namespace channel_transport {
inline constexpr std::uint8_t udp = 0x01, tcp = 0x02;  // both of a client that connects to a remote machine
}  // namespace channel_transport

/// A channel can be numbered 1 to 7.
inline constexpr std::uint8_t most_channels = 7;
/// What RECEIVE DATA brings at most: the TERMINAL RESPONSE around it then has 255 octets.
inline constexpr std::size_t largest_received_piece = 237;
/// What SEND DATA takes at most, without an alpha identifier: it then has 255 octets.
inline constexpr std::size_t largest_sent_piece = 240;
/// As a channel data length tells "255 or more".
inline constexpr std::uint8_t long_data = 0xFF;

inline constexpr std::uint8_t default_bearer = 0x03;
/// Qualifiers.
inline constexpr std::uint8_t open_at_once = 0x01, open_in_background = 0x04, send_store = 0x00, send_at_once = 0x01;

/// | b8 link, b3-b1 channel | 00, or 05: link dropped |
struct channel_status {
    std::uint8_t channel = 0;
    bool link = false;
    bool dropped = false;
    bool operator==(const channel_status&) const = default;
};
[[nodiscard]] toolkit_element to_element(channel_status);
[[nodiscard]] std::optional<channel_status> read_channel_status(const toolkit_element&) noexcept;

/// How OPEN CHANNEL describes a channel. Empty octets: not told.
struct channel_request {
    wire::octets bearer;            ///< 35
    std::uint16_t buffer_size = 0;  ///< 39; 0: not told
    wire::octets access_name;       ///< 47, as labels with their lengths
    std::string login, password;    ///< 0D, both or none
    std::uint8_t protocol = 0;      ///< 3C; 0: not told
    std::uint16_t port = 0;
    wire::octets address;  ///< 3E, 4 or 16 octets
    bool operator==(const channel_request&) const = default;
};
[[nodiscard]] toolkit_elements to_elements(const channel_request&);
/// Nothing when one of its elements is malformed. Elements of other kinds are passed over; an access name in plain text
/// becomes labels.
[[nodiscard]] std::optional<channel_request> read_channel_request(const toolkit_elements&);

/// A channel data length of so many octets.
[[nodiscard]] toolkit_element length_element(std::uint8_t tag, std::size_t octets);
[[nodiscard]] toolkit_element buffer_element(std::uint16_t size);

}  // namespace ota::sandbox
