#include "secure-channel/command_packet.hpp"

#include "secure-channel/integrity_check.hpp"

#include <algorithm>

// Command packet [TS 102 225, 5.1; TS 31.115, 4.2]. The frame is CPL and CHL, after CPI on a data bearer:
//
//     | frame | SPI | KIc | KID | TAR | CNTR | PCNTR | RC/CC/DS | data + padding |
//     |   f   |  2  |  1  |  1  |  3  |  5   |   1   |    n     |                |
//             f    f+2   f+3   f+4   f+7    f+12    f+13       f+13+n
//     '---------------- head ---------------'                   '---- tail ------'
//                                     '-------- ciphered when SPI says so --------'
//
// The check is made over head and tail, padding included, then put between them, then all from CNTR on is ciphered.

namespace ota::secure_channel {

namespace {

constexpr std::size_t counter_at = 7;           ///< after the frame
constexpr std::size_t padding_counter_at = 12;  ///< after the frame
constexpr std::size_t least_chl = 13;           ///< CHL counts SPI to RC/CC/DS: the head after the frame, and the check

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

/// The frame, held against the octets present.
wire::result<packet_frame> frame_of(wire::octet_view packet, framing how) {
    if (how != framing::short_message && !packet.empty() && packet.front() != command_identifier)
        return errc::not_a_command_packet;
    return read_frame(packet, how, least_chl);
}

/// What is clear in every packet: SPI to TAR.
command_header clear_part(wire::octet_view packet, const packet_frame& frame) {
    wire::reader in(packet.subspan(frame.before));
    command_header h;
    h.spi = {in.u8(), in.u8()};
    h.kic = {in.u8()};
    h.kid = {in.u8()};
    std::ranges::copy(in.take(3), h.tar.octets.begin());
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

/// The check of a deciphered packet. Over data bearers senders may disagree on whether it covers the identifier: both
/// are tried.
wire::result<verification> verify(const command_header& h, const key_set& keys, wire::octet_view clear,
                                  std::size_t head, std::size_t check, framing how) {
    const auto asked = h.spi.command_integrity();
    if (check == 0 && asked != integrity::none) return verification::unsecured;
    const auto tail = clear.subspan(head + check);
    const auto received = clear.subspan(head, check);
    OTA_TRY(auto outcome, verify_check(asked, h.kid, keys, clear.first(head), tail, received));
    if (outcome == verification::mismatch && how != framing::short_message) {
        OTA_TRY(outcome, verify_check(asked, h.kid, keys, clear.first(head).subspan(1), tail, received));
    }
    return outcome;
}

}  // namespace

wire::result<wire::octets> seal_command(const command_header& h, wire::octet_view data, const key_set& keys,
                                        framing how) {
    OTA_TRY(refuse_reserved(h.spi));
    if (h.cntr.value > replay_counter::highest) return errc::too_long;
    const auto asked = h.spi.command_integrity();
    OTA_TRY(const auto check, check_length(asked, h.kid, keys.mac_length()));
    OTA_TRY(const auto with, ciphering(h));
    const auto plain = least_chl + check + data.size();
    // Padding only where something is ciphered: PCNTR stays 0 in a clear packet, whatever its checksum's block is.
    const auto padding = with ? padding_for(plain - counter_at, block_size(*with)) : 0;
    const auto cpl = 1 + plain + padding;
    if (cpl > largest_length) return errc::too_long;

    const auto frame = frame_size(how, cpl);
    wire::writer out(frame + plain + padding);
    write_frame(out, how, command_identifier, cpl, least_chl + check);
    out.u8(h.spi.spi1).u8(h.spi.spi2).u8(h.kic.octet).u8(h.kid.octet);
    out.put(h.tar.octets).u40(h.cntr.value).u8(padding);
    out.fill(check, 0).put(data).fill(padding, 0);
    auto packet = out.take();
    const std::span<std::uint8_t> all(packet);
    const auto head = frame + least_chl;
    OTA_TRY(make_check(asked, h.kid, keys, all.first(head).subspan(unchecked_octets(how)), all.subspan(head + check),
                       all.subspan(head, check)));
    if (with) {
        OTA_TRY(keys.encipher(*with, all.subspan(frame + counter_at)));
    }
    return packet;
}

wire::result<command_header> peek_command(wire::octet_view packet, framing how) {
    OTA_TRY(const auto frame, frame_of(packet, how));
    return clear_part(packet, frame);
}

wire::result<opened_command> open_command(wire::octet_view packet, const key_set& keys, framing how) {
    OTA_TRY(const auto frame, frame_of(packet, how));
    auto header = clear_part(packet, frame);
    const auto check = frame.header - least_chl;
    OTA_TRY(hold_check_length(header, check));
    OTA_TRY(const auto with, ciphering(header));
    wire::octets clear(packet.begin(), packet.end());
    if (with) {
        OTA_TRY(keys.decipher(*with, std::span(clear).subspan(frame.before + counter_at)));
    }

    const wire::octet_view all(clear);
    const auto tail = all.subspan(frame.before + frame.header);
    opened_command out;
    OTA_TRY(out.integrity, verify(header, keys, all, frame.before + least_chl, check, how));
    header.cntr.value = wire::reader(all.subspan(frame.before + counter_at)).u40();
    out.header = header;
    out.pcntr = all[frame.before + padding_counter_at];
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
                          std::uint8_t mac_length, framing how) noexcept {
    const auto check = check_length(spi.command_integrity(), kid, mac_length);
    if (!check) return 0;
    const auto before = 1 + least_chl + check.value();  // CPL counts CHL too
    auto cpl = length_within(how, packet_length);
    if (spi.command_ciphered()) {
        const auto with = cipher_of(kic);
        if (!with || cpl < 1 + counter_at) return 0;
        cpl -= (cpl - 1 - counter_at) % block_size(*with);
    }
    return cpl < before ? 0 : cpl - before;
}

}  // namespace ota::secure_channel
