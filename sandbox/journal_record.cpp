#include "sandbox/journal_record.hpp"

#include "secure-channel/wire/crc.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace {

constexpr std::size_t frame_head = 3;
constexpr std::size_t frame_tail = 4;
constexpr std::size_t iccid_octets = 10;

enum flag : std::uint8_t { opened = 1, duplicate = 2, executed = 4, torn = 8, lost = 16 };

/// Twenty digits, two in an octet; F fills up a shorter identity.
void put_iccid(wire::writer& out, std::string_view iccid) {
    for (std::size_t i = 0; i < iccid_octets * 2; i += 2) {
        const auto digit = [&](std::size_t at) { return at < iccid.size() ? (iccid[at] - '0') & 15 : 15; };
        out.u8(static_cast<std::uint8_t>(digit(i) << 4 | digit(i + 1)));
    }
}

std::string get_iccid(wire::reader& in) {
    std::string out;
    for (const auto octet : in.take(iccid_octets))
        for (const int digit : {octet >> 4, octet & 15})
            if (digit < 10) out.push_back(static_cast<char>('0' + digit));
    return out;
}

wire::octets octets_of(wire::octet_view v) { return {v.begin(), v.end()}; }

void put(wire::writer& out, const journal_opened& r) { out.u64(r.time_us).u64(r.seed).u64(r.cards); }

void put(wire::writer& out, const journal_node& r) {
    out.u16(r.slot).u16(r.uri.size()).put(wire::as_octets(r.uri)).put(r.initial);
}

void put(wire::writer& out, const journal_segment& r) {
    out.u64(r.time_us);
    put_iccid(out, r.iccid);
    out.u64(r.hash);
}

void put(wire::writer& out, const journal_packet& r) {
    const auto& t = r.trace;
    const auto flags = (t.opened ? opened : 0) | (t.duplicate ? duplicate : 0) | (t.executed ? executed : 0) |
                       (t.torn ? torn : 0) | (r.lost ? lost : 0);
    out.u64(r.time_us).u64(r.submitted);
    put_iccid(out, r.iccid);
    out.u8(t.spi.spi1).u8(t.spi.spi2).u8(t.kic).u8(t.kid).put(t.tar).u32(t.counter_key).u40(t.counter).u64(t.hash);
    out.u8(static_cast<std::uint8_t>(t.status)).u8(static_cast<std::uint8_t>(flags));
    out.u8(static_cast<std::uint8_t>(r.answer)).u64(r.answer_hash).u16(t.commands);
    for (const auto& command : t.ran) out.put(command.header).u16(command.sw);
}

void put(wire::writer& out, const journal_write& r) {
    put_iccid(out, r.iccid);
    out.u16(r.slot).put(r.content);
}

template <class Record>
void frame(const Record& r, std::uint8_t type, wire::writer& out) {
    auto& buffer = out.buffer();
    const auto from = buffer.size();
    out.u8(type).u16(0);
    put(out, r);
    const auto length = std::min<std::size_t>(buffer.size() - from - frame_head, 0xFFFF);
    buffer.resize(from + frame_head + length);
    buffer[from + 1] = static_cast<std::uint8_t>(length >> 8);
    buffer[from + 2] = static_cast<std::uint8_t>(length);
    out.u32(wire::crc32(wire::octet_view(buffer).subspan(from)));
}

void frame(const journal_opened& r, wire::writer& out) { frame(r, 'H', out); }
void frame(const journal_node& r, wire::writer& out) { frame(r, 'N', out); }
void frame(const journal_segment& r, wire::writer& out) { frame(r, 'S', out); }
void frame(const journal_packet& r, wire::writer& out) { frame(r, 'P', out); }
void frame(const journal_write& r, wire::writer& out) { frame(r, 'W', out); }

wire::result<journal_record> parse_node(wire::reader& in) {
    journal_node r;
    r.slot = in.u16();
    const auto length = in.u16();
    r.uri = wire::as_text(in.take(length));
    r.initial = octets_of(in.rest());
    return in.finish(journal_record(std::move(r)));
}

wire::result<journal_record> parse_packet(wire::reader& in) {
    journal_packet r;
    auto& t = r.trace;
    r.time_us = in.u64();
    r.submitted = in.u64();
    r.iccid = get_iccid(in);
    t.spi = {in.u8(), in.u8()};
    t.kic = in.u8();
    t.kid = in.u8();
    std::ranges::copy(in.take(3), t.tar.begin());
    t.counter_key = in.u32();
    t.counter = in.u40();
    t.hash = in.u64();
    t.status = static_cast<secure_channel::response_status>(in.u8());
    const auto flags = in.u8();
    t.opened = flags & opened;
    t.duplicate = flags & duplicate;
    t.executed = flags & executed;
    t.torn = flags & torn;
    r.lost = flags & lost;
    r.answer = static_cast<answer_form>(in.u8());
    r.answer_hash = in.u64();
    t.commands = in.u16();
    while (in.remaining() != 0) {
        command_trace command;
        std::ranges::copy(in.take(command.header.size()), command.header.begin());
        command.sw = in.u16();
        t.ran.push_back(command);
    }
    return in.finish(journal_record(std::move(r)));
}

}  // namespace

void serialize(const journal_record& r, wire::writer& out) {
    std::visit([&](const auto& one) { frame(one, out); }, r);
}
void serialize(const journal_packet& r, wire::writer& out) { frame(r, out); }
void serialize(const journal_write& r, wire::writer& out) { frame(r, out); }

std::size_t whole_record(wire::octet_view in) noexcept {
    if (in.size() < frame_head + frame_tail) return 0;
    const std::size_t length = frame_head + (static_cast<std::size_t>(in[1]) << 8 | in[2]);
    if (in.size() < length + frame_tail) return 0;
    const auto crc = wire::reader(in.subspan(length, frame_tail)).u32();
    return crc == wire::crc32(in.first(length)) ? length + frame_tail : 0;
}

wire::result<journal_record> parse_journal_record(wire::octet_view whole) {
    if (whole.empty() || whole_record(whole) != whole.size()) return wire::errc::truncated;
    wire::reader in(whole.subspan(frame_head, whole.size() - frame_head - frame_tail));
    switch (whole[0]) {
        case 'H': {
            journal_opened r{in.u64(), in.u64(), in.u64()};
            return in.finish(journal_record(r));
        }
        case 'N': return parse_node(in);
        case 'S': {
            journal_segment r;
            r.time_us = in.u64();
            r.iccid = get_iccid(in);
            r.hash = in.u64();
            return in.finish(journal_record(std::move(r)));
        }
        case 'P': return parse_packet(in);
        case 'W': {
            journal_write r;
            r.iccid = get_iccid(in);
            r.slot = in.u16();
            r.content = octets_of(in.rest());
            return in.finish(journal_record(std::move(r)));
        }
        default: return wire::errc::trailing_octets;
    }
}

}  // namespace ota::sandbox
