#include "secure-channel/cat_tp/pdu.hpp"

#include "secure-channel/wire/internet_checksum.hpp"

#include <array>

// PDU [TS 102 127, 5.6 to 5.12], big endian:
//
//     | flags, version | RFU | HL | source | destination | data length | sequence | ack | window | checksum | variable
//     | data | |       1        |  2  | 1  |   2    |      2      |      2      |    2     |  2  |   2    |    2     |
//     HL - 18  |  n   | 0                1     3    4        6             8             10         12    14       16
//     18         HL
//
//     SYN, SYN+ACK:  | max PDU 2 | max SDU 2 | length 1 | identification |      EACK: | sequence number 2 | ... RST: |
//     reason 1 |
//
// The checksum covers header and data, with itself as zero; unlike UDP's it covers no addresses, and zero means
// nothing.

namespace ota::cat_tp {

namespace {

constexpr std::uint8_t syn_flag = 0x80;
constexpr std::uint8_t ack_flag = 0x40;
constexpr std::uint8_t eack_flag = 0x20;
constexpr std::uint8_t rst_flag = 0x10;
constexpr std::uint8_t nul_flag = 0x08;
constexpr std::uint8_t seg_flag = 0x04;
constexpr std::uint8_t version_bits = 0x03;

constexpr std::size_t checksum_at = 16;
constexpr std::size_t set_up_part = 5;           ///< octets of the variable part before the identification
constexpr std::size_t largest_datagram = 65507;  ///< octets that UDP over IPv4 carries

/// [TS 102 127, 5.12] SYN goes with ACK and SEG at most, RST with ACK at most; EACK, NUL and SEG need ACK.
bool legal(std::uint8_t flags) noexcept {
    if (flags & syn_flag) return (flags & (eack_flag | rst_flag | nul_flag)) == 0;
    if (flags & rst_flag) return (flags & (eack_flag | nul_flag | seg_flag)) == 0;
    return flags & ack_flag;
}

std::uint8_t flags_of(const pdu& p) noexcept {
    const std::uint8_t ack = p.acknowledgement ? ack_flag : 0;
    if (std::holds_alternative<set_up>(p.body)) return ack | syn_flag;
    if (std::holds_alternative<reset>(p.body)) return ack | rst_flag;
    const auto& t = std::get<traffic>(p.body);
    return ack | (t.nul ? nul_flag : 0) | (t.more ? seg_flag : 0) | (t.held.empty() ? 0 : eack_flag);
}

wire::octet_view data_of(const pdu& p) noexcept {
    const auto* const t = std::get_if<traffic>(&p.body);
    return t ? wire::octet_view(t->data) : wire::octet_view{};
}

wire::result<void> refuse_impossible(const pdu& p, std::uint8_t flags, std::size_t header, std::size_t data) {
    if (p.version > version_bits) return errc::bad_version;
    if (!legal(flags)) return errc::illegal_flags;
    if ((flags & nul_flag) && data != 0) return errc::data_not_allowed;
    if (header > 0xFF || header + data > largest_datagram) return errc::too_long;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

void put_variable_part(wire::writer& out, const pdu& p) {
    if (const auto* const s = std::get_if<set_up>(&p.body))
        out.u16(s->max_pdu).u16(s->max_sdu).u8(s->identification.size()).put(s->identification);
    if (const auto* const r = std::get_if<reset>(&p.body)) out.u8(static_cast<std::uint8_t>(r->reason));
    if (const auto* const t = std::get_if<traffic>(&p.body))
        for (const auto number : t->held) out.u16(number);
}

wire::result<set_up> read_set_up(wire::reader variable) {
    set_up out{.max_pdu = variable.u16(), .max_sdu = variable.u16()};
    const auto length = variable.u8();
    if (variable.failed()) return errc::bad_header_length;
    if (length != variable.remaining()) return errc::bad_identification;
    const auto identification = variable.rest();
    out.identification.assign(identification.begin(), identification.end());
    return out;
}

wire::result<traffic> read_traffic(std::uint8_t flags, wire::reader variable, wire::octet_view data) {
    traffic out{.nul = (flags & nul_flag) != 0, .more = (flags & seg_flag) != 0};
    if (out.nul && !data.empty()) return errc::data_not_allowed;
    // An EACK that lists nothing says no more than an ACK, and is taken as one.
    if (variable.remaining() % 2 != 0 || (variable.remaining() != 0 && !(flags & eack_flag)))
        return errc::bad_header_length;
    out.held.reserve(variable.remaining() / 2);
    while (variable.remaining() != 0) out.held.push_back(variable.u16());
    out.data.assign(data.begin(), data.end());
    return out;
}

wire::result<void> read_body(pdu& p, std::uint8_t flags, wire::octet_view variable, wire::octet_view data) {
    if (!(flags & (syn_flag | rst_flag))) {
        OTA_TRY(p.body, read_traffic(flags, wire::reader(variable), data));
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    if (flags & syn_flag) {
        OTA_TRY(p.body, read_set_up(wire::reader(variable)));
    } else {
        if (variable.size() != 1) return errc::bad_header_length;
        p.body = reset{static_cast<reset_reason>(variable.front())};
    }
    if (!data.empty()) return errc::data_not_allowed;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// The header's end and the datagram's end held against its two lengths.
wire::result<void> hold_lengths(wire::octet_view datagram) {
    wire::reader in(datagram);
    in.take(3);
    const std::size_t header = in.u8();
    in.take(4);
    const std::size_t data = in.u16();
    if (datagram.size() < least_header) return wire::errc::truncated;
    if (header < least_header) return errc::bad_header_length;
    if (header + data > datagram.size()) return wire::errc::truncated;
    if (header + data < datagram.size()) return wire::errc::trailing_octets;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// A datagram whose lengths hold.
wire::result<pdu> read_pdu(wire::octet_view datagram) {
    wire::reader in(datagram);
    const auto first = in.u8();
    in.take(2);  // RFU: sent as zero, not looked at
    const std::size_t header = in.u8();
    pdu p{.version = static_cast<std::uint8_t>(first & version_bits),
          .source_port = in.u16(),
          .destination_port = in.u16()};
    in.take(2);
    p.sequence = in.u16();
    const auto acknowledgement = in.u16();
    if (first & ack_flag) p.acknowledgement = acknowledgement;
    p.window = in.u16();
    if (!legal(first)) return errc::illegal_flags;
    OTA_TRY(read_body(p, first, datagram.subspan(least_header, header - least_header), datagram.subspan(header)));
    return p;
}

}  // namespace

std::size_t header_length(const pdu& p) noexcept {
    if (const auto* const s = std::get_if<set_up>(&p.body))
        return least_header + set_up_part + s->identification.size();
    if (const auto* const t = std::get_if<traffic>(&p.body)) return least_header + 2 * t->held.size();
    return least_header + 1;
}

wire::result<wire::octets> serialize(const pdu& p) {
    const auto flags = flags_of(p);
    const auto header = header_length(p);
    const auto data = data_of(p);
    OTA_TRY(refuse_impossible(p, flags, header, data.size()));
    wire::writer out(header + data.size());
    out.u8(flags | p.version)
        .u16(0)
        .u8(header)
        .u16(p.source_port)
        .u16(p.destination_port)
        .u16(data.size())
        .u16(p.sequence);
    out.u16(p.acknowledgement.value_or(0)).u16(p.window).u16(0);
    put_variable_part(out, p);
    out.put(data);
    wire::put_internet_checksum(out.buffer(), checksum_at);
    return out.take();
}

wire::result<pdu> parse(wire::octet_view datagram) {
    OTA_TRY(hold_lengths(datagram));
    if (!checksum_holds(datagram)) return errc::bad_checksum;
    return read_pdu(datagram);
}

wire::result<pdu> parse_unverified(wire::octet_view datagram) {
    OTA_TRY(hold_lengths(datagram));
    return read_pdu(datagram);
}

bool checksum_holds(wire::octet_view datagram) noexcept { return wire::internet_sum(datagram) == 0xFFFF; }

std::vector<std::string_view> flag_names(std::uint8_t first_octet) {
    static constexpr std::array<std::string_view, 6> names{"SYN", "ACK", "EACK", "RST", "NUL", "SEG"};
    std::vector<std::string_view> out;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (first_octet & syn_flag >> i) out.push_back(names[i]);
    return out;
}

}  // namespace ota::cat_tp
