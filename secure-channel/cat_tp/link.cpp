#include "secure-channel/cat_tp/link.hpp"

#include "secure-channel/cat_tp/serial.hpp"

#include <algorithm>

namespace ota::cat_tp {

namespace {

constexpr std::uint16_t widest_window = 1024;  // far from the 32768 where "ahead" turns over

link_settings sound(link_settings s) noexcept {
    s.window = std::clamp<std::uint16_t>(s.window, 1, widest_window);
    s.under_way = std::clamp<std::uint16_t>(s.under_way, 1, widest_window);
    s.max_pdu = std::max(s.max_pdu, least_max_pdu);
    return s;
}

}  // namespace

link::link(const link_settings& settings, std::uint16_t own_port, std::uint16_t peer_port, wire::octets identification,
           std::uint16_t first_sequence, std::uint64_t dice, time_point now, actions& out)
    : link(settings, own_port, peer_port, first_sequence, dice, now, state::syn_sent) {
    identification_ = std::move(identification);
    if (identification_.size() > longest_identification) identification_.resize(longest_identification);
    emit_set_up(now, out);
}

link::link(const link_settings& settings, const pdu& syn, std::uint16_t first_sequence, std::uint64_t dice,
           time_point now, actions& out)
    : link(settings, syn.destination_port, syn.source_port, first_sequence, dice, now, state::syn_received) {
    if (const auto* const limits = std::get_if<set_up>(&syn.body)) take_limits(syn, *limits);
    emit_set_up(now, out);
}

link::link(const link_settings& settings, std::uint16_t own_port, std::uint16_t peer_port, std::uint16_t first_sequence,
           std::uint64_t dice, time_point now, state begins)
    : settings_(sound(settings)),
      patience_(settings.first_rto, settings.min_rto, settings.max_rto, dice),
      in_(settings_.window, settings_.max_sdu),
      out_(first_sequence, settings_.under_way),
      own_port_(own_port),
      peer_port_(peer_port),
      first_sequence_(first_sequence),
      state_(begins),
      active_(now),
      path_used_(now),
      progress_(now),
      next_stray_(now) {}

// --- what goes out
// ------------------------------------------------------------------------------------------------------

pdu link::blank(std::uint16_t sequence) const noexcept {
    pdu p{.source_port = own_port_, .destination_port = peer_port_, .sequence = sequence, .window = settings_.window};
    if (state_ != state::syn_sent) p.acknowledgement = in_.current();
    return p;
}

void link::emit(const pdu& p, actions& out) {
    auto datagram = serialize(p);
    if (datagram) out.emplace_back(transmit{std::move(datagram).value()});
}

/// SYN or SYN+ACK, the first time or again.
void link::emit_set_up(time_point now, actions& out) {
    auto p = blank(first_sequence_);
    p.body = set_up{settings_.max_pdu, settings_.max_sdu, identification_};
    emit(p, out);
    timer_ = now + patience_.wait(tries_);
}

void link::emit_acknowledgement(actions& out) {
    auto p = blank(out_.next_sequence());
    const auto room = (std::min(settings_.max_pdu, peer_max_pdu_) - least_header) / 2;
    p.body = traffic{.held = in_.out_of_order(std::min(room, most_held))};
    emit(p, out);
    owed_ = false;
}

/// Data or NUL with what we know now; the list of an EACK where it has room, so that no acknowledgement need follow.
void link::emit_numbered(const outbound::numbered& what, time_point now, actions& out) {
    auto p = blank(what.sequence);
    traffic body{.nul = what.nul, .more = what.more, .data = wire::octets(what.data.begin(), what.data.end())};
    const auto room = (std::min(settings_.max_pdu, peer_max_pdu_) - least_header - what.data.size()) / 2;
    const bool all = in_.held() <= std::min(room, most_held);
    if (all && !what.nul) body.held = in_.out_of_order(most_held);  // a known peer cannot read EACK with NUL
    if (in_.held() == body.held.size()) owed_ = false;
    p.body = std::move(body);
    emit(p, out);
    path_used_ = now;
}

/// To a PDU that acknowledges what was never sent: an RST that stands in its sender's window.
void link::emit_foreign_reset(std::uint16_t acknowledgement, actions& out) {
    pdu p{.source_port = own_port_, .destination_port = peer_port_, .sequence = moved(acknowledgement, 1)};
    p.body = reset{reset_reason::unexpected_pdu};
    emit(p, out);
}

void link::take_limits(const pdu& syn, const set_up& limits) noexcept {
    in_.start(syn.sequence);
    peer_max_pdu_ = std::max(limits.max_pdu, least_max_pdu);
    peer_max_sdu_ = limits.max_sdu;
    out_.start(std::min(settings_.max_pdu, peer_max_pdu_) - least_header, syn.sequence, syn.window);
}

void link::become_open(const pdu& p, time_point now, actions& out) {
    state_ = state::open;
    // The set-up is the first sample of the round trip, unless it was repeated.
    if (!repeated_) patience_.sample(std::chrono::duration_cast<patience::span>(now - path_used_));
    tries_ = 0;
    active_ = path_used_ = progress_ = now;
    identification_ = {};
    std::vector<std::uint64_t> none;
    out_.on_acknowledgement(*p.acknowledgement, p.sequence, p.window, now, patience_, none);
    out.emplace_back(opened{peer_max_pdu_, peer_max_sdu_});
}

void link::pump(time_point now, actions& out) {
    while (const auto hole = out_.hole(now, patience_)) emit_numbered(*hole, now, out);
    while (const auto piece = out_.next(now, patience_)) {
        emit_numbered(*piece, now, out);
        active_ = now;
    }
    settle_probe(now);
}

/// A window that opened without our hearing of it would stay closed for ever: it is asked for, ever more seldom.
void link::settle_probe(time_point now) {
    if (out_.window_open()) {
        probe_.reset();
        tries_ = 0;
    } else if (out_.blocked() && !probe_) {
        probe_ = now + patience_.wait(tries_);
        tries_ = static_cast<std::uint8_t>(std::min(tries_ + 1, 16));
    }
}

// --- what the owner asks
// ------------------------------------------------------------------------------------------------

wire::result<std::uint64_t> link::send(wire::octets sdu, time_point now, actions& out) {
    if (state_ != state::open) return errc::not_open;
    if (closing_) return errc::closing;
    if (sdu.empty()) return errc::empty_sdu;
    if (sdu.size() > peer_max_sdu_) return errc::sdu_too_long;
    if (!out_.drained() && out_.backlog() + sdu.size() > settings_.backlog) return errc::backlog_full;
    if (out_.drained()) progress_ = now;
    const auto number = out_.queue(std::move(sdu));
    pump(now, out);
    return number;
}

void link::close(time_point now, actions& out, reset_reason reason) {
    if (state_ == state::close_wait || state_ == state::closed) return;
    closing_ = true;
    if (reason != reset_reason::normal_end || out_.drained()) end(close_cause::by_us, reason, now, out);
}

void link::conclude_drained(time_point now, actions& out) {
    if (state_ == state::open && closing_ && out_.drained())
        end(close_cause::by_us, reset_reason::normal_end, now, out);
}

/// RST goes out: nobody acknowledges it, and what the peer says before it heard it is dropped until CLOSE-WAIT is over.
void link::end(close_cause why, reset_reason reason, time_point now, actions& out) {
    auto p = blank(out_.next_sequence());
    p.body = reset{reason};
    emit(p, out);
    over(state::close_wait, why, reason, now, out);
}

void link::over(state next, close_cause why, reset_reason reason, time_point now, actions& out) {
    state_ = next;
    timer_ = now + std::max<patience::span>(milliseconds(2000), 2 * patience_.time_out());
    in_.release();
    out_.release();
    identification_ = {};
    probe_.reset();
    out.emplace_back(ended{why, reason});
}

void link::work_pending(bool pending, time_point now) {
    if (work_ && !pending) active_ = std::max(active_, now);
    work_ = pending;
}

// --- what the owner sees
// ------------------------------------------------------------------------------------------------

bool link::plausible(const pdu& p) const noexcept {
    if (state_ != state::open || p.version != 0 || p.source_port != peer_port_ || p.destination_port != own_port_)
        return false;
    if (!p.acknowledgement || std::holds_alternative<set_up>(p.body)) return false;
    const auto mine = ahead(*p.acknowledgement, out_.next_sequence());
    const auto oldest = -static_cast<std::int32_t>(out_.under_way()) - 1 - settings_.under_way;
    if (mine >= 0 || mine < oldest) return false;
    const auto distance = ahead(p.sequence, in_.current());
    // What it repeats because our acknowledgement went to its old address is behind; an RST must stand in the window.
    const auto least = std::holds_alternative<reset>(p.body) ? 1 : 1 - settings_.window;
    return distance >= least && distance <= settings_.window + 1;
}

std::size_t link::memory() const noexcept {
    return sizeof(link) + in_.memory() + out_.memory() + identification_.capacity();
}

}  // namespace ota::cat_tp
