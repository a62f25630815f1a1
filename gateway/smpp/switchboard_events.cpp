#include "gateway/smpp/inbound.hpp"
#include "gateway/smpp/switchboard.hpp"

#include <type_traits>
#include <utility>

/// What the switchboard makes of what its sessions tell.
namespace ota::smpp {
namespace {

using bearer::submit_outcome;

constexpr std::uint8_t congested_from = 80;

}  // namespace

void switchboard::on_event(link& l, bound&, const moment& at, turn& out) {
    l.bound_at = at.now;
    if (stopping_ || !l.machine.can_submit()) return;
    // Those that waited for a route of their own, and for none in particular, may go on here.
    for (auto& r : routes_) rehome(r, at, out);
}

void switchboard::on_event(link& l, bind_refused& e, const moment&, turn&) {
    l.refused_with = e.command_status;
    const auto why = describe(e.command_status);
    routes_[l.route].last_fault =
        std::string("the bind was refused: ") + std::string(why.name) + ", " + std::string(why.sentence);
}

void switchboard::on_event(link& l, received& e, const moment&, turn& out) {
    auto& r = routes_[l.route];
    auto found = std::visit(
        [&](const auto& m) {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(m)>, submit_sm>) {
                return inbound{};
            } else {
                return classify(m, r.settings().ids);
            }
        },
        e.message);
    if (found.contradiction) ++r.counters.contradictions;
    const auto token = static_cast<std::uint64_t>(l.id) << 32 | e.request;
    if (auto* told = std::get_if<bearer::receipt>(&found.what)) {
        ++r.counters.receipts;
        out.delivered.push_back({token, r.settings().name, std::move(*told)});
    } else if (auto* message = std::get_if<bearer::inbound_message>(&found.what)) {
        ++r.counters.inbound;
        out.delivered.push_back({token, r.settings().name, std::move(*message)});
    } else {
        ++r.counters.ignored;
        l.machine.answer(e.request, status::ok, {}, true, l.out);
    }
}

void switchboard::on_event(link& l, answered& e, const moment& at, turn& out) {
    auto& r = routes_[l.route];
    auto q = r.release(e.token);
    r.counters.response_seconds += std::chrono::duration<double>(e.waited).count();
    const auto kind = r.classify(e.command_status);
    if (kind == status_class::throttle || e.congestion >= congested_from) {
        ++r.counters.throttled;
        r.pace.on_throttled(at.now, at.now - e.waited, jitter());
        r.last_fault = kind == status_class::throttle ? describe(e.command_status).sentence : "the SMSC is congested";
    }
    switch (kind) {
        case status_class::success:
            return report(r, std::move(q), submit_outcome::accepted, e.command_status,
                          normalise_id(e.message_id, r.settings().ids.in_response, r.settings().ids), out);
        case status_class::throttle:
            // No retry is burnt: the message takes its old place and is submitted again.
            if (stopping_) return report(r, std::move(q), submit_outcome::not_sent, e.command_status, {}, out);
            if (r.at != route::stage::works) return place(std::move(q), at, out);
            return r.queue.put_back(std::move(q));
        case status_class::session:
            if (e.command_status == status::wrong_bind_state) l.machine.unbind(at.now, l.out);  // binds again
            [[fallthrough]];
        case status_class::temporary:
            return report(r, std::move(q), submit_outcome::temporary, e.command_status, {}, out);
        case status_class::permanent:
            return report(r, std::move(q), submit_outcome::permanent, e.command_status, {}, out);
    }
}

void switchboard::on_event(link& l, unanswered& e, const moment&, turn& out) {
    auto& r = routes_[l.route];
    if (e.timed_out) r.last_fault = "a submit_sm stayed unanswered";
    report(r, r.release(e.token), submit_outcome::unknown, 0, {}, out);
}

void switchboard::on_event(link& l, answered_late&, const moment&, turn&) { ++routes_[l.route].counters.unanswered; }

void switchboard::on_event(link& l, ended& e, const moment&, turn&) {
    if (l.at != link::stage::connected) return;
    l.at = link::stage::closing;
    if (e.reason != end_reason::bind_refused && e.reason != end_reason::unbound)
        routes_[l.route].last_fault = sentence(e.reason);
}

void switchboard::report(route& r, queued q, submit_outcome outcome, std::uint32_t command_status,
                         std::string message_id, turn& out) {
    switch (outcome) {
        case submit_outcome::accepted: ++r.counters.accepted; break;
        case submit_outcome::temporary: ++r.counters.temporary; break;
        case submit_outcome::permanent: ++r.counters.permanent; break;
        case submit_outcome::unknown: ++r.counters.unknown; break;
        case submit_outcome::elsewhere: ++r.counters.handed_over; break;
        case submit_outcome::no_route:
        case submit_outcome::not_sent: ++r.counters.not_sent; break;
    }
    out.submitted.push_back({q.message.id, outcome, r.settings().name, std::move(message_id), command_status});
}

}  // namespace ota::smpp
