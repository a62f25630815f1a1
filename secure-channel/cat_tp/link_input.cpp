#include "secure-channel/cat_tp/link.hpp"
#include "secure-channel/cat_tp/serial.hpp"

// The event table of TS 102 127, 5.4, state by state.
namespace ota::cat_tp {

namespace {

const traffic* traffic_of(const pdu& p) noexcept { return std::get_if<traffic>(&p.body); }

bool has_data(const pdu& p) noexcept {
    const auto* const t = traffic_of(p);
    return t != nullptr && !t->data.empty();
}

/// Whether its number is its own, so that its sender repeats it until it hears of it.
bool takes_number(const pdu& p) noexcept {
    const auto* const t = traffic_of(p);
    return t == nullptr ? std::holds_alternative<set_up>(p.body) : t->nul || !t->data.empty();
}

}  // namespace

void link::on_pdu(const pdu& p, time_point now, actions& out) {
    if (p.source_port != peer_port_ || p.destination_port != own_port_ || p.version != 0) return;
    switch (state_) {
        case state::syn_sent: on_syn_sent(p, now, out); break;
        case state::syn_received: on_syn_received(p, now, out); break;
        case state::open: on_open(p, now, out); break;
        case state::close_wait:
        case state::closed: break;
    }
}

void link::on_syn_sent(const pdu& p, time_point now, actions& out) {
    const auto* const rst = std::get_if<reset>(&p.body);
    if (p.acknowledgement &&
        *p.acknowledgement != first_sequence_) {  // somebody's who still lives in an earlier connection
        if (rst == nullptr) emit_foreign_reset(*p.acknowledgement, out);
        return;
    }
    if (rst != nullptr) return over(state::closed, close_cause::refused, rst->reason, now, out);
    const auto* const syn = std::get_if<set_up>(&p.body);
    if (syn == nullptr) return;
    if (syn->max_pdu < least_max_pdu) return end(close_cause::protocol, reset_reason::set_up_failed, now, out);
    take_limits(p, *syn);
    if (p.acknowledgement) {
        become_open(p, now, out);
        return emit_acknowledgement(out);
    }
    state_ = state::syn_received;  // both opened at once
    tries_ = 0;
    repeated_ = true;  // its acknowledgement may answer the SYN or the SYN+ACK
    emit_set_up(now, out);
}

void link::on_syn_received(const pdu& p, time_point now, actions& out) {
    const auto* const syn = std::get_if<set_up>(&p.body);
    if (syn != nullptr && p.sequence == in_.current()) {
        if (p.acknowledgement && *p.acknowledgement != first_sequence_)
            return emit_foreign_reset(*p.acknowledgement, out);
        if (p.acknowledgement) {  // both opened at once
            become_open(p, now, out);
            return emit_acknowledgement(out);
        }
        repeated_ = true;
        const auto timer = timer_;  // answering is not trying: the patience with the peer goes on
        emit_set_up(now, out);
        timer_ = timer;
        return;
    }
    if (!in_.fits(p.sequence, has_data(p))) return answer_stray(p, now, out);
    if (const auto* const rst = std::get_if<reset>(&p.body))
        return over(state::closed, close_cause::refused, rst->reason, now, out);
    if (syn != nullptr) return on_open(p, now, out);
    const auto& t = std::get<traffic>(p.body);
    if (!p.acknowledgement) return;
    if (!t.held.empty() || *p.acknowledgement != first_sequence_) return emit_foreign_reset(*p.acknowledgement, out);
    become_open(p, now, out);
    on_open(p, now, out);  // what came with it counts
}

/// Neither old, nor too far ahead, nor larger than we said that we take.
bool link::acceptable(const pdu& p) const noexcept {
    const auto* const t = traffic_of(p);
    if (t != nullptr && header_length(p) + t->data.size() > settings_.max_pdu) return false;
    return in_.fits(p.sequence, has_data(p));
}

void link::on_open(const pdu& p, time_point now, actions& out) {
    if (!acceptable(p)) return answer_stray(p, now, out);
    if (const auto* const rst = std::get_if<reset>(&p.body)) return on_reset(rst->reason, now, out);
    if (std::holds_alternative<set_up>(p.body)) {
        // The peer began anew. The record goes at once, so that its next SYN finds LISTEN and not CLOSE-WAIT.
        auto answer = blank(out_.next_sequence());
        answer.acknowledgement = p.sequence;
        answer.body = reset{reset_reason::unexpected_pdu};
        emit(answer, out);
        return over(state::closed, close_cause::half_open, reset_reason::unexpected_pdu, now, out);
    }
    if (!p.acknowledgement || !out_.was_sent(*p.acknowledgement)) return answer_stray(p, now, out);
    on_traffic(p, std::get<traffic>(p.body), now, out);
}

void link::on_reset(reset_reason reason, time_point now, actions& out) {
    const bool forgotten =
        reason == reset_reason::unexpected_pdu;  // what LISTEN says to a connection that it does not know
    over(state::close_wait, forgotten ? close_cause::half_open : close_cause::by_peer, reason, now, out);
}

/// Tells where we stand: this is how a lost acknowledgement heals. What its sender does not repeat is answered once in
/// a while only, or two ends that disagree would answer each other for ever.
void link::answer_stray(const pdu& p, time_point now, actions& out) {
    if (!takes_number(p)) {
        if (now < next_stray_) return;
        next_stray_ = now + settings_.min_rto;
    }
    emit_acknowledgement(out);
}

void link::on_traffic(const pdu& p, const traffic& t, time_point now, actions& out) {
    active_ = path_used_ = now;
    std::vector<std::uint64_t> through;
    if (out_.on_acknowledgement(*p.acknowledgement, p.sequence, p.window, now, patience_, through)) progress_ = now;
    for (const auto sdu : through) out.emplace_back(acknowledged{sdu});
    out_.on_held(t.held, now, patience_);
    if (takes_number(p) && !take_in(p, t, now, out)) return;
    pump(now, out);
    if (owed_) emit_acknowledgement(out);
    conclude_drained(now, out);
}

bool link::take_in(const pdu& p, const traffic& t, time_point now, actions& out) {
    std::vector<wire::octets> sdus;
    const bool fits = in_.take(p.sequence, t, sdus);
    for (auto& sdu : sdus) out.emplace_back(received{std::move(sdu)});
    owed_ = fits;
    if (!fits) end(close_cause::protocol, reset_reason::unexpected_pdu, now, out);
    return fits;
}

}  // namespace ota::cat_tp
