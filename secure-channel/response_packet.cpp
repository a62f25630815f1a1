#include "secure-channel/response_packet.hpp"

#include "secure-channel/integrity_check.hpp"

#include <algorithm>
#include <vector>

// Response packet over SMS [TS 102 225, 5.2; TS 31.115, 4.3]:
//
//     | 02 71 00 | RPL | RHL | TAR | CNTR | PCNTR | status | RC/CC/DS | data + padding |
//     |    3     |  2  |  1  |  3  |  5   |   1   |   1    |    n     |                |
//                0     2     3     6      11      12       13         13 + n
//     '---------------------- head -----------------------'           '---- tail ------'
//                                  '--------- ciphered when SPI2 says so --------------'
//
// Unlike a command's, the checksum covers the user data header.

namespace ota::secure_channel {

namespace {

constexpr std::array<std::uint8_t, 3> response_udh{0x02, 0x71, 0x00};
constexpr std::size_t tar_at = 3;
constexpr std::size_t counter_at = 6;
constexpr std::size_t padding_counter_at = 11;
constexpr std::size_t status_at = 12;
constexpr std::size_t head_length = 13;
constexpr std::uint8_t least_rhl = 10;  ///< RHL counts TAR to RC/CC/DS
constexpr std::uint8_t last_known_status = 0x0C;

/// One way to read a response's protection.
struct reading {
    integrity check = integrity::none;
    std::optional<cipher> with;
};

/// RPL and RHL held against the octets present; gives the length of the RC/CC/DS.
wire::result<std::size_t> hold_lengths(wire::octet_view packet) {
    wire::reader in(packet);
    const auto rpl = in.u16();
    const auto rhl = in.u8();
    if (in.failed()) return wire::errc::truncated;
    if (rpl + 2u != packet.size() || rhl < least_rhl || rhl + 3u > packet.size()) return errc::bad_length;
    return std::size_t{rhl} - least_rhl;
}

bool in_blocks(std::size_t packet_length, cipher with) noexcept {
    return (packet_length - counter_at) % block_size(with) == 0;
}

/// SPI2 is known: exactly one reading. `unsecured` tells that the card gave less than was asked.
wire::result<reading> reading_by_spi(const response_expectation& e, std::size_t length, std::size_t check,
                                     bool& unsecured) {
    reading how;
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
    if (in_blocks(length, *with)) {
        how.with = with;
    } else if (asked == integrity::none) {
        unsecured = true;
    } else {
        return errc::bad_length;
    }
    return how;
}

/// SPI2 is not known: every reading that RHL, KIc and KID allow, clear ones first.
std::vector<reading> readings_by_length(const response_expectation& e, std::size_t length, std::size_t check) {
    std::vector<integrity> checks;
    if (check == 0) checks.push_back(integrity::none);
    if (check != 0 && redundancy_check_length(e.kid) == check) checks.push_back(integrity::redundancy_check);
    if ((check == 4 || check == 8) && mac_of(e.kid)) checks.push_back(integrity::cryptographic_checksum);
    std::vector<reading> out;
    for (const auto one : checks) out.push_back({one, std::nullopt});
    const auto with = cipher_of(e.kic);
    if (with && in_blocks(length, *with))
        for (const auto one : checks) out.push_back({one, with});
    return out;
}

wire::result<verification> verify(const reading& how, key_identifier kid, const key_set& keys, wire::octet_view clear,
                                  std::size_t check, wire::octet_view first_segment) {
    std::array<std::uint8_t, response_udh.size() + head_length> head;
    std::ranges::copy(response_udh, head.begin());
    std::ranges::copy(clear.first(head_length), head.begin() + response_udh.size());
    const auto received = clear.subspan(head_length, check);
    const auto tail = clear.subspan(head_length + check);
    OTA_TRY(auto outcome, verify_check(how.check, kid, keys, head, tail, received));
    // Cards disagree on which header a concatenated answer's checksum covers; the constant one is the common one.
    if (outcome == verification::mismatch && first_segment.size() >= response_udh.size() &&
        !std::ranges::equal(first_segment.first(response_udh.size()), response_udh)) {
        std::ranges::copy(first_segment.first(response_udh.size()), head.begin());
        OTA_TRY(outcome, verify_check(how.check, kid, keys, head, tail, received));
    }
    return outcome;
}

bool plausible(wire::octet_view clear, std::size_t check) noexcept {
    return clear[status_at] <= last_known_status && clear[padding_counter_at] < 16 &&
           clear[padding_counter_at] <= clear.size() - head_length - check;
}

wire::result<opened_response> take_apart(wire::octet_view clear, std::size_t check, verification outcome) {
    opened_response out;
    out.integrity = outcome;
    std::ranges::copy(clear.subspan(tar_at, 3), out.value.tar.octets.begin());
    out.value.cntr.value = wire::reader(clear.subspan(counter_at)).u40();
    out.value.pcntr = clear[padding_counter_at];
    out.value.status = static_cast<response_status>(clear[status_at]);
    const auto tail = clear.subspan(head_length + check);
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

wire::result<attempt> read_as(const reading& how, wire::octet_view packet, std::size_t check,
                              wire::octet_view first_segment, key_identifier kid, const key_set& keys) {
    attempt out{wire::octets(packet.begin(), packet.end()), verification::not_asked};
    if (how.with) {
        OTA_TRY(keys.decipher(*how.with, std::span(out.clear).subspan(counter_at)));
    }
    OTA_TRY(out.outcome, verify(how, kid, keys, out.clear, check, first_segment));
    return out;
}

/// Tries the readings in turn: the first that verifies, else the first plausible one, else the last tried.
wire::result<opened_response> try_readings(wire::octet_view packet, std::size_t check, wire::octet_view first_segment,
                                           const response_expectation& e, const key_set& keys) {
    std::optional<attempt> best;
    bool best_is_plausible = false;
    std::error_code fault = errc::bad_length;
    for (const auto& how : readings_by_length(e, packet.size(), check)) {
        auto tried = read_as(how, packet, check, first_segment, e.kid, keys);
        if (!tried) {
            fault = tried.error();  // commonly a key that is not at hand
            continue;
        }
        const bool likely = plausible(tried.value().clear, check);
        const bool certain = tried.value().outcome == verification::verified;
        if (certain || !best || (likely && !best_is_plausible)) {
            best = std::move(tried).value();
            best_is_plausible = likely;
        }
        if (certain) break;
    }
    if (!best) return fault;
    return take_apart(best->clear, check, best->outcome);
}

}  // namespace

wire::result<wire::octets> seal_response(const response& r, const response_expectation& e, const key_set& keys) {
    const auto asked = e.spi.por_integrity();
    if (r.cntr.value > replay_counter::highest) return errc::too_long;
    OTA_TRY(const auto check, check_length(asked, e.kid, keys.mac_length()));
    std::optional<cipher> with;
    if (e.spi.por_ciphered()) {
        with = cipher_of(e.kic);
        if (!with) return errc::unsupported_algorithm;
    }
    const auto plain = head_length + check + r.data.size();
    const auto padding = with ? padding_for(plain - counter_at, block_size(*with)) : 0;
    const auto rpl = plain + padding - 2;
    if (rpl > 0xFFFF) return errc::too_long;

    wire::writer out(response_udh.size() + plain + padding);
    out.put(response_udh).u16(rpl).u8(least_rhl + check).put(r.tar.octets).u40(r.cntr.value).u8(padding);
    out.u8(static_cast<std::uint8_t>(r.status)).fill(check, 0).put(r.data).fill(padding, 0);
    auto user_data = out.take();
    const std::span<std::uint8_t> all(user_data);
    constexpr auto head = response_udh.size() + head_length;
    OTA_TRY(make_check(asked, e.kid, keys, all.first(head), all.subspan(head + check), all.subspan(head, check)));
    if (with) {
        OTA_TRY(keys.encipher(*with, all.subspan(response_udh.size() + counter_at)));
    }
    return user_data;
}

wire::result<toolkit_reference> peek_response_tar(wire::octet_view packet) {
    // As an RPL and RHL, 02 71 00 would be a header shorter than it can be: the two forms cannot be mistaken.
    if (packet.size() >= response_udh.size() && std::ranges::equal(packet.first(response_udh.size()), response_udh))
        packet = packet.subspan(response_udh.size());
    OTA_TRY(hold_lengths(packet));
    toolkit_reference tar;
    std::ranges::copy(packet.subspan(tar_at, 3), tar.octets.begin());
    return tar;
}

wire::result<opened_response> open_response(wire::octet_view packet, wire::octet_view first_segment,
                                            const response_expectation& e, const key_set& keys) {
    OTA_TRY(const auto check, hold_lengths(packet));
    if (!e.spi2_known) return try_readings(packet, check, first_segment, e, keys);
    bool unsecured = false;
    OTA_TRY(const auto how, reading_by_spi(e, packet.size(), check, unsecured));
    OTA_TRY(auto read, read_as(how, packet, check, first_segment, e.kid, keys));
    return take_apart(read.clear, check, unsecured ? verification::unsecured : read.outcome);
}

}  // namespace ota::secure_channel
