#include "secure-channel/wire/ber_tlv.hpp"

namespace ota::wire {

std::size_t read_ber_length(reader& in) noexcept {
    const auto first = in.u8();
    switch (first) {
        case 0x81: return in.u8();
        case 0x82: return in.u16();
        case 0x83: return in.u24();
        default: break;
    }
    if (first >= 0x80) in.fail();  // indefinite or longer than any packet
    return in.failed() ? 0 : first;
}

ber_tlv read_ber_tlv(reader& in) noexcept {
    const auto tag = in.u8();
    const auto length = read_ber_length(in);
    return {tag, in.take(length)};
}

void write_ber_length(writer& out, std::size_t length) {
    if (length < 0x80) {
        out.u8(length);
    } else if (length <= 0xFF) {
        out.u8(0x81).u8(length);
    } else if (length <= 0xFFFF) {
        out.u8(0x82).u16(length);
    } else {
        out.u8(0x83).u24(length);
    }
}

void write_ber_tlv(writer& out, std::uint8_t tag, octet_view value) {
    out.u8(tag);
    write_ber_length(out, value.size());
    out.put(value);
}

}  // namespace ota::wire
