#include "secure-channel/short_message.hpp"

#include <algorithm>

// User data header [TS 23.040, 9.2.3.24]:
//
//     | UDHL | IEI | length | value | IEI | length | value | ... | payload |
//     |  1   |  1  |   1    |       |                            |
//
// IEI 00: reference 1, total 1, sequence 1.  IEI 08: reference 2, total 1, sequence 1.  IEI 70, 71: empty [TS 31.115,
// 4].

namespace ota::secure_channel {

namespace {

constexpr std::uint8_t narrow_concatenation = 0x00;
constexpr std::uint8_t wide_concatenation = 0x08;
constexpr std::size_t most_segments = 255;

constexpr std::size_t single_header = 3;                                                    // 02 70 00
constexpr std::size_t later_header(bool wide) noexcept { return wide ? 7u : 6u; }           // 05 00 03 rr tt nn
constexpr std::size_t first_header(bool wide) noexcept { return later_header(wide) + 2u; }  // .. and 70 00

std::optional<concatenation> read_concatenation(wire::octet_view value, bool wide) {
    if (value.size() != (wide ? 4u : 3u)) return std::nullopt;
    wire::reader in(value);
    concatenation out;
    out.wide = wide;
    out.reference = wide ? in.u16() : in.u8();
    out.total = in.u8();
    out.sequence = in.u8();
    if (out.total == 0 || out.sequence == 0 || out.sequence > out.total) return std::nullopt;
    return out;
}

void write_concatenation(wire::writer& out, const concatenation& part) {
    if (part.wide) {
        out.u8(wide_concatenation).u8(4).u16(part.reference);
    } else {
        out.u8(narrow_concatenation).u8(3).u8(part.reference);
    }
    out.u8(part.total).u8(part.sequence);
}

}  // namespace

wire::result<short_message> parse_short_message(wire::octet_view user_data) {
    wire::reader in(user_data);
    const auto udhl = in.u8();
    if (in.failed()) return wire::errc::truncated;
    wire::reader elements(in.take(udhl));
    if (in.failed()) return errc::bad_user_data_header;
    short_message out;
    while (elements.remaining() != 0) {
        const auto identifier = elements.u8();
        const auto length = elements.u8();
        const auto value = elements.take(length);
        if (elements.failed()) return errc::bad_user_data_header;
        if (identifier == narrow_concatenation || identifier == wide_concatenation) {
            if (const auto part = read_concatenation(value, identifier == wide_concatenation)) out.part = part;
        } else if (identifier == static_cast<std::uint8_t>(packet_kind::command) ||
                   identifier == static_cast<std::uint8_t>(packet_kind::response)) {
            out.kind = static_cast<packet_kind>(identifier);
        }
    }
    const auto header = user_data.first(in.offset());
    const auto payload = in.rest();
    out.header.assign(header.begin(), header.end());
    out.payload.assign(payload.begin(), payload.end());
    return out;
}

wire::result<std::vector<wire::octets>> split_packet(wire::octet_view packet, packet_kind kind, std::uint16_t reference,
                                                     bool wide) {
    if (reference == 0 || (!wide && reference > 0xFF)) return errc::bad_reference;
    const auto needed = segments_needed(packet.size(), wide);
    if (needed > most_segments) return errc::too_long;
    std::vector<wire::octets> out;
    out.reserve(needed);
    const auto identifier = static_cast<std::uint8_t>(kind);
    if (needed == 1) {
        wire::writer one(single_header + packet.size());
        one.u8(2).u8(identifier).u8(0).put(packet);
        out.push_back(one.take());
        return out;
    }
    for (std::size_t n = 1; n <= needed; ++n) {
        // The packet identifier stands in the first segment only, after the concatenation element.
        const auto header = n == 1 ? first_header(wide) : later_header(wide);
        const auto piece = packet.first(std::min(packet.size(), user_data_limit - header));
        packet = packet.subspan(piece.size());
        wire::writer one(header + piece.size());
        one.u8(header - 1);
        write_concatenation(one, {reference, wide, static_cast<std::uint8_t>(needed), static_cast<std::uint8_t>(n)});
        if (n == 1) one.u8(identifier).u8(0);
        one.put(piece);
        out.push_back(one.take());
    }
    return out;
}

std::size_t segments_capacity(std::size_t segments, bool wide) noexcept {
    if (segments == 0) return 0;
    if (segments == 1) return user_data_limit - single_header;
    return user_data_limit - first_header(wide) + (user_data_limit - later_header(wide)) * (segments - 1);
}

std::size_t segments_needed(std::size_t packet_length, bool wide) noexcept {
    if (packet_length <= segments_capacity(1)) return 1;
    const auto after_first = packet_length - (user_data_limit - first_header(wide));
    const auto later = user_data_limit - later_header(wide);
    return 1 + (after_first + later - 1) / later;
}

}  // namespace ota::secure_channel
