#include "gateway/bip/callers.hpp"

#include "secure-channel/wire/ber_tlv.hpp"

#include <utility>

namespace ota::bip {

using cause = bearer::link_down::cause;
using kind = secure_channel::packet_stream::kind;

struct callers::caller {
    caller(caller_id name, const endpoint& where, const callers_settings& s, time_point now)
        : id(name), from(where), stream(s.tags, s.max_packet), active(now), deadline(now + s.identification_timeout) {}

    caller_id id;
    endpoint from;
    secure_channel::packet_stream stream;
    std::optional<bearer::link_id> link;  ///< once it has said who it is
    bearer::push_id push;
    bool work = false;
    bool closing = false;
    cause why = cause::by_card;  ///< told when it is closed
    time_point active;
    std::optional<time_point> deadline;  ///< of the identification, or of the packet that has begun
    std::optional<time_point> stuck;     ///< what we wrote must be in the socket by then
    std::size_t unwritten = 0;           ///< octets
    std::uint64_t packets_in = 0, packets_out = 0;
    std::optional<time_point> timer;
};

callers::callers(callers_settings settings, const bearer::push_tokens& tokens, used_pushes& used)
    : settings_(std::move(settings)), tokens_(tokens), used_(used) {}

callers::~callers() = default;

std::optional<refusal> callers::no_room(const endpoint& from) const {
    if (draining_) return refusal::draining;
    if (callers_.size() >= settings_.max_links) return refusal::links;
    if (unidentified() >= settings_.unidentified) return refusal::half_open;
    const auto same = by_source_.find(source_of(from));
    const auto there = same == by_source_.end() ? 0 : same->second;
    if (there >= settings_.per_source) return refusal::source;
    return std::nullopt;
}

void callers::on_connected(caller_id id, const endpoint& from, time_point now, actions& out) {
    if (const auto why = no_room(from)) {
        counts_.count(*why);
        out.cut.push_back(id);
        return;
    }
    auto& c = *callers_.emplace(id, std::make_unique<caller>(id, from, settings_, now)).first->second;
    ++by_source_[source_of(from)];
    settle(c);
}

void callers::on_octets(caller_id id, wire::octet_view octets, time_point now, actions& out) {
    const auto found = callers_.find(id);
    if (found == callers_.end()) return;
    auto& c = *found->second;
    counts_.octets_in += octets.size();
    if (c.closing) return;
    c.active = now;
    c.stream.on_octets(octets);
    bool whole = false;
    for (;;) {
        auto next = c.stream.next();
        if (!next) {
            const bool large = next.error() == secure_channel::errc::too_long;
            return refuse(c, large ? refusal::oversize : refusal::malformed, out);
        }
        if (!next.value()) break;
        if (!on_packet(c, std::move(*next.value()), now, out)) return;
        whole = true;
    }
    // The time for the rest of a packet runs from its first octet: a packet octet by octet does not keep a connection.
    if (c.link && whole) c.deadline.reset();
    if (c.link && !c.deadline && c.stream.holds_part()) c.deadline = now + settings_.packet_timeout;
    settle(c);
}

/// False: the caller is gone.
bool callers::on_packet(caller& c, secure_channel::packet_stream::packet p, time_point now, actions& out) {
    if (!c.link) {
        if (p.is == kind::identification) return identify(c, p.octets, now, out);
        refuse(c, refusal::foreign, out);
        return false;
    }
    ++counts_.packets_in;
    const bool flood = ++c.packets_in > settings_.unasked_packets + 2 * c.packets_out;
    if (p.is != kind::response || flood) {
        refuse(c, refusal::malformed, out);
        return false;
    }
    out.tell.push_back({*c.link, c.push.card, bearer::link_packet{std::move(p.octets)}});
    return true;
}

bool callers::identify(caller& c, wire::octet_view packet, time_point now, actions& out) {
    const auto push = push_in(packet);
    if (!push || used_.has(*push, now)) {
        refuse(c, push ? refusal::used : refusal::foreign, out);
        return false;
    }
    used_.add(*push, now);
    c.push = *push;
    c.link = bearer::link_id{last_link_ += 2};
    c.deadline.reset();
    by_link_.emplace(c.link->value, &c);
    ++counts_.opened;
    out.tell.push_back({*c.link, c.push.card, bearer::link_up{c.push, 0xFFFF}});
    return true;
}

/// The identification itself, or the object of the PUSH that held it: neither is confirmed.
std::optional<bearer::push_id> callers::push_in(wire::octet_view packet) const {
    wire::reader in(packet);
    const auto value = wire::read_ber_tlv(in).value;
    if (in.failed()) return std::nullopt;
    if (const auto push = tokens_.verify(value)) return push;
    wire::reader inner(value);
    const auto object = wire::read_ber_tlv(inner);
    if (inner.failed() || inner.remaining() != 0 || (object.tag & 0x7F) != 0x36) return std::nullopt;
    return tokens_.verify(object.value);
}

void callers::on_written(caller_id id, time_point now) {
    const auto found = callers_.find(id);
    if (found == callers_.end()) return;
    found->second->unwritten = 0;
    found->second->stuck.reset();
    found->second->active = now;
    settle(*found->second);
}

void callers::on_closed(caller_id id, actions& out) {
    const auto found = callers_.find(id);
    if (found != callers_.end()) end(*found->second, found->second->why, out);
}

void callers::on_tick(time_point now, actions& out) {
    while (!timers_.empty() && timers_.begin()->first <= now) {
        auto& c = *callers_.at(timers_.begin()->second);
        const bool late = (c.deadline && now >= *c.deadline) || (c.stuck && now >= *c.stuck);
        if (late) {
            counts_.count(refusal::slow);
            finish(c, cause::timed_out, out);
        } else {
            finish(c, cause::idle, out);
        }
    }
}

// --- what the corridor asks
// -----------------------------------------------------------------------------------------------

void callers::transmit(bearer::link_id id, wire::octets packet, time_point now, actions& out) {
    auto* const c = find(id);
    if (c == nullptr || c->closing) return;
    if (packet.empty() || (c->unwritten != 0 && c->unwritten + packet.size() > settings_.backlog)) {
        ++counts_.packets_refused;
        return close(id, out);
    }
    c->unwritten += packet.size();
    if (!c->stuck) c->stuck = now + settings_.packet_timeout;
    c->active = now;
    ++c->packets_out;
    ++counts_.packets_out;
    counts_.octets_out += packet.size();
    out.write.push_back({c->id, std::move(packet)});
    settle(*c);
}

void callers::keep(bearer::link_id id, bool work, time_point now, actions& out) {
    auto* const c = find(id);
    if (c == nullptr) return;
    if (c->work && !work) c->active = std::max(c->active, now);
    c->work = work;
    if (draining_ && !work) {
        c->why = cause::shutdown;
        return close(id, out);
    }
    settle(*c);
}

void callers::close(bearer::link_id id, actions& out) {
    auto* const c = find(id);
    if (c == nullptr || std::exchange(c->closing, true)) return;
    if (c->why == cause::by_card) c->why = cause::by_us;
    c->deadline.reset();
    out.close.push_back(c->id);
    settle(*c);
}

void callers::drain(actions& out) {
    draining_ = true;
    std::vector<caller*> idle;
    for (const auto& [id, c] : callers_) {
        if (!c->link || !c->work) idle.push_back(c.get());
    }
    for (auto* const c : idle) {
        c->why = cause::shutdown;
        if (c->link) {
            close(*c->link, out);
        } else {
            finish(*c, cause::shutdown, out);
        }
    }
}

void callers::stop(actions& out) {
    draining_ = true;
    while (!callers_.empty()) finish(*callers_.begin()->second, cause::shutdown, out);
}

// --- the end of a connection
// ----------------------------------------------------------------------------------------------

void callers::refuse(caller& c, refusal why, actions& out) {
    counts_.count(why);
    finish(c, cause::protocol, out);
}

void callers::finish(caller& c, cause why, actions& out) {
    out.cut.push_back(c.id);
    end(c, why, out);
}

void callers::end(caller& c, cause why, actions& out) {
    if (c.timer) timers_.erase({*c.timer, c.id});
    if (c.link) {
        by_link_.erase(c.link->value);
        ++counts_.closed[static_cast<std::size_t>(why)];
        out.tell.push_back({*c.link, c.push.card, bearer::link_down{why}});
    } else {
        ++counts_.set_up_failed;
    }
    const auto same = by_source_.find(source_of(c.from));
    if (--same->second == 0) by_source_.erase(same);
    callers_.erase(c.id);
}

void callers::settle(caller& c) {
    std::optional<time_point> due = c.deadline;
    const auto earlier = [&](const std::optional<time_point>& other) {
        if (other && (!due || *other < *due)) due = other;
    };
    earlier(c.stuck);
    if (c.link && !c.work && c.unwritten == 0) earlier(c.active + settings_.idle);
    if (due == c.timer) return;
    if (c.timer) timers_.erase({*c.timer, c.id});
    if (due) timers_.emplace(*due, c.id);
    c.timer = due;
}

callers::caller* callers::find(bearer::link_id id) const {
    const auto found = by_link_.find(id.value);
    return found == by_link_.end() ? nullptr : found->second;
}

std::optional<time_point> callers::due() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first;
}

}  // namespace ota::bip
