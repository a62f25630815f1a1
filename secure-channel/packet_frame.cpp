#include "secure-channel/packet_frame.hpp"

#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

namespace ota::secure_channel {

namespace {

constexpr std::size_t short_message_frame = 3;

std::size_t octets_of_ber_length(std::size_t length) noexcept { return length < 0x80 ? 1 : length <= 0xFF ? 2 : 3; }

}  // namespace

wire::result<packet_frame> read_frame(wire::octet_view packet, framing how, std::size_t least_header) {
    wire::reader in(packet);
    const bool short_message = how == framing::short_message;
    if (!short_message) in.u8();
    const std::size_t length = short_message ? in.u16() : wire::read_ber_length(in);
    const auto after_length = in.remaining();
    const std::size_t header = short_message ? in.u8() : wire::read_ber_length(in);
    if (in.failed()) return wire::errc::truncated;
    if (length != after_length || header < least_header || header > in.remaining()) return errc::bad_length;
    return packet_frame{in.offset(), header};
}

std::size_t frame_size(framing how, std::size_t length) noexcept {
    return how == framing::short_message ? short_message_frame : 2 + octets_of_ber_length(length);
}

void write_frame(wire::writer& out, framing how, std::uint8_t identifier, std::size_t length, std::size_t header) {
    if (how == framing::short_message) {
        out.u16(length).u8(header);
        return;
    }
    out.u8(identifier);
    wire::write_ber_length(out, length);
    out.u8(header);
}

std::size_t length_within(framing how, std::size_t packet_length) noexcept {
    const auto most = [&](std::size_t before, std::size_t longest) {
        return packet_length < before ? 0 : std::min(packet_length - before, longest);
    };
    if (how == framing::short_message) return most(2, largest_length);
    // One octet more may need another octet of length, and then not fit.
    return std::max({most(2, 0x7F), most(3, 0xFF), most(4, largest_length)});
}

}  // namespace ota::secure_channel
