#include "secure-channel/remote_script.hpp"

#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

// Compact [TS 102 226, 5.2.1.1]:   | CLA INS P1 P2 P3 [data] | CLA INS P1 P2 P3 [data] | ...
// Expanded [TS 102 226, 5.2.1.2]:  | AA | length | 22 len C-APDU | 22 len C-APDU | ...             (definite)
//                                  | AE | 80 | 22 len C-APDU | 22 len C-APDU | ... | 00 00 |       (indefinite)

namespace ota::secure_channel {

namespace {

constexpr std::uint8_t definite_script = 0xAA;
constexpr std::uint8_t indefinite_script = 0xAE;
constexpr std::uint8_t c_apdu = 0x22;
constexpr std::size_t apdu_header = 5;  ///< CLA INS P1 P2 P3
constexpr std::size_t longest_apdu = 5 + 255 + 1;

/// In compact format only the instruction tells whether P3 announces data (Lc) or asks for it (Le).
bool p3_is_le(wire::octet_view apdu) noexcept {
    const auto ins = apdu[1];
    const auto p1 = apdu[2];
    switch (ins) {
        case 0x12:                    // FETCH
        case 0x70:                    // MANAGE CHANNEL
        case 0x84:                    // GET CHALLENGE
        case 0xB0:                    // READ BINARY
        case 0xB2:                    // READ RECORD
        case 0xC0:                    // GET RESPONSE
        case 0xCA: return true;       // GET DATA
        case 0xF2: return p1 < 0x10;  // STATUS; GET STATUS of GlobalPlatform (P1 10, 20, 40, 80) carries data
        default: return false;
    }
}

std::size_t compact_length(wire::octet_view apdu) noexcept {
    return p3_is_le(apdu) ? apdu_header : apdu_header + apdu[4];
}

wire::result<wire::octets> serialize_compact(const std::vector<wire::octets>& commands) {
    wire::writer out;
    for (const auto& command : commands) {
        // A case 4 command has no Le here: its answer is fetched by GET RESPONSE.
        if (command.size() < apdu_header || command.size() != compact_length(command)) return errc::bad_script;
        out.put(command);
    }
    return out.take();
}

wire::result<std::vector<wire::octets>> parse_compact(wire::octet_view script) {
    std::vector<wire::octets> out;
    while (!script.empty()) {
        if (script.size() < apdu_header) return errc::bad_script;
        const auto length = compact_length(script);
        if (script.size() < length) return errc::bad_script;
        const auto command = script.first(length);
        out.emplace_back(command.begin(), command.end());
        script = script.subspan(length);
    }
    return out;
}

wire::result<std::vector<wire::octets>> parse_objects(wire::reader& in, bool until_end_mark) {
    std::vector<wire::octets> out;
    while (in.remaining() != 0) {
        const auto object = wire::read_ber_tlv(in);
        if (in.failed()) return errc::bad_script;
        if (until_end_mark && object.tag == 0 && object.value.empty()) return out;
        const bool fits = object.value.size() >= apdu_header - 1 && object.value.size() <= longest_apdu;
        if (object.tag != c_apdu || !fits) return errc::bad_script;
        out.emplace_back(object.value.begin(), object.value.end());
    }
    if (until_end_mark) return errc::bad_script;
    return out;
}

wire::result<std::vector<wire::octets>> parse_expanded(wire::octet_view script) {
    wire::reader in(script);
    const auto tag = in.u8();
    if (tag == indefinite_script) {
        if (in.u8() != 0x80) return errc::bad_script;
        OTA_TRY(auto commands, parse_objects(in, true));
        if (in.remaining() != 0) return errc::bad_script;
        return commands;
    }
    if (tag != definite_script) return errc::bad_script;
    const auto length = wire::read_ber_length(in);
    if (in.failed() || length != in.remaining()) return errc::bad_script;
    return parse_objects(in, false);
}

}  // namespace

wire::result<wire::octets> serialize_script(const std::vector<wire::octets>& commands, script_format format) {
    if (format == script_format::compact) return serialize_compact(commands);
    wire::writer objects;
    for (const auto& command : commands) {
        if (command.size() < apdu_header - 1 || command.size() > longest_apdu) return errc::bad_script;
        wire::write_ber_tlv(objects, c_apdu, command);
    }
    wire::writer out(objects.size() + 5);
    if (format == script_format::expanded) {
        if (objects.size() > 0xFFFF) return errc::too_long;
        wire::write_ber_tlv(out, definite_script, objects.buffer());
    } else {
        out.u8(indefinite_script).u8(0x80).put(objects.buffer()).u16(0);
    }
    return out.take();
}

wire::result<std::vector<wire::octets>> parse_script(wire::octet_view script, script_format format) {
    // A receiver of expanded scripts takes either template, whichever it sends itself.
    return format == script_format::compact ? parse_compact(script) : parse_expanded(script);
}

}  // namespace ota::secure_channel
