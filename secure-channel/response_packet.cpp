#include "secure-channel/response_packet.hpp"

#include "secure-channel/integrity_check.hpp"

#include <algorithm>
#include <vector>

// Response packet [TS 102 225, 5.2; TS 31.115, 4.3]. The frame is RPL and RHL, after RPI on a data bearer:
//
//     | 02 71 00 | frame | TAR | CNTR | PCNTR | status | RC/CC/DS | data + padding |
//     | 3 or not |   f   |  3  |  5   |   1   |   1    |    n     |                |
//                        f    f+3    f+8     f+9      f+10        f+10+n
//     '---------------------- head --------------------'          '---- tail ------'
//                              '-------- ciphered when SPI2 says so ---------------'
//
// Unlike a command's, the checksum covers the user data header of a short message; a data bearer has none.

namespace ota::secure_channel {

namespace {

constexpr std::array<std::uint8_t, 3> response_udh{0x02, 0x71, 0x00};
constexpr std::size_t counter_at = 3;  ///< after the frame, as the next two
constexpr std::size_t padding_counter_at = 8;
constexpr std::size_t status_at = 9;
constexpr std::size_t least_rhl = 10;  ///< RHL counts TAR to RC/CC/DS: the head after the frame, and the check
constexpr std::size_t short_message_head = 3 + least_rhl;
constexpr std::uint8_t last_known_status = 0x0C;

/// One way to read a response's protection.
struct reading {
    integrity check = integrity::none;
    std::optional<cipher> with;
};

/// A packet as received, with what its lengths say.
struct received {
    wire::octet_view packet;  ///< from the frame on
    framing how = framing::short_message;
    std::size_t frame = 0;           ///< octets
    std::size_t check = 0;           ///< octets of the RC/CC/DS
    wire::octet_view first_segment;  ///< of a short message

