#include "gateway/flow/in_flight.hpp"

#include "gateway/flow/outcome.hpp"
#include "queue/json_text.hpp"

#include <algorithm>
#include <cstdio>

namespace ota::flow {

using secure_channel::counter_mode;

bool exactly_one(const packet& p) noexcept { return p.spi.counter() == counter_mode::exactly_one_higher; }

bool unchecked(const packet& p) noexcept {
    return p.spi.counter() == counter_mode::ignored || p.spi.counter() == counter_mode::not_checked;
}

std::uint16_t holder_of(const packet& p) noexcept { return p.holder.value_or(store::id_source::instance_of(p.id)); }

std::uint32_t all_segments(const packet& p) noexcept { return p.segments >= 32 ? ~0u : (1u << p.segments) - 1; }

wall_time scattered(wall_time now, std::chrono::milliseconds wait, std::int64_t id) noexcept {
    constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15;
    const auto mixed =
        (static_cast<std::uint64_t>(id) ^ static_cast<std::uint64_t>(now.time_since_epoch().count())) * golden_ratio;
    const auto range = static_cast<std::uint64_t>(std::max<std::int64_t>(wait.count(), 1));
    return now + wait / 2 + std::chrono::milliseconds((mixed >> 32) % range);
}

namespace {

bool carries(const twin& t, const packet& p, const open_event& e) noexcept {
    return e.is == open_event::phase::in_flight &&
           std::any_of(p.carries.begin(), p.carries.end(), [&](const carried& c) {
               return c.is != carried::kind::read_back && c.node == e.node && c.version == t.version_of(e);
           });
}

}  // namespace

void put_in_flight(twin& t, const carried& c) {
    if (c.is == carried::kind::read_back) return;  // it only prepares what the event wants
    for (const auto seq : t.events_of(c)) {
        auto* e = t.find_event(seq);
        // A change that shares a later image by now is not what this packet was recorded with.
        if (e->change.empty() || e->op == queue::operation::get || t.version_of(*e) == c.version)
            e->is = open_event::phase::in_flight;
    }
}

bool carries_open_event(const twin& t, const packet& p) noexcept {
    return std::any_of(t.events.begin(), t.events.end(), [&](const open_event& e) { return carries(t, p, e); });
}

std::optional<wall_time> end_of_life(const twin& t, const packet& p) noexcept {
    std::optional<wall_time> end;
    for (const auto& e : t.events) {
        if (carries(t, p, e) && (!end || e.expires_at < *end)) end = e.expires_at;
    }
    return end;
}

void send_again(packet& p) noexcept {
    p.retry = all_segments(p);
    p.retry_at = {};
    p.closes_at = {};  // the new sending has its own validity
    p.idle = false;
    p.may_have_run = true;
}

void close_in_flight(twin& t) {
    t.in_flight.reset();
    if (!t.reserved) return;
    t.in_flight = std::move(t.reserved);
    t.reserved.reset();
    send_again(*t.in_flight);
}

void becomes_unknown(twin& t, effects& out) {
    fail_unknown_execs(t, *t.in_flight, out);
    t.unknown = std::move(t.in_flight);
    close_in_flight(t);  // R10: the read-back may be recorded already; then no other may go
    t.read_back_due = !t.in_flight.has_value();
}

void quarantine(twin& t, std::string_view why, effects& out) {
    t.hold = why;
    out.quarantine = true;
}

void note(effects& out, const twin& t, const packet& p, std::string_view what, int status) {
    char text[192];
    const auto add = [&](std::string& line, const char* format, auto... values) {
        const auto n = std::snprintf(text, sizeof text, format, values...);
        line.append(text, std::min(static_cast<std::size_t>(n), sizeof text - 1));
    };
    std::string line;
    line.reserve(256);
    add(line, R"({"what":"%.*s","cntr":"%010llx")", static_cast<int>(what.size()), what.data(),
        static_cast<unsigned long long>(p.cntr));
    if (status >= 0) add(line, R"(,"status":"%02x")", status);
    if (p.id != 0) {  // else nothing is known of it any more
        add(line, R"(,"packet":%lld,"segments":%u,"sendings":%u)", static_cast<long long>(p.id), p.segments,
            p.sendings);
        add(line, R"(,"spi":"%02x%02x","kic":"%02x","kid":"%02x","tar":"%s","carries":[)", p.spi.spi1, p.spi.spi2,
            p.kic.octet, p.kid.octet, wire::to_hex(p.tar.octets).c_str());
        for (const auto& c : p.carries) {
            if (c.node >= t.nodes.size()) continue;
            if (line.back() != '[') line += ',';
            queue::append_json_string(line, std::string(name_of(c.is)) + ' ' + t.nodes[c.node].uri);
        }
        line += ']';
    }
    line += '}';
    out.history.push_back(std::move(line));
}

}  // namespace ota::flow
