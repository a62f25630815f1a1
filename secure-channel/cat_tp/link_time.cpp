#include "secure-channel/cat_tp/link.hpp"

#include <algorithm>

namespace ota::cat_tp {

namespace {

void earlier(std::optional<time_point>& first, std::optional<time_point> other) {
    if (other && (!first || *other < *first)) first = other;
}

}  // namespace

void link::on_tick(time_point now, actions& out) {
    switch (state_) {
        case state::syn_sent:
        case state::syn_received: on_set_up_tick(now, out); break;
        case state::open: on_open_tick(now, out); break;
        case state::close_wait:
            if (now >= timer_) state_ = state::closed;
            break;
        case state::closed: break;
    }
}

void link::on_set_up_tick(time_point now, actions& out) {
    if (now < timer_) return;
    if (tries_ >= settings_.set_up_retries)
        return end(close_cause::retries_exhausted, reset_reason::maximum_retries, now, out);
    repeated_ = true;
    patience_.back_off(++tries_);
    emit_set_up(now, out);
}

/// When a link that has nothing to send does something: NUL while work is pending, else the end.
std::optional<time_point> link::quiet_until() const noexcept {
    if (!out_.drained()) return std::nullopt;
    const auto after = work_ ? settings_.keep_alive : settings_.idle;
    if (after.count() == 0 || (work_ && out_.under_way() != 0)) return std::nullopt;
    return (work_ ? path_used_ : active_) + after;
}

void link::on_open_tick(time_point now, actions& out) {
    if (out_.exhausted(now, settings_.retries))
        return end(close_cause::retries_exhausted, reset_reason::maximum_retries, now, out);
    const bool stuck = settings_.stalled.count() != 0 && now >= progress_ + settings_.stalled;
    if (!out_.drained() && stuck) return end(close_cause::retries_exhausted, reset_reason::maximum_retries, now, out);
    while (const auto again = out_.overdue(now, patience_)) emit_numbered(*again, now, out);
    if (probe_ && now >= *probe_) {
        probe_.reset();
        emit_numbered(out_.nul(now, patience_), now, out);
    }
    const auto quiet = quiet_until();
    if (!quiet || now < *quiet) return;
    if (!work_) return end(close_cause::idle, reset_reason::normal_end, now, out);
    emit_numbered(out_.nul(now, patience_), now, out);
}

void link::probe(time_point now, actions& out) {
    if (state_ == state::open) emit_numbered(out_.nul(now, patience_), now, out);
}

std::optional<time_point> link::due() const noexcept {
    if (state_ == state::closed) return std::nullopt;
    if (state_ != state::open) return timer_;
    auto first = out_.due();
    earlier(first, probe_);
    earlier(first, quiet_until());
    if (!out_.drained() && settings_.stalled.count() != 0) earlier(first, progress_ + settings_.stalled);
    return first;
}

}  // namespace ota::cat_tp