    [[nodiscard]] std::size_t head() const noexcept { return frame + least_rhl; }
    [[nodiscard]] bool in_blocks(cipher with) const noexcept {
        return (packet.size() - frame - counter_at) % block_size(with) == 0;
    }
};

/// RPL and RHL held against the octets present.
wire::result<received> hold_lengths(wire::octet_view packet, framing how, wire::octet_view first_segment = {}) {
    const bool on_data_bearer = how != framing::short_message;
    if (on_data_bearer && !packet.empty() && packet.front() != response_identifier &&
        packet.front() != other_response_identifier)
        return errc::not_a_response_packet;
    OTA_TRY(const auto frame, read_frame(packet, how, least_rhl));
    return received{packet, how, frame.before, frame.header - least_rhl, first_segment};
}

/// SPI2 is known: exactly one reading. `unsecured` tells that the card gave less than was asked.
wire::result<reading> reading_by_spi(const response_expectation& e, const received& in, bool& unsecured) {
    reading how;
    const auto check = in.check;
    const auto asked = e.spi.por_integrity();
    if (asked == integrity::digital_signature) return errc::digital_signature;
    if (check == 0 && asked != integrity::none) {
        // An error answer commonly comes bare although SPI2 asked for both: no checksum, nothing ciphered.
        unsecured = true;
        return how;
    }
    if (check != 0 && asked == integrity::none) return errc::bad_length;
    if (asked == integrity::redundancy_check && redundancy_check_length(e.kid) != check) return errc::bad_length;
    if (asked == integrity::cryptographic_checksum && check != 4 && check != 8) return errc::bad_length;
    how.check = asked;
    if (!e.spi.por_ciphered()) return how;
    const auto with = cipher_of(e.kic);
    if (!with) return errc::unsupported_algorithm;
    if (in.in_blocks(*with)) {
        how.with = with;
    } else if (asked == integrity::none) {
        unsecured = true;
    } else {
        return errc::bad_length;
    }
    return how;
}

/// SPI2 is not known: every reading that RHL, KIc and KID allow, clear ones first.
std::vector<reading> readings_by_length(const response_expectation& e, const received& in) {
    const auto check = in.check;
    std::vector<integrity> checks;
    if (check == 0) checks.push_back(integrity::none);
    if (check != 0 && redundancy_check_length(e.kid) == check) checks.push_back(integrity::redundancy_check);
    if ((check == 4 || check == 8) && mac_of(e.kid)) checks.push_back(integrity::cryptographic_checksum);
    std::vector<reading> out;
    for (const auto one : checks) out.push_back({one, std::nullopt});
    const auto with = cipher_of(e.kic);
    if (with && in.in_blocks(*with))
        for (const auto one : checks) out.push_back({one, with});
    return out;
}

wire::result<verification> verify_short_message(const reading& how, key_identifier kid, const key_set& keys,
                                                wire::octet_view clear, const received& in) {
    std::array<std::uint8_t, response_udh.size() + short_message_head> head;
    std::ranges::copy(response_udh, head.begin());
    std::ranges::copy(clear.first(short_message_head), head.begin() + response_udh.size());
    const auto check = clear.subspan(in.head(), in.check);
    const auto tail = clear.subspan(in.head() + in.check);
    OTA_TRY(auto outcome, verify_check(how.check, kid, keys, head, tail, check));
    // Cards disagree on which header a concatenated answer's checksum covers; the constant one is the common one.
    if (outcome == verification::mismatch && in.first_segment.size() >= response_udh.size() &&
        !std::ranges::equal(in.first_segment.first(response_udh.size()), response_udh)) {
        std::ranges::copy(in.first_segment.first(response_udh.size()), head.begin());
        OTA_TRY(outcome, verify_check(how.check, kid, keys, head, tail, check));
    }
    return outcome;
}

/// With the identifier, else without.
wire::result<verification> verify_sdu(const reading& how, key_identifier kid, const key_set& keys,
                                      wire::octet_view clear, const received& in) {
    const auto head = clear.first(in.head());
    const auto check = clear.subspan(in.head(), in.check);
    const auto tail = clear.subspan(in.head() + in.check);
    OTA_TRY(const auto outcome, verify_check(how.check, kid, keys, head, tail, check));
    if (outcome != verification::mismatch) return outcome;
    return verify_check(how.check, kid, keys, head.subspan(1), tail, check);
}

bool plausible(wire::octet_view clear, const received& in) noexcept {
    const auto pcntr = clear[in.frame + padding_counter_at];
    return clear[in.frame + status_at] <= last_known_status && pcntr < 16 &&
           pcntr <= clear.size() - in.head() - in.check;
}

wire::result<opened_response> take_apart(wire::octet_view clear, const received& in, verification outcome) {
    opened_response out;
    out.integrity = outcome;
    wire::reader head(clear.subspan(in.frame));
    std::ranges::copy(head.take(3), out.value.tar.octets.begin());
    out.value.cntr.value = head.u40();
    out.value.pcntr = head.u8();
    out.value.status = static_cast<response_status>(head.u8());
    const auto tail = clear.subspan(in.head() + in.check);
    // The content of the padding is not looked at: cards fill it as they like.
    if (out.value.pcntr <= tail.size()) {
        out.value.data.assign(tail.begin(), tail.end() - out.value.pcntr);
    } else if (outcome == verification::mismatch) {
        out.value.data.assign(tail.begin(), tail.end());
    } else {
        return errc::bad_padding_counter;
    }
    return out;
}

struct attempt {
    wire::octets clear;
    verification outcome;
};

wire::result<attempt> read_as(const reading& how, const received& in, key_identifier kid, const key_set& keys) {
    attempt out{wire::octets(in.packet.begin(), in.packet.end()), verification::not_asked};
    if (how.with) {
        OTA_TRY(keys.decipher(*how.with, std::span(out.clear).subspan(in.frame + counter_at)));
    }
    if (in.how == framing::short_message) {
        OTA_TRY(out.outcome, verify_short_message(how, kid, keys, out.clear, in));
    } else {
        OTA_TRY(out.outcome, verify_sdu(how, kid, keys, out.clear, in));
    }
    return out;
}

/// Tries the readings in turn: the first that verifies, else the first plausible one, else the last tried.
wire::result<opened_response> try_readings(const received& in, const response_expectation& e, const key_set& keys) {
    std::optional<attempt> best;
    bool best_is_plausible = false;
    std::error_code fault = errc::bad_length;
    for (const auto& how : readings_by_length(e, in)) {
        auto tried = read_as(how, in, e.kid, keys);
        if (!tried) {
            fault = tried.error();  // commonly a key that is not at hand
            continue;
        }
        const bool likely = plausible(tried.value().clear, in);
        const bool certain = tried.value().outcome == verification::verified;
        if (certain || !best || (likely && !best_is_plausible)) {
            best = std::move(tried).value();
            best_is_plausible = likely;
        }
        if (certain) break;
    }
    if (!best) return fault;
    return take_apart(best->clear, in, best->outcome);
}

wire::result<opened_response> open_received(const received& in, const response_expectation& e, const key_set& keys) {
    if (!e.spi2_known) return try_readings(in, e, keys);
    bool unsecured = false;
    OTA_TRY(const auto how, reading_by_spi(e, in, unsecured));
    OTA_TRY(auto read, read_as(how, in, e.kid, keys));
    return take_apart(read.clear, in, unsecured ? verification::unsecured : read.outcome);
}

/// From the user data header or RPI on.
wire::result<wire::octets> seal_framed(const response& r, const response_expectation& e, const key_set& keys,
                                       framing how) {
    const auto asked = e.spi.por_integrity();
    if (r.cntr.value > replay_counter::highest) return errc::too_long;
    OTA_TRY(const auto check, check_length(asked, e.kid, keys.mac_length()));
    std::optional<cipher> with;
    if (e.spi.por_ciphered()) {
        with = cipher_of(e.kic);
        if (!with) return errc::unsupported_algorithm;
    }
    const auto plain = least_rhl + check + r.data.size();
    const auto padding = with ? padding_for(plain - counter_at, block_size(*with)) : 0;
    const auto rpl = 1 + plain + padding;
    if (rpl > largest_length) return errc::too_long;

    const auto udh = how == framing::short_message ? response_udh.size() : 0;
    const auto frame = udh + frame_size(how, rpl);
    wire::writer out(frame + plain + padding);
    out.put(wire::octet_view(response_udh).first(udh));
    write_frame(out, how, response_identifier, rpl, least_rhl + check);
    out.put(r.tar.octets).u40(r.cntr.value).u8(padding);
    out.u8(static_cast<std::uint8_t>(r.status)).fill(check, 0).put(r.data).fill(padding, 0);
    auto sealed = out.take();
    const std::span<std::uint8_t> all(sealed);
    const auto head = frame + least_rhl;
    OTA_TRY(make_check(asked, e.kid, keys, all.first(head).subspan(unchecked_octets(how)), all.subspan(head + check),
                       all.subspan(head, check)));
    if (with) {
        OTA_TRY(keys.encipher(*with, all.subspan(frame + counter_at)));
    }
    return sealed;
}

wire::result<toolkit_reference> tar_of(wire::octet_view packet, framing how) {
    OTA_TRY(const auto in, hold_lengths(packet, how));
    toolkit_reference tar;
    std::ranges::copy(packet.subspan(in.frame, 3), tar.octets.begin());
    return tar;
}

}  // namespace

wire::result<wire::octets> seal_response(const response& r, const response_expectation& e, const key_set& keys) {
    return seal_framed(r, e, keys, framing::short_message);
}

wire::result<wire::octets> seal_response_sdu(const response& r, const response_expectation& e, const key_set& keys,
                                             framing how) {
    if (how == framing::short_message) return errc::no_packet_identifier;
    return seal_framed(r, e, keys, how);
}

wire::result<toolkit_reference> peek_response_tar(wire::octet_view packet) {
    // As an RPL and RHL, 02 71 00 would be a header shorter than it can be: the two forms cannot be mistaken.
    if (packet.size() >= response_udh.size() && std::ranges::equal(packet.first(response_udh.size()), response_udh))
        packet = packet.subspan(response_udh.size());
    return tar_of(packet, framing::short_message);
}

wire::result<toolkit_reference> peek_response_sdu_tar(wire::octet_view sdu) { return tar_of(sdu, framing::data); }

wire::result<opened_response> open_response(wire::octet_view packet, wire::octet_view first_segment,
                                            const response_expectation& e, const key_set& keys) {
    OTA_TRY(const auto in, hold_lengths(packet, framing::short_message, first_segment));
    return open_received(in, e, keys);
}

wire::result<opened_response> open_response_sdu(wire::octet_view sdu, const response_expectation& e,
                                                const key_set& keys) {
    OTA_TRY(const auto in, hold_lengths(sdu, framing::data));
    return open_received(in, e, keys);
}

}  // namespace ota::secure_channel
