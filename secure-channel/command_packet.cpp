#include "secure-channel/command_packet.hpp"

#include "secure-channel/integrity_check.hpp"

#include <algorithm>

// Command packet over SMS [TS 102 225, 5.1; TS 31.115, 4.2]:
//
//     | CPL | CHL | SPI | KIc | KID | TAR | CNTR | PCNTR | RC/CC/DS | data + padding |
//     |  2  |  1  |  2  |  1  |  1  |  3  |  5   |   1   |    n     |                |
//     0     2     3     5     6     7     10     15      16         16 + n
//     '---------------- head ---------------------------'           '---- tail ------'
//                                         '-------- ciphered when SPI says so --------'
//
// The check is made over head and tail, padding included, then put between them, then all from CNTR on is ciphered.

namespace ota::secure_channel {

namespace {

constexpr std::size_t counter_at = 10;
constexpr std::size_t padding_counter_at = 15;
constexpr std::size_t head_length = 16;
constexpr std::uint8_t least_chl = 13;  ///< CHL counts SPI to RC/CC/DS

wire::result<void> refuse_reserved(security_parameters spi) {
    if (spi.command_integrity() == integrity::digital_signature) return errc::digital_signature;
    if (spi.por_integrity() == integrity::digital_signature) return errc::digital_signature;
    if ((spi.spi1 & 0xE0) != 0 || (spi.spi2 & 0xC0) != 0) return errc::reserved_value;
    if (spi.por() == por_request::reserved) return errc::reserved_value;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// The cipher to use, or nothing when SPI asks for none.
wire::result<std::optional<cipher>> ciphering(const command_header& h) {
    if (!h.spi.command_ciphered()) return std::optional<cipher>{};
    if (const auto found = cipher_of(h.kic)) return found;
    return errc::unsupported_algorithm;
}

/// Reads the clear part and leaves the reader at CNTR. CPL and CHL are held against the octets present.
wire::result<command_header> read_clear_part(wire::reader& in, std::size_t& check) {
    const auto present = in.remaining();
    const auto cpl = in.u16();
    const auto chl = in.u8();
    command_header h;
    h.spi = {in.u8(), in.u8()};
    h.kic = {in.u8()};
    h.kid = {in.u8()};
    std::ranges::copy(in.take(3), h.tar.octets.begin());
    if (in.failed()) return wire::errc::truncated;
    if (cpl + 2u != present || chl < least_chl || chl + 3u > present) return errc::bad_length;
    check = chl - least_chl;
    return h;
}

/// What CHL may say under this SPI. A missing check is a matter of verification, any other length a malformed packet.
wire::result<void> hold_check_length(const command_header& h, std::size_t check) {
    if (check == 0) return BOOST_OUTCOME_V2_NAMESPACE::success();
    switch (h.spi.command_integrity()) {
        case integrity::digital_signature: return errc::digital_signature;
        case integrity::redundancy_check:
            if (redundancy_check_length(h.kid) == check) return BOOST_OUTCOME_V2_NAMESPACE::success();
            return errc::bad_length;
        case integrity::cryptographic_checksum:
            if (check == 4 || check == 8) return BOOST_OUTCOME_V2_NAMESPACE::success();
            return errc::bad_length;
        case integrity::none: break;
    }
    return errc::bad_length;
}

}  // namespace

wire::result<wire::octets> seal_command(const command_header& h, wire::octet_view data, const key_set& keys) {
    OTA_TRY(refuse_reserved(h.spi));
    if (h.cntr.value > replay_counter::highest) return errc::too_long;
    const auto asked = h.spi.command_integrity();
    OTA_TRY(const auto check, check_length(asked, h.kid, keys.mac_length()));
    OTA_TRY(const auto with, ciphering(h));
    const auto plain = head_length + check + data.size();
    // Padding only where something is ciphered: PCNTR stays 0 in a clear packet, whatever its checksum's block is.
    const auto padding = with ? padding_for(plain - counter_at, block_size(*with)) : 0;
    const auto cpl = plain + padding - 2;
    if (cpl > 0xFFFF) return errc::too_long;

    wire::writer out(plain + padding);
    out.u16(cpl).u8(least_chl + check).u8(h.spi.spi1).u8(h.spi.spi2).u8(h.kic.octet).u8(h.kid.octet);
    out.put(h.tar.octets).u40(h.cntr.value).u8(padding);
    out.fill(check, 0).put(data).fill(padding, 0);
    auto packet = out.take();
    const std::span<std::uint8_t> all(packet);
    OTA_TRY(make_check(asked, h.kid, keys, all.first(head_length), all.subspan(head_length + check),
                       all.subspan(head_length, check)));
    if (with) {
        OTA_TRY(keys.encipher(*with, all.subspan(counter_at)));
    }
    return packet;
}

wire::result<command_header> peek_command(wire::octet_view packet) {
    wire::reader in(packet);
    std::size_t check = 0;
    return read_clear_part(in, check);
}

wire::result<opened_command> open_command(wire::octet_view packet, const key_set& keys) {
    wire::reader in(packet);
    std::size_t check = 0;
    OTA_TRY(auto header, read_clear_part(in, check));
    OTA_TRY(hold_check_length(header, check));
    OTA_TRY(const auto with, ciphering(header));
    wire::octets clear(packet.begin(), packet.end());
    if (with) {
        OTA_TRY(keys.decipher(*with, std::span(clear).subspan(counter_at)));
    }

    const wire::octet_view all(clear);
    const auto tail = all.subspan(head_length + check);
    opened_command out;
    const auto asked = header.spi.command_integrity();
    if (check == 0 && asked != integrity::none) {
        out.integrity = verification::unsecured;
    } else {
        OTA_TRY(out.integrity,
                verify_check(asked, header.kid, keys, all.first(head_length), tail, all.subspan(head_length, check)));
    }
    header.cntr.value = wire::reader(all.subspan(counter_at)).u40();
    out.header = header;
    out.pcntr = all[padding_counter_at];
    // A clear packet with PCNTR other than 0 is accepted: some senders pad for the checksum and count it.
    if (out.pcntr <= tail.size()) {
        out.data.assign(tail.begin(), tail.end() - out.pcntr);
    } else if (out.integrity == verification::mismatch) {
        out.data.assign(tail.begin(), tail.end());  // PCNTR is as wrong as the rest
    } else {
        return errc::bad_padding_counter;
    }
    return out;
}

std::size_t data_capacity(std::size_t packet_length, security_parameters spi, key_identifier kic, key_identifier kid,
                          std::uint8_t mac_length) noexcept {
    const auto check = check_length(spi.command_integrity(), kid, mac_length);
    if (!check) return 0;
    const auto before = head_length + check.value();
    packet_length = std::min<std::size_t>(packet_length, 0xFFFF + 2u);
    if (spi.command_ciphered()) {
        const auto with = cipher_of(kic);
        if (!with || packet_length < counter_at) return 0;
        packet_length -= (packet_length - counter_at) % block_size(*with);
    }
    return packet_length < before ? 0 : packet_length - before;
}

}  // namespace ota::secure_channel
