#include "gateway/flow/receipt.hpp"

#include "gateway/flow/audit.hpp"
#include "gateway/flow/channel.hpp"
#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/outcome.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"
#include "secure-channel/short_message.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ota::flow {

using secure_channel::counter_mode;
using secure_channel::response_status;
using std::chrono::milliseconds;

namespace {

/// R12: +16, +256, +4096, +65536, at most 4 per card and day; forgeable hints draw on the same budget.
bool take_leap(twin& t, wall_time now) noexcept {
    static constexpr std::array<std::uint32_t, 4> widths{16, 256, 4096, 65536};
    const auto day = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
    if (t.leap_day != day) {
        t.leap_day = day;
        t.leaps = 0;
    }
    if (t.leaps >= widths.size()) return false;
    t.pending_leap = widths[t.leaps++];
    return true;
}

void on_counter_low(twin& t, bool verified, wall_time now, effects& out) {
    auto& p = *t.in_flight;
    const bool was_read_back = t.unknown.has_value();
    if (exactly_one(p)) {
        if (!was_read_back) return becomes_unknown(t, out);
        // The read-back's counter is burnt as well, perhaps by a copy of it: the next one asks again. No leap (R10),
        // but the same budget (R12).
        if (!take_leap(t, now)) return quarantine(t, reason::counter_out_of_step, out);
        t.pending_leap = 0;
        t.in_flight.reset();
        t.read_back_due = true;
        return;
    }
    if (p.by == carriage::push && p.may_have_run) return;  // an earlier copy was taken: its link comes, or time ends it
    // A first sending may have been doubled on the way, or the card's counter is ahead of ours: the leap serves both.
    const bool leap = was_read_back || !p.may_have_run || !verified;
    if (leap && !take_leap(t, now)) {
        if (verified) {
            quarantine(t, reason::counter_out_of_step, out);
        }
        return;
    }
    if (was_read_back) {
        t.in_flight.reset();
        t.read_back_due = true;
    } else if (p.by == carriage::push) {
        close_in_flight(t);  // nothing to read back
    } else {
        becomes_unknown(t, out);
    }
}

void on_counter_high(twin& t, effects& out) {
    if (exactly_one(*t.in_flight) && t.unknown) {  // R10: proves that n never ran: send n again, then this one
        t.reserved = std::move(t.in_flight);
        t.in_flight = std::move(t.unknown);
        t.unknown.reset();
        t.read_back_due = false;
        send_again(*t.in_flight);
        for (const auto& c : t.in_flight->carries) put_in_flight(t, c);
        return;
    }
    quarantine(t, reason::counter_out_of_step, out);
}

void on_script_answer(twin& t, const card_profile& profile, const secure_channel::opened_response& r, bool unverified,
                      wall_time now, effects& out) {
    const packet p = std::move(*t.in_flight);
    close_in_flight(t);
    if (p.by == carriage::channel) {
        t.channel_failures = 0;
        out.channels.short_messages_saved += secure_channel::segments_needed(p.sealed.size(), p.wide);
    }
    const auto answer = secure_channel::parse_script_answer(r.value.data, p.format);
    if (t.unknown && p.id != t.unknown->id) {  // p was the read-back
        const carried* read = p.carries.empty() ? nullptr : &p.carries.front();
        const wire::octets* data = nullptr;
        if (answer && !answer.value().answers.empty() && secure_channel::is_success(answer.value().answers.back().sw) &&
            read != nullptr && answer.value().executed >= read->last) {
            data = &answer.value().answers.back().data;
        }
        settle_unknown(t, profile, read, data, now, out);
        out.ends.push_back(packet_end::answered);
        return;
    }
    if (!answer) {  // proven to come from the card, but not to be understood
        settle_nothing_known(t, profile, p, now, out);
        out.ends.push_back(packet_end::refused);
        return;
    }
    const auto before = t.failures;
    settle_script(t, profile, p, answer.value(), unverified, now, out);
    // R11: a copy may still be under way (repeated, or doubled on the way): the card would run it after whatever is
    // sent now.
    if (unchecked(p)) t.not_before = std::max(t.not_before, p.closes_at);
    out.ends.push_back(t.failures > before ? packet_end::refused : packet_end::answered);
}

/// Why a card that answers so goes into quarantine.
std::string_view reason_of(response_status status) noexcept {
    switch (status) {
        case response_status::counter_low:
        case response_status::counter_high: return reason::counter_out_of_step;
        case response_status::counter_blocked: return reason::counter_blocked;
        case response_status::tar_unknown: return reason::tar_unknown;
        case response_status::insufficient_security_level: return reason::security_level;
        default: return reason::security_refused;
    }
}

/// A security error that is proven, or that an unprotected profile has to believe: the script did not run.
void on_security_error(twin& t, const card_profile& profile, response_status status, wall_time now, effects& out) {
    const packet p = *t.in_flight;
    // Cards answer a repeat with 06 as well as with 02: an earlier copy may have run (R9).
    if (p.may_have_run && status == response_status::unidentified_security_error && !unchecked(p)) {
        on_counter_low(t, true, now, out);
        return;
    }
    out.ends.push_back(packet_end::security_error);
    if (status == response_status::insufficient_memory) {
        close_in_flight(t);
        if (t.unknown) {  // the counter of the read-back was taken: the unknown packet cannot run any more (R6)
            settle_unknown(t, profile, nullptr, nullptr, now, out);
        } else if (p.may_have_run && unchecked(p)) {
            settle_nothing_known(t, profile, p, now, out);
        } else {
            settle_not_run(t, profile, p, true, reason::card_memory, now, out);
        }
        back_off(t, profile, now);
        if (unchecked(p) && p.may_have_run) t.not_before = std::max(t.not_before, p.closes_at);  // R11
        return;
    }
    // R14: TAR, security level and key errors are not the event's fault: the card waits for its issuer.
    quarantine(t, reason_of(status), out);
    if (exactly_one(p)) {
        t.in_flight->idle = true;  // R10: recorded, goes first when the card is released
    } else {
        close_in_flight(t);
    }
    if (t.unknown) return;  // it was the read-back: what it asked about stays open
    if (p.may_have_run) {   // this copy did not run; an earlier one may have
        settle_nothing_known(t, profile, p, now, out);
    } else {
        settle_not_run(t, profile, p, false, {}, now, out);
    }
}

/// The late proof of a packet that a read-back was about to decide: R16, its own proof decides.
void on_late_proof(twin& t, const card_profile& profile, const secure_channel::opened_response& r, bool unverified,
                   wall_time now, effects& out) {
    if (r.value.status != response_status::por_ok) return;
    if (unverified && !profile.allow_unverified) return;  // R25: the read-back decides
    const packet p = std::move(*t.unknown);
    t.unknown.reset();
    t.read_back_due = false;
    for (const auto& c : p.carries) put_in_flight(t, c);
    const auto answer = secure_channel::parse_script_answer(r.value.data, p.format);
    if (answer) {
        settle_script(t, profile, p, answer.value(), unverified, now, out);
    } else {
        settle_nothing_known(t, profile, p, now, out);
    }
    out.ends.push_back(packet_end::answered);
}

bool answers(const packet& p, const secure_channel::response& r) noexcept {
    return p.cntr == r.cntr.value && p.tar == r.tar;
}

}  // namespace

