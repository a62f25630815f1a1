#pragma once

#include "secure-channel/errc.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// Remote command scripts and their answers [TS 102 226, 5.2].
namespace ota::secure_channel {

/// The format is bound to the TAR, never signalled in the packet.
enum class script_format : std::uint8_t { compact, expanded, expanded_indefinite };

/// Script of C-APDUs, each CLA INS P1 P2 P3 [data]. In compact format a case 4 command has no Le.
[[nodiscard]] wire::result<wire::octets> serialize_script(const std::vector<wire::octets>& commands, script_format);
/// Takes a script apart again (a card's side).
[[nodiscard]] wire::result<std::vector<wire::octets>> parse_script(wire::octet_view, script_format);

struct command_answer {
    std::uint16_t sw = 0;
    wire::octets data;
    auto operator<=>(const command_answer&) const = default;
};

/// What a script's answer says. Compact: `executed` counts the failing command too, and only the last executed one's
/// answer is known. Expanded: one answer per executed command.
struct script_answer {
    std::size_t executed = 0;
    std::vector<command_answer> answers;  ///< compact: at most one, of the last executed command
    std::optional<std::uint16_t> error;   ///< expanded: tag and value of an error TLV (90, 81, 83), if any
    auto operator<=>(const script_answer&) const = default;
};

/// An empty compact script is answered with the single octet 00. Empty input is `bad_script`.
[[nodiscard]] wire::result<script_answer> parse_script_answer(wire::octet_view, script_format);
[[nodiscard]] wire::result<wire::octets> serialize_script_answer(const script_answer&, script_format);

/// 9000, 91xx, 92xx (memory retries), 9Fxx, 61xx: the command did what it was asked.
[[nodiscard]] constexpr bool is_success(std::uint16_t sw) noexcept {
    const auto sw1 = sw >> 8;
    return sw == 0x9000 || sw1 == 0x91 || sw1 == 0x9F || sw1 == 0x61 || (sw1 == 0x92 && (sw & 0xF0) == 0);
}

}  // namespace ota::secure_channel
