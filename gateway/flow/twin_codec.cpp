#include "gateway/flow/twin.hpp"

#include <algorithm>

namespace ota::flow {

using wire::octet_view;
using wire::octets;

namespace {

// Format 1. Numbers are base-128 varints: a twin is read and written twice per event, and most numbers are small.
constexpr std::uint8_t format = 1;

class encoder {
public:
    void number(std::uint64_t v) {
        while (v >= 0x80) {
            out.push_back(static_cast<std::uint8_t>(v | 0x80));
            v >>= 7;
        }
        out.push_back(static_cast<std::uint8_t>(v));
    }
    void time(wall_time t) { number(static_cast<std::uint64_t>(t.time_since_epoch().count())); }
    void blob(octet_view v) {
        number(v.size());
        out.insert(out.end(), v.begin(), v.end());
    }
    void text(std::string_view v) { blob(wire::as_octets(v)); }
    octets out;
};

class decoder {
public:
    explicit decoder(octet_view in) : in_(in) {}
    std::uint64_t number() {
        std::uint64_t v = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto octet = in_.u8();
            v |= static_cast<std::uint64_t>(octet & 0x7F) << shift;
            if (octet < 0x80) return v;
        }
        in_.fail();
        return 0;
    }
    template <class T>
    T as() {
        return static_cast<T>(number());
    }
    wall_time time() { return wall_time(std::chrono::milliseconds(as<std::int64_t>())); }
    octets blob() {
        auto v = in_.take(number());
        return {v.begin(), v.end()};
    }
    std::string text() { return std::string(wire::as_text(in_.take(number()))); }
    std::size_t count() {  // of elements that follow; never more than octets that are left
        const auto n = number();
        if (n > in_.remaining()) in_.fail();
        return in_.failed() ? 0 : n;
    }
    bool failed() const { return in_.failed(); }
    bool done() const { return !in_.failed() && in_.remaining() == 0; }

private:
    wire::reader in_;
};

bool has_shadow(const node_state& n) noexcept {
    return n.of_file != shadow::unchecked || !n.held.empty() || !n.doubtful.empty() || !n.revisions.empty();
}

void put_node(encoder& e, const node_state& n, const guard& g) {
    const bool same = n.wanted && n.confirmed && n.desired == n.reported;
    e.text(n.uri);
    e.number(std::uint64_t{n.secret} | std::uint64_t{n.wanted} << 1 | std::uint64_t{n.confirmed} << 2 |
             std::uint64_t{same} << 3 | std::uint64_t{n.revision.has_value()} << 4 |
             static_cast<std::uint64_t>(n.there) << 5 | std::uint64_t{has_shadow(n)} << 7);
    const auto image = [&](const octets& v) {
        if (n.secret && !v.empty()) {
            e.blob(g.seal(v, "image"));
        } else {
            e.blob(v);
        }
    };
    image(n.desired);
    if (!same) image(n.reported);
    e.number(n.desired_version);
    e.number(n.reported_version);
    if (n.revision) e.number(static_cast<std::uint64_t>(*n.revision));
    e.number(n.failures);
    e.number(n.progress_version);
    e.number(n.progress);
    e.text(n.blocked);
    if (!has_shadow(n)) return;
    e.number(static_cast<std::uint64_t>(n.of_file));
    image(n.held);
    e.number(n.doubtful.size());
    for (const auto& d : n.doubtful) {
        e.number(d.offset);
        e.number(d.length);
    }
    e.number(n.revisions.size());
    for (const auto& [uri, revision] : n.revisions) {
        e.text(uri);
        e.number(static_cast<std::uint64_t>(revision));
    }
}

wire::result<node_state> get_node(decoder& d, const guard& g) {
    node_state n;
    n.uri = d.text();
    const auto flags = d.number();
    n.secret = flags & 1;
    n.wanted = flags & 2;
    n.confirmed = flags & 4;
    const bool same = flags & 8;
    n.there = static_cast<presence>(flags >> 5 & 3);
    const auto image = [&]() -> wire::result<octets> {
        auto v = d.blob();
        if (n.secret && !v.empty()) return g.open(v, "image");
        return v;
    };
    OTA_TRY(n.desired, image());
    if (same) {
        n.reported = n.desired;
    } else {
        OTA_TRY(n.reported, image());
    }
    n.desired_version = d.as<event_seq>();
    n.reported_version = d.as<event_seq>();
    if (flags & 16) n.revision = d.as<std::int64_t>();
    n.failures = d.as<std::uint8_t>();
    n.progress_version = d.as<event_seq>();
    n.progress = d.as<std::uint32_t>();
    n.blocked = d.text();
    if ((flags & 128) == 0) return n;
    n.of_file = static_cast<shadow>(d.number());
    OTA_TRY(n.held, image());
    n.doubtful.resize(d.count());
    for (auto& range : n.doubtful) {
        range.offset = d.as<std::uint32_t>();
        range.length = d.as<std::uint32_t>();
    }
    n.revisions.resize(d.count());
    for (auto& [uri, revision] : n.revisions) {
        uri = d.text();
        revision = d.as<std::int64_t>();
    }
    return n;
}

void put_event(encoder& e, const open_event& v, bool secret, const guard& g) {
    e.number(static_cast<std::uint64_t>(v.seq));
    e.number(static_cast<std::uint64_t>(v.op) | static_cast<std::uint64_t>(v.is) << 4 | std::uint64_t{v.owns_image} << 6 |
             std::uint64_t{!v.change.empty()} << 7);
    e.number(v.node);
    e.number(static_cast<std::uint8_t>(v.priority));
    e.number(v.attempts);
    e.time(v.not_before);
    e.time(v.expires_at);
    const auto put = [&](octet_view image) { secret && !image.empty() ? e.blob(g.seal(image, "image")) : e.blob(image); };
    put(v.image);
    if (!v.change.empty()) put(wire::as_octets(v.change));
}

wire::result<open_event> get_event(decoder& d, const std::vector<node_state>& nodes, const guard& g) {
    open_event v;
    v.seq = d.as<event_seq>();
    const auto flags = d.number();
    v.op = static_cast<queue::operation>(flags & 15);
    v.is = static_cast<open_event::phase>(flags >> 4 & 3);
    v.owns_image = flags >> 6 & 1;
    v.node = d.as<std::uint16_t>();
    if (v.node >= nodes.size()) return wire::errc::truncated;
    v.priority = static_cast<std::int8_t>(d.as<std::uint8_t>());
    v.attempts = d.as<std::uint8_t>();
    v.not_before = d.time();
    v.expires_at = d.time();
    const auto get = [&]() -> wire::result<octets> {
        auto octets = d.blob();
        if (nodes[v.node].secret && !octets.empty()) return g.open(octets, "image");
        return octets;
    };
    OTA_TRY(v.image, get());
    if (flags & 128) {
        OTA_TRY(const auto change, get());
        v.change = wire::as_text(change);
    }
    return v;
}

void put_packet(encoder& e, const packet& p, const guard& g) {
    e.number(p.id);
    e.number(p.cntr);
    e.number(p.counter_key);
    // R2: octets sealed without ciphering are stored encrypted.
    e.blob(p.spi.command_ciphered() ? p.sealed : g.seal(p.sealed, "packet"));
    e.number(p.reference);
    for (auto octet : {p.spi.spi1, p.spi.spi2, p.kic.octet, p.kid.octet, p.tar.octets[0], p.tar.octets[1],
                       p.tar.octets[2]}) {
        e.number(octet);
    }
    e.number(static_cast<std::uint64_t>(p.format) | std::uint64_t{p.wide} << 4 | std::uint64_t{p.may_have_run} << 5 |
             std::uint64_t{p.idle} << 6);
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
    for (auto* octet : {&p.spi.spi1, &p.spi.spi2, &p.kic.octet, &p.kid.octet, &p.tar.octets[0], &p.tar.octets[1],
                        &p.tar.octets[2]}) {
        *octet = d.as<std::uint8_t>();
    }
    const auto flags = d.number();
    p.format = static_cast<secure_channel::script_format>(flags & 15);
    p.wide = flags & 16;
    p.may_have_run = flags & 32;
    p.idle = flags & 64;
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

}  // namespace

octets serialize_twin(const twin& t, const guard& g) {
    encoder e;
    e.out.reserve(256);
    e.number(format);
    e.number(std::uint64_t{t.in_flight.has_value()} | std::uint64_t{t.unknown.has_value()} << 1 |
             std::uint64_t{t.read_back_due} << 2 | std::uint64_t{t.alone} << 3 | std::uint64_t{t.reserved.has_value()} << 4);
    e.number(t.counters.size());
    for (const auto& c : t.counters) {
        e.number(c.key);
        e.number(c.last);
    }
    e.number(t.nodes.size());
    for (const auto& n : t.nodes) put_node(e, n, g);
    e.number(t.events.size());
    for (const auto& v : t.events) put_event(e, v, t.nodes[v.node].secret, g);
    if (t.in_flight) put_packet(e, *t.in_flight, g);
    if (t.unknown) put_packet(e, *t.unknown, g);
    if (t.reserved) put_packet(e, *t.reserved, g);
    e.number(t.failures);
    e.number(t.next_reference);
    e.number(t.leaps);
    e.number(static_cast<std::uint64_t>(t.leap_day));
    e.number(t.pending_leap);
    e.text(t.hold);
    e.time(t.not_before);
    e.number(static_cast<std::uint64_t>(t.last_event));
    e.number(static_cast<std::uint64_t>(t.last_history));
    return std::move(e.out);
}

wire::result<twin> parse_twin(octet_view in, const guard& g) {
    twin t;
    if (in.empty()) return t;
    decoder d(in);
    if (d.number() != format) return wire::errc::trailing_octets;
    const auto flags = d.number();
    t.read_back_due = flags & 4;
    t.alone = flags & 8;
    t.counters.resize(d.count());
    for (auto& c : t.counters) {
        c.key = d.as<std::uint32_t>();
        c.last = d.number();
    }
    for (auto n = d.count(); n > 0; --n) {
        OTA_TRY(auto node, get_node(d, g));
        t.nodes.push_back(std::move(node));
    }
    for (auto n = d.count(); n > 0; --n) {
        OTA_TRY(auto event, get_event(d, t.nodes, g));
        t.events.push_back(std::move(event));
    }
    if (flags & 1) {
        OTA_TRY(auto p, get_packet(d, t.nodes.size(), g));
        t.in_flight = std::move(p);
    }
    if (flags & 2) {
        OTA_TRY(auto p, get_packet(d, t.nodes.size(), g));
        t.unknown = std::move(p);
    }
    if (flags & 16) {
        OTA_TRY(auto p, get_packet(d, t.nodes.size(), g));
        t.reserved = std::move(p);
    }
    t.failures = d.as<std::uint8_t>();
    t.next_reference = d.as<std::uint16_t>();
    t.leaps = d.as<std::uint8_t>();
    t.leap_day = d.as<std::int64_t>();
    t.pending_leap = d.as<std::uint32_t>();
    t.hold = d.text();
    t.not_before = d.time();
    t.last_event = d.as<event_seq>();
    t.last_history = d.as<std::int64_t>();
    if (!d.done()) return wire::errc::truncated;
    return t;
}

}  // namespace ota::flow