void on_response(twin& t, const card_profile& profile, const secure_channel::opened_response& r, wall_time now,
                 effects& out) {
    const bool unverified = r.integrity == secure_channel::verification::not_asked;
    if (t.unknown && answers(*t.unknown, r.value)) {
        note(out, t, *t.unknown, "late-proof", static_cast<int>(r.value.status));
        on_late_proof(t, profile, r, unverified, now, out);
        return;
    }
    if (t.reserved && answers(*t.reserved, r.value) && r.value.status == response_status::por_ok) {
        t.unknown = std::move(t.in_flight);  // R10: n+1 ran, so n did: it was the read-back, and it is answered
        t.in_flight = std::move(t.reserved);
        t.reserved.reset();
    }
    if (!t.in_flight || !answers(*t.in_flight, r.value)) {
        packet gone;
        gone.cntr = r.value.cntr.value;
        note(out, t, gone, "proof-of-a-closed-packet", static_cast<int>(r.value.status));
        return;
    }
    auto& p = *t.in_flight;
    note(out, t, p, secure_channel::is_interim(r.value.status) ? "interim" : "proof", static_cast<int>(r.value.status));
    if (secure_channel::is_interim(r.value.status)) {  // the real one follows
        p.check_at = now + profile.answer_timeout;
        p.sent_at = now;
        return;
    }
    switch (r.value.status) {
        case response_status::por_ok:
            if (p.by == carriage::push) {  // R6: the link is what closes it
                if (!unverified || profile.allow_unverified) on_push_answer(t, profile, r.value, now, out);
                return;
            }
            // R25: success needs proof; unless the profile allows otherwise, an unproven one is read back.
            if (unverified && !profile.allow_unverified && !t.unknown) {
                becomes_unknown(t, out);
                return;
            }
            on_script_answer(t, profile, r, unverified, now, out);
            return;
        case response_status::counter_low:
            if (sabotaged(sabotage::low_counter_is_success)) {
                auto done = r;
                done.value.status = response_status::por_ok;
                done.value.data = {p.carries.back().last, 0x90, 0x00};
                on_script_answer(t, profile, done, false, now, out);
                return;
            }
            on_counter_low(t, true, now, out);
            return;
        case response_status::counter_high: on_counter_high(t, out); return;
        default: on_security_error(t, profile, r.value.status, now, out); return;
    }
}

