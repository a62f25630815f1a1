#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// What card and terminal say to each other beyond files [TS 102 223, 6.6, 6.8 and 7.5]. Each message is a list of
/// elements.
namespace ota::sandbox {

/// tag: as written; bit 8 asks the receiver to understand it or to refuse the message.
struct toolkit_element {
    std::uint8_t tag = 0;
    wire::octets value;
    bool operator==(const toolkit_element&) const = default;
};
using toolkit_elements = std::vector<toolkit_element>;

/// The first element of that tag, whatever its bit 8.
[[nodiscard]] const toolkit_element* find_element(const toolkit_elements&, std::uint8_t tag) noexcept;
void write_elements(wire::writer&, const toolkit_elements&);
/// Nothing when they are malformed.
[[nodiscard]] std::optional<toolkit_elements> parse_elements(wire::octet_view);

/// The devices of element 82 [TS 102 223, 8.7].
namespace toolkit_device {
inline constexpr std::uint8_t first_channel = 0x21, card = 0x81, terminal = 0x82, network = 0x83;
[[nodiscard]] constexpr std::uint8_t channel(std::uint8_t number) noexcept {
    return static_cast<std::uint8_t>(first_channel - 1 + number);
}
}  // namespace toolkit_device

/// The types of commands [TS 102 223, 9.4].
namespace toolkit_command_type {
inline constexpr std::uint8_t set_up_event_list = 0x05, open_channel = 0x40, close_channel = 0x41, receive_data = 0x42,
                              send_data = 0x43, get_channel_status = 0x44;
}  // namespace toolkit_command_type

/// General results [TS 102 223, 8.12]; 00 to 0F: performed.
namespace toolkit_result {
inline constexpr std::uint8_t performed = 0x00, missing_information = 0x02, with_modification = 0x07,
                              currently_unable = 0x20, no_network = 0x21, beyond_capability = 0x30,
                              not_understood = 0x32, required_missing = 0x36, bearer_protocol_error = 0x3A;
[[nodiscard]] constexpr bool is_performed(std::uint8_t general) noexcept { return (general & 0xF0) == 0; }
}  // namespace toolkit_result

/// | D0 len | 81 03 number type qualifier | 82 02 81 to | .. |
struct proactive_command {
    std::uint8_t number = 1, type = 0, qualifier = 0;
    std::uint8_t to = toolkit_device::terminal;
    toolkit_elements elements;  ///< what follows
    bool operator==(const proactive_command&) const = default;
};
[[nodiscard]] wire::octets serialize(const proactive_command&);
/// Nothing when it is malformed, or lacks one of the two.
[[nodiscard]] std::optional<proactive_command> parse_proactive_command(wire::octet_view);

/// | 81 03 number type qualifier | 82 02 82 81 | 83 len result additional | .. |, the data of TERMINAL RESPONSE
struct terminal_response {
    std::uint8_t number = 1, type = 0, qualifier = 0;
    std::uint8_t result = toolkit_result::performed;  ///< general
    wire::octets additional;                          ///< what follows it in its element
    toolkit_elements elements;
    bool operator==(const terminal_response&) const = default;
};
[[nodiscard]] wire::octets serialize(const terminal_response&);
/// Nothing when it is malformed, or lacks command details or result.
[[nodiscard]] std::optional<terminal_response> parse_terminal_response(wire::octet_view);

/// | D6 len | 99 01 event | 82 02 from 81 | .. |, the data of ENVELOPE (event download)
struct toolkit_event {
    std::uint8_t event = 0;
    std::uint8_t from = toolkit_device::terminal;
    toolkit_elements elements;
    bool operator==(const toolkit_event&) const = default;
};
[[nodiscard]] wire::octets serialize(const toolkit_event&);
/// Nothing when it is malformed, or another envelope.
[[nodiscard]] std::optional<toolkit_event> parse_toolkit_event(wire::octet_view);

}  // namespace ota::sandbox
