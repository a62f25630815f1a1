#include "gateway/flow/twin_coding.hpp"

#include <algorithm>

namespace ota::flow {

using wire::octet_view;
using wire::octets;

namespace {

// Format 1. Numbers are base-128 varints: a twin is read and written twice per event, and most numbers are small.
constexpr std::uint8_t format = 1;

bool has_shadow(const node_state& n) noexcept {
    return n.of_file != shadow::unchecked || !n.held.empty() || !n.doubtful.empty() || !n.revisions.empty() || n.paired;
}

void put_device(encoder& e, const device_view& v) {
    e.number(static_cast<std::uint64_t>(v.said));
    e.number(v.image_crc);
    e.time(v.at);
    e.number(v.drifts);
    e.number(v.account_crc);
}

device_view get_device(decoder& d) {
    device_view v;
    v.said = d.as<device_word>();
    v.image_crc = d.as<std::uint32_t>();
    v.at = d.time();
    v.drifts = d.as<std::uint32_t>();
    v.account_crc = d.as<std::uint32_t>();
    return v;
}

void put_node(encoder& e, const node_state& n, const guard& g) {
    const bool same = n.wanted && n.confirmed && n.desired == n.reported;
    e.text(n.uri);
    e.number(std::uint64_t{n.secret} | std::uint64_t{n.wanted} << 1 | std::uint64_t{n.confirmed} << 2 |
             std::uint64_t{same} << 3 | std::uint64_t{n.revision.has_value()} << 4 |
             static_cast<std::uint64_t>(n.there) << 5 | std::uint64_t{has_shadow(n)} << 7 |
             std::uint64_t{n.device != device_view{}} << 8 | std::uint64_t{n.place} << 9);
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
    if (n.device != device_view{}) put_device(e, n.device);
    if (!has_shadow(n)) return;
    e.number(static_cast<std::uint64_t>(n.of_file) | std::uint64_t{n.paired} << 4);
    if (n.paired) e.number(n.live);
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
    n.place = static_cast<std::uint32_t>(flags >> 9 & 0x7FFFF);  // a program before there was one wrote 0
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
    if (flags & 256) n.device = get_device(d);
    if ((flags & 128) == 0) return n;
    const auto file = d.number();
    n.of_file = static_cast<shadow>(file & 15);
    n.paired = file & 16;
    if (n.paired) n.live = d.as<std::uint16_t>();
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
    e.number(static_cast<std::uint64_t>(v.op) | static_cast<std::uint64_t>(v.is) << 4 |
             std::uint64_t{v.owns_image} << 6 | std::uint64_t{!v.change.empty()} << 7 |
             static_cast<std::uint64_t>(v.bearer) << 8);
    e.number(v.node);
    e.number(static_cast<std::uint8_t>(v.priority));
    e.number(v.attempts);
    e.time(v.not_before);
    e.time(v.expires_at);
    const auto put = [&](octet_view image) {
        secret && !image.empty() ? e.blob(g.seal(image, "image")) : e.blob(image);
    };
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
    v.bearer = static_cast<queue::bearer_wish>(flags >> 8 & 3);
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

bool knows_channels(const twin& t) noexcept {
    return t.channel || t.channel_failures != 0 || t.short_messages_until != wall_time{};
}

void put_channel(encoder& e, const twin& t) {
    e.number(std::uint64_t{t.channel.has_value()} | std::uint64_t{t.channel_failures} << 1);
    e.time(t.short_messages_until);
    if (!t.channel) return;
    e.number(t.channel->link);
    e.number(t.channel->instance);
    e.number(t.channel->max_sdu);
    e.time(t.channel->opened_at);
}

void get_channel(decoder& d, twin& t) {
    const auto flags = d.number();
    t.channel_failures = static_cast<std::uint8_t>(flags >> 1);
    t.short_messages_until = d.time();
    if ((flags & 1) == 0) return;
    auto& c = t.channel.emplace();
    c.link = d.number();
    c.instance = d.as<std::uint16_t>();
    c.max_sdu = d.as<std::uint16_t>();
    c.opened_at = d.time();
}

}  // namespace

octets serialize_twin(const twin& t, const guard& g) {
    encoder e;
    e.out.reserve(256);
    e.number(format);
    e.number(std::uint64_t{t.in_flight.has_value()} | std::uint64_t{t.unknown.has_value()} << 1 |
             std::uint64_t{t.read_back_due} << 2 | std::uint64_t{t.alone} << 3 |
             std::uint64_t{t.reserved.has_value()} << 4 | std::uint64_t{t.audit.has_value()} << 5 |
             std::uint64_t{knows_channels(t)} << 6);
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
    if (t.audit) put_audit(e, *t.audit, t.nodes, g);
    if (knows_channels(t)) put_channel(e, t);
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
    if (flags & 32) {
        OTA_TRY(auto audit, get_audit(d, t.nodes, g));
        t.audit = std::move(audit);
    }
    if (flags & 64) get_channel(d, t);
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
