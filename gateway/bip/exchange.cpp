#include "gateway/bip/exchange.hpp"

#include "gateway/bip/exchange_link.hpp"
#include "secure-channel/cat_tp/errc.hpp"

#include <array>
#include <utility>

namespace ota::bip {
namespace {

using cause = bearer::link_down::cause;
using cat_tp::close_cause;

cause cause_of(close_cause why) noexcept {
    switch (why) {
        case close_cause::by_us: return cause::by_us;
        case close_cause::by_peer:
        case close_cause::refused:
        case close_cause::half_open: return cause::by_card;
        case close_cause::retries_exhausted: return cause::timed_out;
        case close_cause::idle: return cause::idle;
        case close_cause::protocol: return cause::protocol;
    }
    return cause::protocol;
}

wire::sip_key other(wire::sip_key key, std::uint64_t by) noexcept { return {key.k0 ^ by, key.k1 + by}; }

}  // namespace

exchange::exchange(exchange_settings settings, const bearer::push_tokens& tokens, used_pushes& used, wire::sip_key dice)
    : settings_(std::move(settings)),
      tokens_(tokens),
      dice_(dice),
      used_(used),
      answers_(settings_.answers, settings_.answers_per_source, other(dice, 1)),
      searches_(settings_.answers, settings_.answers_per_source, other(dice, 2)) {}

exchange::~exchange() = default;

void exchange::on_datagram(const endpoint& from, wire::octet_view octets, time_point now, actions& out) {
    ++counts_.datagrams_in;
    counts_.octets_in += octets.size();
    const auto parsed = cat_tp::parse(octets);
    if (!parsed) {
        const bool checksum = parsed.error() == cat_tp::errc::bad_checksum;
        return counts_.count(checksum ? refusal::bad_checksum : refusal::malformed);
    }
    const auto& p = parsed.value();
    const path at{from, p.source_port, p.destination_port};
    const auto known = by_path_.find(at);
    if (known != by_path_.end()) return on_known(*known->second, p, now, out);
    if (std::holds_alternative<cat_tp::set_up>(p.body) && !p.acknowledgement) return on_syn(at, p, now, out);
    on_stray(at, p, now, out);
}

void exchange::on_known(card_link& c, const cat_tp::pdu& p, time_point now, actions& out) {
    const auto* const syn = std::get_if<cat_tp::set_up>(&p.body);
    if (syn != nullptr && !p.acknowledgement) {
        // Another identification: the card began anew where it was, and proves it.
        const auto push = tokens_.verify(syn->identification);
        const auto at = c.at;  // the record may go
        if (push && *push != c.push) return on_syn(at, p, now, out);
    }
    if (c.machine.plausible(p)) dismiss_claim(c, now);
    c.machine.on_pdu(p, now, scratch_);
    apply(c, now, out);
}

void exchange::on_tick(time_point now, actions& out) {
    while (!timers_.empty() && timers_.begin()->first <= now) {
        auto& c = *links_.at(timers_.begin()->second);
        move_if_proved(c, now);
        c.machine.on_tick(now, scratch_);
        apply(c, now, out);
    }
}

// --- what the corridor asks
// -----------------------------------------------------------------------------------------------

void exchange::transmit(bearer::link_id id, bearer::submission_id submission, wire::octets packet, time_point now,
                        actions& out) {
    auto* const c = find(id);
    if (c == nullptr) return;
    const auto number = c->machine.send(std::move(packet), now, scratch_);
    if (number) {
        c->handed.emplace_back(number.value(), submission);
        ++c->packets_out;
        ++counts_.packets_out;
    } else if (number.error() != cat_tp::errc::closing) {
        // It never goes; that the link ends is how the corridor hears of it.
        ++counts_.packets_refused;
        c->machine.close(now, scratch_);
    }
    apply(*c, now, out);
}

void exchange::keep(bearer::link_id id, bool work, time_point now, actions& out) {
    auto* const c = find(id);
    if (c == nullptr) return;
    c->work = work;
    c->machine.work_pending(work, now);
    if (draining_ && !work) {
        c->why = cause::shutdown;
        c->machine.close(now, scratch_);
    }
    apply(*c, now, out);
}

void exchange::close(bearer::link_id id, time_point now, actions& out) {
    auto* const c = find(id);
    if (c == nullptr) return;
    c->machine.close(now, scratch_);
    apply(*c, now, out);
}

void exchange::drain(time_point now, actions& out) {
    draining_ = true;
    std::vector<card_link*> idle;
    for (const auto& [id, c] : links_) {
        if (!c->ended && !(c->open && c->work)) idle.push_back(c.get());
    }
    for (auto* const c : idle) {
        c->why = cause::shutdown;
        c->machine.close(now, scratch_,
                         c->open ? cat_tp::reset_reason::normal_end : cat_tp::reset_reason::temporarily_unable);
        apply(*c, now, out);
    }
}

void exchange::stop(time_point now, actions& out) {
    draining_ = true;
    std::vector<card_link*> all;
    for (const auto& [id, c] : links_) {
        if (!c->ended) all.push_back(c.get());
    }
    for (auto* const c : all) {
        c->why = cause::shutdown;
        c->machine.close(now, scratch_, cat_tp::reset_reason::temporarily_unable);
        apply(*c, now, out);
    }
}

// --- what a connection did
// ------------------------------------------------------------------------------------------------

/// Performs what the connection's machine asked for. Afterwards the record may be gone.
void exchange::apply(card_link& c, time_point now, actions& out) {
    while (!scratch_.empty()) {
        for (auto& each : std::exchange(scratch_, {})) {
            if (auto* t = std::get_if<cat_tp::link::transmit>(&each)) {
                send(c.at.card, std::move(t->datagram), out);
            } else if (auto* o = std::get_if<cat_tp::link::opened>(&each)) {
                c.open = true;
                --half_open_;
                ++open_;
                ++counts_.opened;
                used_.add(c.push, now);
                tell(c, bearer::link_up{c.push, o->max_sdu}, out);
            } else if (auto* r = std::get_if<cat_tp::link::received>(&each)) {
                on_sdu(c, std::move(r->sdu), now, out);
            } else if (auto* a = std::get_if<cat_tp::link::acknowledged>(&each)) {
                for (; !c.handed.empty() && c.handed.front().first <= a->sdu; c.handed.pop_front()) {
                    ++counts_.packets_acknowledged;
                    tell(c, bearer::link_acknowledged{c.handed.front().second}, out);
                }
            } else if (auto* e = std::get_if<cat_tp::link::ended>(&each)) {
                on_end(c, c.why.value_or(cause_of(e->why)), out);
            }
        }
    }
    settle(c, now);
}

void exchange::on_sdu(card_link& c, wire::octets sdu, time_point now, actions& out) {
    if (c.ended) return;
    ++counts_.packets_in;
    // A card answers what it is sent, once; one that floods the corridor is not served further.
    if (++c.packets_in > settings_.unasked_packets + 2 * c.packets_out) {
        c.why = cause::protocol;
        c.machine.close(now, scratch_, cat_tp::reset_reason::unexpected_pdu);
        return;
    }
    tell(c, bearer::link_packet{std::move(sdu)}, out);
}

void exchange::on_end(card_link& c, cause why, actions& out) {
    if (std::exchange(c.ended, true)) return;
    c.claimed.reset();
    c.handed = {};
    const auto named = by_push_.find(c.push);
    if (named != by_push_.end() && named->second == &c) by_push_.erase(named);
    if (!c.open) {
        --half_open_;
        ++counts_.set_up_failed;
        return;
    }
    --open_;
    ++counts_.closed[static_cast<std::size_t>(why)];
    tell(c, bearer::link_down{why}, out);
}

/// Keeps the timer with what the machine waits for; lets the record go when it is over.
void exchange::settle(card_link& c, time_point now) {
    if (c.machine.now_in() == cat_tp::link::state::closed) return erase(c);
    auto due = c.machine.due();
    if (c.claimed && c.claimed->proved) {
        const auto grace_over = c.claimed->since + settings_.grace;
        due = due ? std::min(*due, grace_over) : grace_over;
    }
    if (due) due = std::max(*due, now + std::chrono::milliseconds(1));
    if (due == c.timer) return;
    if (c.timer) timers_.erase({*c.timer, c.id.value});
    if (due) timers_.emplace(*due, c.id.value);
    c.timer = due;
}

/// The card is somewhere else now, and the old record says nothing more to anybody.
void exchange::replace(card_link& c, actions& out) {
    ++counts_.replaced;
    if (!c.ended) on_end(c, c.why.value_or(cause::by_card), out);
    erase(c);
}

void exchange::erase(card_link& c) {
    if (c.timer) timers_.erase({*c.timer, c.id.value});
    const auto named = by_push_.find(c.push);
    if (named != by_push_.end() && named->second == &c) by_push_.erase(named);
    by_path_.erase(c.at);
    const auto same = by_source_.find(source_of(c.at.card));
    same->second.erase(&c);
    if (same->second.empty()) by_source_.erase(same);
    links_.erase(c.id.value);
}

void exchange::send(const endpoint& to, wire::octets octets, actions& out) {
    ++counts_.datagrams_out;
    counts_.octets_out += octets.size();
    out.send.push_back({to, std::move(octets)});
}

void exchange::tell(const card_link& c, decltype(bearer::link_event::what) what, actions& out) {
    out.tell.push_back({c.id, c.push.card, std::move(what)});
}

exchange::card_link* exchange::find(bearer::link_id id) const {
    const auto found = links_.find(id.value);
    return found == links_.end() || found->second->ended || !found->second->open ? nullptr : found->second.get();
}

/// A number that nobody can foretell from those that he was given.
std::uint64_t exchange::throw_dice() {
    const auto throws = std::to_string(++throws_);
    return wire::sip_hash(dice_, throws);
}

std::optional<time_point> exchange::due() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first;
}

bip::figures exchange::figures() const noexcept {
    return {.links = open_, .half_open = half_open_, .records = links_.size(), .remembered = used_.size()};
}

}  // namespace ota::bip
