#pragma once

#include "secure-channel/cat_tp/link.hpp"

#include <string>

/// What a link says and is told, as short texts: a row of the event table is one line of a test.
namespace ota::cat_tp::spoken {

using namespace std::chrono_literals;
using lines = std::vector<std::string>;

inline std::string text_of(const pdu& p) {
    std::string out;
    if (const auto* s = std::get_if<set_up>(&p.body)) {
        out = p.acknowledgement ? "SYN+ACK " : "SYN ";
        out += std::to_string(s->max_pdu) + ' ' + std::to_string(s->max_sdu);
        if (!s->identification.empty()) out += " id " + wire::to_hex(s->identification);
    } else if (const auto* r = std::get_if<reset>(&p.body)) {
        out = (p.acknowledgement ? "RST+ACK reason " : "RST reason ") + std::to_string(static_cast<int>(r->reason));
    } else {
        const auto& t = std::get<traffic>(p.body);
        out = t.nul ? "NUL" : !t.data.empty() ? "data " + std::string(wire::as_text(t.data)) : "ACK";
        if (t.more) out += " SEG";
        if (!t.held.empty()) out += " EACK";
        for (const auto number : t.held) out += ' ' + std::to_string(number);
    }
    out += " #" + std::to_string(p.sequence);
    if (p.acknowledgement) out += " ack " + std::to_string(*p.acknowledgement);
    return out;
}

inline std::string text_of(close_cause why) {
    switch (why) {
        case close_cause::by_us: return "by us";
        case close_cause::by_peer: return "by peer";
        case close_cause::refused: return "refused";
        case close_cause::retries_exhausted: return "retries exhausted";
        case close_cause::idle: return "idle";
        case close_cause::half_open: return "half open";
        case close_cause::protocol: return "protocol";
    }
    return "?";
}

inline std::string text_of(const link::action& a) {
    if (const auto* t = std::get_if<link::transmit>(&a)) return "-> " + text_of(parse(t->datagram).value());
    if (const auto* o = std::get_if<link::opened>(&a))
        return "opened " + std::to_string(o->max_pdu) + ' ' + std::to_string(o->max_sdu);
    if (const auto* r = std::get_if<link::received>(&a)) return "received " + std::string(wire::as_text(r->sdu));
    if (const auto* k = std::get_if<link::acknowledged>(&a)) return "acknowledged " + std::to_string(k->sdu);
    const auto& e = std::get<link::ended>(a);
    return "ended " + text_of(e.why) + (e.reason ? ' ' + std::to_string(static_cast<int>(*e.reason)) : "");
}

inline lines text_of(const link::actions& all) {
    lines out;
    for (const auto& each : all) out.push_back(text_of(each));
    return out;
}

inline wire::octets octets(std::string_view text) { return {text.begin(), text.end()}; }

// PDUs of the peer (port 100) to us (port 200).
// ----------------------------------------------------------------------------

inline pdu from_peer(std::uint16_t sequence, std::optional<std::uint16_t> acknowledgement, std::uint16_t window = 10) {
    pdu p{.source_port = 100, .destination_port = 200, .sequence = sequence, .window = window};
    p.acknowledgement = acknowledgement;
    return p;
}

inline pdu syn(std::uint16_t sequence, std::optional<std::uint16_t> acknowledgement = {}, std::uint16_t max_pdu = 100,
               std::uint16_t max_sdu = 1000, std::uint16_t window = 10) {
    auto p = from_peer(sequence, acknowledgement, window);
    p.body = set_up{max_pdu, max_sdu, {}};
    return p;
}

inline pdu ack(std::uint16_t sequence, std::uint16_t acknowledgement, std::vector<std::uint16_t> held = {},
               std::uint16_t window = 10) {
    auto p = from_peer(sequence, acknowledgement, window);
    p.body = traffic{.held = std::move(held)};
    return p;
}

inline pdu data(std::uint16_t sequence, std::uint16_t acknowledgement, std::string_view text, bool more = false) {
    auto p = from_peer(sequence, acknowledgement);
    p.body = traffic{.more = more, .data = octets(text)};
    return p;
}

inline pdu nul(std::uint16_t sequence, std::uint16_t acknowledgement) {
    auto p = from_peer(sequence, acknowledgement);
    p.body = traffic{.nul = true};
    return p;
}

inline pdu rst(std::uint16_t sequence, std::optional<std::uint16_t> acknowledgement = {},
               reset_reason reason = reset_reason::normal_end) {
    auto p = from_peer(sequence, acknowledgement);
    p.body = reset{reason};
    return p;
}

/// Jitter depends on the dice: tests of waits allow for it.
inline bool between(std::optional<time_point> due, time_point from, patience::span wait) {
    return due && *due - from >= wait && *due - from <= wait + wait / 8 + 1us;
}

/// One link with a script: ours is number 1000, the peer's SYN number 50.
class one_end {
public:
    link_settings settings;
    time_point now{1h};

    /// Waits for the peer: has got its SYN.
    lines listen(std::uint16_t window = 10) {
        link::actions out;
        machine_.emplace(settings, syn(50, {}, 100, 1000, window), first, 7, now, out);
        return text_of(out);
    }
    /// Opens.
    lines connect() {
        link::actions out;
        machine_.emplace(settings, std::uint16_t{200}, std::uint16_t{100}, octets("id"), first, 7, now, out);
        return text_of(out);
    }
    /// Waits for the peer, and stands.
    void open(std::uint16_t window = 10) {
        listen(window);
        hear(ack(51, first, {}, window));
    }

    lines hear(const pdu& p) {
        link::actions out;
        machine_->on_pdu(p, now, out);
        return text_of(out);
    }
    lines send(std::string_view text) {
        link::actions out;
        last = machine_->send(octets(text), now, out).has_value();
        return text_of(out);
    }
    lines close(reset_reason reason = reset_reason::normal_end) {
        link::actions out;
        machine_->close(now, out, reason);
        return text_of(out);
    }
    /// Sleeps until the link asks for its tick.
    lines sleep() {
        now = std::max(now, machine_->due().value_or(now));
        return tick();
    }
    lines sleep(milliseconds span) {
        now += span;
        return tick();
    }
    lines tick() {
        link::actions out;
        machine_->on_tick(now, out);
        return text_of(out);
    }
    link& it() { return *machine_; }

    std::uint16_t first = 1000;
    bool last = false;  ///< whether the last `send` was taken

private:
    std::optional<link> machine_;
};

}  // namespace ota::cat_tp::spoken