void on_hint(twin& t, const card_profile&, const secure_channel::response& r, wall_time now, effects& out) {
    if (!t.in_flight || t.in_flight->tar != r.tar) return;
    note(out, t, *t.in_flight, "unsecured-hint", static_cast<int>(r.status));
    if (secure_channel::is_interim(r.status) || r.status == response_status::por_ok) return;  // R8: shown, no more
    if (exactly_one(*t.in_flight) || unchecked(*t.in_flight)) return;  // R10, R11: no leaps there
    out.ends.push_back(packet_end::security_error);                    // R14: a whole profile that is refused so pauses
    const auto day = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
    if (t.leap_day == day && t.leaps >= 4) {  // R12
        quarantine(t, reason_of(r.status), out);
        return;
    }
    on_counter_low(t, false, now, out);
    // Only what may be about the counter is worth a leap; the others ask once more with the next value, on the same
    // budget.
    const bool about_counter = r.status == response_status::counter_low || r.status == response_status::counter_high ||
                               r.status == response_status::unidentified_security_error;
    if (!about_counter) t.pending_leap = 0;
}

namespace {

/// R10: nothing passes a recorded packet that the SMSC refuses for good, so what waits behind it is refused with it.
void fail_waiting(twin& t, const card_profile& profile, const std::string& detail, effects& out) {
    std::vector<event_seq> waiting;
    for (const auto& e : t.events) {
        if (e.is == open_event::phase::waiting) waiting.push_back(e.seq);
    }
    for (const auto seq : waiting) out.close(seq, queue::event_state::failed, reason::submit_rejected, detail);
    withdraw(t, &profile, waiting, out);
}

}  // namespace

