#include "gateway/flow/twin_coding.hpp"

namespace ota::flow {

void put_packet(encoder& e, const packet& p, const guard& g) {
    e.number(p.id);
    e.number(p.cntr);
    e.number(p.counter_key);
    // R2: octets sealed without ciphering are stored encrypted.
    e.blob(p.spi.command_ciphered() ? p.sealed : g.seal(p.sealed, "packet"));
    e.number(p.reference);
    for (auto octet :
         {p.spi.spi1, p.spi.spi2, p.kic.octet, p.kid.octet, p.tar.octets[0], p.tar.octets[1], p.tar.octets[2]}) {
        e.number(octet);
    }
    e.number(static_cast<std::uint64_t>(p.format) | std::uint64_t{p.wide} << 4 | std::uint64_t{p.may_have_run} << 5 |
             std::uint64_t{p.idle} << 6 | std::uint64_t{p.by != carriage::short_message} << 7 |
             (p.holder ? std::uint64_t{*p.holder} + 1 : 0) << 8);
    if (p.by != carriage::short_message) {
        e.number(static_cast<std::uint64_t>(p.by));
        e.number(p.link);
    }
    e.number(p.profile_hash);
    e.text(p.destination);
    e.number(static_cast<std::uint8_t>(p.priority));
    e.number(p.sendings);
    e.number(p.segments);
    e.number(p.retry);
    e.number(p.submit_failures);
    e.time(p.sent_at);
    e.time(p.check_at);
    e.time(p.retry_at);
    e.time(p.closes_at);
    e.number(p.carries.size());
    for (const auto& c : p.carries) {
        e.number(static_cast<std::uint64_t>(c.is) | std::uint64_t{c.whole} << 4 | std::uint64_t{c.image_crc != 0} << 5);
        if (c.image_crc != 0) e.number(c.image_crc);
        e.number(c.node);
        e.number(c.first);
        e.number(c.last);
        e.number(c.version);
        e.number(c.offset);
        e.number(c.length);
    }
}

wire::result<packet> get_packet(decoder& d, std::size_t nodes, const guard& g) {
    packet p;
    p.id = d.as<std::int64_t>();
    p.cntr = d.number();
    p.counter_key = d.as<std::uint32_t>();
    p.sealed = d.blob();
    p.reference = d.as<std::uint16_t>();
    for (auto* octet :
         {&p.spi.spi1, &p.spi.spi2, &p.kic.octet, &p.kid.octet, &p.tar.octets[0], &p.tar.octets[1], &p.tar.octets[2]}) {
        *octet = d.as<std::uint8_t>();
    }
    const auto flags = d.number();
    p.format = static_cast<secure_channel::script_format>(flags & 15);
    p.wide = flags & 16;
    p.may_have_run = flags & 32;
    p.idle = flags & 64;
    if (const auto holder = flags >> 8; holder != 0) p.holder = static_cast<std::uint16_t>(holder - 1);
    if (flags & 128) {
        const auto by = d.number();
        if (by > static_cast<std::uint64_t>(carriage::channel)) return wire::errc::truncated;
        p.by = static_cast<carriage>(by);
        p.link = d.number();
    }
    p.profile_hash = d.number();
    p.destination = d.text();
    p.priority = static_cast<std::int8_t>(d.as<std::uint8_t>());
    p.sendings = d.as<std::uint8_t>();
    p.segments = d.as<std::uint8_t>();
    p.retry = d.as<std::uint32_t>();
    p.submit_failures = d.as<std::uint8_t>();
    p.sent_at = d.time();
    p.check_at = d.time();
    p.retry_at = d.time();
    p.closes_at = d.time();
    p.carries.resize(d.count());
    for (auto& c : p.carries) {
        const auto kind = d.number();
        c.is = static_cast<carried::kind>(kind & 15);
        if (c.is > carried::kind::audit) return wire::errc::truncated;  // of a later program
        c.whole = kind & 16;
        if (kind & 32) c.image_crc = d.as<std::uint32_t>();
        c.node = d.as<std::uint16_t>();
        c.first = d.as<std::uint8_t>();
        c.last = d.as<std::uint8_t>();
        c.version = d.as<event_seq>();
        c.offset = d.as<std::uint32_t>();
        c.length = d.as<std::uint32_t>();
        if (c.is != carried::kind::refresh && c.node >= nodes) return wire::errc::truncated;
    }
    if (!d.failed() && !p.spi.command_ciphered()) {
        OTA_TRY(p.sealed, g.open(p.sealed, "packet"));
    }
    return p;
}

void put_audit(encoder& e, const card_audit& a, const std::vector<node_state>& nodes, const guard& g) {
    e.number(static_cast<std::uint64_t>(a.is) | std::uint64_t{a.repair} << 4);
    e.time(a.asked_at);
    e.number(a.attempts);
    e.number(a.restarts);
    e.number(a.file);
    e.text(a.why);
    e.number(a.files.size());
    for (const auto& f : a.files) {
        e.number(f.node);
        e.number(f.whole);
        e.number(f.refusal);
        const bool wrapped = nodes[f.node].secret && !f.content.empty();
        wrapped ? e.blob(g.seal(f.content, "image")) : e.blob(f.content);
    }
}

wire::result<card_audit> get_audit(decoder& d, const std::vector<node_state>& nodes, const guard& g) {
    card_audit a;
    const auto flags = d.number();
    a.is = static_cast<card_audit::phase>(flags & 15);
    a.repair = flags & 16;
    a.asked_at = d.time();
    a.attempts = d.as<std::uint8_t>();
    a.restarts = d.as<std::uint8_t>();
    a.file = d.number();
    a.why = d.text();
    a.files.resize(d.count());
    for (auto& f : a.files) {
        f.node = d.as<std::uint16_t>();
        f.whole = d.number() != 0;
        f.refusal = d.as<std::uint16_t>();
        f.content = d.blob();
        if (d.failed() || f.node >= nodes.size()) return wire::errc::truncated;
        if (nodes[f.node].secret && !f.content.empty()) {
            OTA_TRY(f.content, g.open(f.content, "image"));
        }
    }
    return a;
}

}  // namespace ota::flow
