#include "gateway/flow/channel.hpp"
#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/outcome.hpp"
#include "gateway/flow/receipt.hpp"

#include <algorithm>

/// What time alone brings about: the end of a validity, repeats, retries, the calendar.
namespace ota::flow {

using std::chrono::milliseconds;

namespace {

/// R6: nothing came before the end of validity and margin.
void close_unanswered(twin& t, const card_profile& profile, wall_time now, effects& out) {
    const packet p = *t.in_flight;
    if (p.by == carriage::push) return push_failed(t, profile, "push-unanswered", now, out);
    if (p.by == carriage::channel) {
        out.links.push_back({link_order::kind::close, {p.link}, {}, {}});
        return on_link_down(t, profile, p.link, "channel-silent", now, out);
    }
    note(out, t, p, "unanswered");
    out.ends.push_back(packet_end::unanswered);
    if (exactly_one(p)) {  // R10: it stays the next one; work wakes it
        t.in_flight->idle = true;
        t.in_flight->closes_at = {};
        settle_nothing_known(t, profile, p, now, out);
        return;
    }
    close_in_flight(t);
    if (t.unknown) {  // the read-back went unanswered: its newer counter closes nothing until answered, time does
        if (now >= t.unknown->closes_at) {
            settle_unknown(t, profile, nullptr, nullptr, now, out);
        } else {
            t.read_back_due = true;
        }
        return;
    }
    if (unchecked(p)) {  // R11: then read back
        fail_unknown_execs(t, p, out);
        t.unknown = p;
        t.read_back_due = true;
        return;
    }
    settle_nothing_known(t, profile, p, now, out);
}

/// When to look again whether another instance still holds it.
wall_time next_check(const packet& p, const card_profile& profile, wall_time now) {
    return scattered(now, std::min<milliseconds>(std::chrono::seconds(30), profile.answer_timeout), p.id);
}

void check_sending(twin& t, const card_profile& profile, const card_identity& card, const sending_state& at,
                   wall_time now, effects& out) {
    auto& p = *t.in_flight;
    const auto missing = all_segments(p) & ~at.accepted & ~p.retry;
    if (at.outstanding) {
        p.check_at = next_check(p, profile, now);
    } else if (missing != 0) {  // a restart in between: it may have gone out unrecorded
        p.may_have_run = true;
        send_segments(t, profile, card, missing, now, out);
    } else if (p.retry == 0 && now - p.sent_at >= profile.answer_timeout) {
        p.check_at = {};
        if (p.sendings <= profile.repeats) {
            note(out, t, p, "repeat");
            p.may_have_run = true;
            send_segments(t, profile, card, all_segments(p), now, out);
        }
    } else {
        p.check_at = std::max(p.sent_at + profile.answer_timeout, now + milliseconds(1));
    }
}

/// Nobody may be asked what became of the unknown packet: the card is held, or could not be reached until long after
/// the life of what it carried.
bool cannot_be_asked(const twin& t, const card_profile& profile, wall_time now) {
    if (!t.unknown || now < t.unknown->closes_at) return false;
    const auto end = end_of_life(t, *t.unknown);
    return end && (!t.hold.empty() || *end + profile.validity + profile.validity_margin <= now);
}

}  // namespace

void on_look(twin& t, const card_profile& profile, const card_identity& card, const sending_state& at, wall_time now,
             effects& out) {
    run_calendar(t, profile, now, out);
    if (t.unknown && !t.in_flight) t.read_back_due = true;
    if (!t.in_flight || t.in_flight->idle) {
        if (cannot_be_asked(t, profile, now)) {  // R18: the packet stays unknown, its events do not wait for it
            const packet p = *t.unknown;
            settle_nothing_known(t, profile, p, now, out);
        }
        return;
    }
    auto& p = *t.in_flight;
    if (p.closes_at != wall_time{} && now >= p.closes_at && p.sendings > 0) {
        close_unanswered(t, profile, now, out);
        return;
    }
    if (p.by == carriage::channel) {
        if (at.link_gone) return on_link_down(t, profile, p.link, "channel-lost", now, out);
        if (p.check_at != wall_time{} && p.check_at <= now) p.check_at = next_check(p, profile, now);
        return;
    }
    if (!t.hold.empty()) return;
    // R18: no sending reaches beyond the life of what the packet carries; then only the end of the validity is awaited.
    // In mode "exactly +1" the recorded packet has to go whatever became of its events (R10).
    if (const auto end = end_of_life(t, p); end && *end <= now && !exactly_one(p) && p.closes_at != wall_time{}) {
        p.retry = 0;
        p.check_at = {};
        return;
    }
    if (p.retry != 0 && p.retry_at <= now) send_segments(t, profile, card, p.retry, now, out);
    if (p.check_at != wall_time{} && p.check_at <= now) check_sending(t, profile, card, at, now, out);
}

std::optional<wall_time> next_look(const twin& t, bool nothing_to_plan, wall_time now) noexcept {
    std::optional<wall_time> at;
    const auto want = [&](wall_time when) {
        if (when != wall_time{} && (!at || when < *at)) at = when;
    };
    bool waiting = false;
    for (const auto& e : t.events) {
        if (e.is == open_event::phase::deferred) want(std::min(e.not_before, e.expires_at));
        if (e.is == open_event::phase::waiting) want(e.expires_at);
        waiting |= e.is == open_event::phase::waiting;
    }
    if (t.in_flight && !t.in_flight->idle) {
        const auto& p = *t.in_flight;
        want(p.closes_at);
        if (t.hold.empty()) want(p.check_at);
        if (t.hold.empty() && p.retry != 0) want(std::max(p.retry_at, now));
        return at;
    }
    if (!t.hold.empty()) {
        if (t.unknown && carries_open_event(t, *t.unknown)) want(t.unknown->closes_at);
        return at;
    }
    if (t.in_flight) {
        if (waiting) want(std::max(t.not_before, now));  // R10: what waits wakes the recorded packet
        return at;
    }
    if (t.unknown) {
        want(std::max({t.not_before, now, unchecked(*t.unknown) ? t.unknown->closes_at : now}));  // R11
    } else if (!nothing_to_plan && t.has_work()) {
        want(std::max(t.not_before, now));
    } else if (waiting) {
        want(now + std::chrono::seconds(30));
    }
    return at;
}

}  // namespace ota::flow