void on_submit_failure(twin& t, const card_profile& profile, const bearer::submitted& s, wall_time now, effects& out) {
    if (!t.in_flight || t.in_flight->id != s.id.packet) return;
    auto& p = *t.in_flight;
    if (s.outcome == bearer::submit_outcome::permanent) {
        note(out, t, p, "submit-rejected", static_cast<int>(s.command_status & 0xFF));
        p.submit_failures = 255;
        if (p.by == carriage::push) {
            out.ends.push_back(packet_end::refused);
            return push_failed(t, profile, "push-rejected", now, out);
        }
        const packet gone = p;
        const bool own_events = carries_open_event(t, gone);
        char detail[64];
        std::snprintf(detail, sizeof detail, "the SMSC refused it with status 0x%08X", s.command_status);
        for (const auto& c : gone.carries) {
            if (c.is == carried::kind::read_back && t.unknown) continue;
            if (c.is == carried::kind::audit) fail_audit(t, detail);
            const auto events = t.events_of(c);
            if (events.empty() && c.is == carried::kind::write) block_drifted(t, c.node, reason::submit_rejected);
            if (events.empty() && c.is == carried::kind::read_back) block_unread(t, profile, reason::submit_rejected);
            for (const auto seq : events) out.close(seq, queue::event_state::failed, reason::submit_rejected, detail);
            withdraw(t, &profile, events, out);
        }
        out.ends.push_back(packet_end::refused);
        if (exactly_one(gone)) {
            p.idle = true;  // R10: stays recorded
            if (!own_events) fail_waiting(t, profile, detail, out);
            back_off(t, profile, now);
            return;
        }
        if (unchecked(gone) && gone.may_have_run) {  // R11: an earlier copy may still run: until then nothing else goes
            p.retry = 0;
            p.check_at = {};
            return;
        }
        close_in_flight(t);
        if (t.unknown) {  // it was the read-back; the end of the validity closes the unknown packet as well (R6)
            if (now >= t.unknown->closes_at) settle_unknown(t, profile, nullptr, nullptr, now, out);
            back_off(t, profile, now);
            return;
        }
        if (gone.may_have_run || gone.sendings > 1) settle_nothing_known(t, profile, gone, now, out);
        return;
    }
    p.retry |= 1u << s.id.segment;
    if (s.outcome == bearer::submit_outcome::elsewhere) return;  // at once, by whoever has the route
    if (p.submit_failures < 200) ++p.submit_failures;
    auto wait = profile.retry_backoff * std::min(10, 1 << std::min<int>(p.submit_failures - 1, 4));
    if (s.outcome ==
        bearer::submit_outcome::unknown) {  // the SMSC may have it: same octets, the card refuses a second run
        p.may_have_run = true;
        wait = std::min<milliseconds>(wait, std::chrono::seconds(1));
    }
    if (s.outcome == bearer::submit_outcome::not_sent) wait = std::min<milliseconds>(wait, std::chrono::seconds(1));
    p.retry_at = std::max(p.retry_at, now + wait);
}

void on_undelivered(twin& t, const card_profile& profile, const store::submission_row& row, wall_time now,
                    effects& out) {
    if (!t.in_flight || t.in_flight->id != row.packet) return;
    auto& p = *t.in_flight;
    note(out, t, p, "not-delivered", row.receipt - 1);
    if (p.sendings > profile.repeats) return;                         // R6: the end of the validity decides
    if (p.by == carriage::push && p.check_at == wall_time{}) return;  // another copy was taken
    p.may_have_run = true;
    p.retry |= 1u << row.segment;
    p.retry_at = std::max(p.retry_at, now + profile.retry_backoff);
}

namespace {

/// The control file has to tell again what the file of an object holds. What we guessed of it stays a guess.
void ask_again(node_state& n) noexcept {
    n.confirmed = false;
    n.progress = 0;
    if (n.of_file != shadow::guessed) n.of_file = shadow::unchecked;
}

}  // namespace

void on_recover(twin& t, const card_profile* profile, std::uint64_t leap) {
    for (auto& c : t.counters) c.last = std::min(c.last + leap, secure_channel::replay_counter::highest);
    if (t.in_flight) {  // sent with what was recorded then; perhaps newer packets went out after the backup
        if (!t.unknown) t.unknown = std::move(t.in_flight);
        t.in_flight.reset();
    }
    t.reserved.reset();
    t.channel.reset();
    for (auto& n : t.nodes) {
        ask_again(n);
        n.held.clear();
        if (profile != nullptr && is_object(*profile, n)) doubt_all(n, *profile->object(n.uri));
    }
    t.read_back_due = t.unknown.has_value();
}

void on_repair(twin& t) noexcept {
    // Sealed under what may have been mended since: a read-back under a newer counter closes it (R6), with the keys of
    // today.
    if (t.in_flight && t.in_flight->spi.counter() == counter_mode::higher) {
        if (!t.unknown) t.unknown = std::move(t.in_flight);
        t.in_flight.reset();
        t.read_back_due = true;
    }
    for (auto& n : t.nodes) {
        ask_again(n);
        n.failures = 0;
        n.blocked.clear();
    }
    t.hold.clear();
    t.not_before = {};
    t.failures = 0;
    t.leaps = 0;
}

}  // namespace ota::flow
