#include "gateway/flow/receipt.hpp"

#include "gateway/flow/outcome.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"

#include <array>
#include <cstdio>

namespace ota::flow {

using secure_channel::counter_mode;
using secure_channel::response_status;
using std::chrono::milliseconds;

namespace {

void note(effects& out, const packet& p, std::string_view what, int status = -1) {
    char text[256];
    int n = std::snprintf(text, sizeof text, R"({"what":"%.*s","packet":%lld,"cntr":"%010llx","segments":%u,"sendings":%u)",
                          static_cast<int>(what.size()), what.data(), static_cast<long long>(p.id),
                          static_cast<unsigned long long>(p.cntr), p.segments, p.sendings);
    if (status >= 0) n += std::snprintf(text + n, sizeof text - static_cast<std::size_t>(n), R"(,"status":"%02x")", status);
    std::string line(text, static_cast<std::size_t>(n));
    line += '}';
    out.history.push_back(std::move(line));
}

void quarantine(twin& t, std::string_view why, effects& out) {
    t.hold = why;
    out.quarantine = true;
}

bool exactly_one(const packet& p) noexcept { return p.spi.counter() == counter_mode::exactly_one_higher; }
bool unchecked(const packet& p) noexcept {
    return p.spi.counter() == counter_mode::ignored || p.spi.counter() == counter_mode::not_checked;
}

std::uint32_t all_segments(const packet& p) noexcept { return p.segments >= 32 ? ~0u : (1u << p.segments) - 1; }

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

/// The packet in flight is over: what has to go next (R10) takes its place.
void close_in_flight(twin& t) {
    t.in_flight.reset();
    if (!t.reserved) return;
    t.in_flight = std::move(t.reserved);
    t.reserved.reset();
    t.in_flight->retry = all_segments(*t.in_flight);  // sent as recorded at the next look
    t.in_flight->retry_at = {};
    t.in_flight->may_have_run = true;
}

/// The packet may or may not have run: a read-back with a newer counter decides (R9).
void becomes_unknown(twin& t, effects& out) {
    fail_unknown_execs(t, *t.in_flight, out);
    t.unknown = std::move(t.in_flight);
    t.in_flight.reset();
    t.read_back_due = true;
}

void on_counter_low(twin& t, const card_profile& profile, bool verified, wall_time now, effects& out) {
    auto& p = *t.in_flight;
    const bool was_read_back = t.unknown.has_value();
    if (exactly_one(p)) {
        if (was_read_back) {  // two steps behind: this mode cannot leap (R10)
            quarantine(t, reason::counter_out_of_step, out);
            return;
        }
        becomes_unknown(t, out);
        return;
    }
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
    } else {
        becomes_unknown(t, out);
    }
    (void)profile;
}

void on_counter_high(twin& t, effects& out) {
    if (exactly_one(*t.in_flight) && t.unknown) {  // R10: proves that n never ran: send n again, then this one
        t.reserved = std::move(t.in_flight);
        t.in_flight = std::move(t.unknown);
        t.unknown.reset();
        t.read_back_due = false;
        t.in_flight->retry = all_segments(*t.in_flight);
        t.in_flight->retry_at = {};
        for (const auto& c : t.in_flight->carries) {
            if (auto* e = t.find_event(c.version)) e->is = open_event::phase::in_flight;
        }
        return;
    }
    quarantine(t, reason::counter_out_of_step, out);
}

void on_script_answer(twin& t, const card_profile& profile, const secure_channel::opened_response& r, bool unverified, wall_time now,
                      effects& out) {
    const packet p = std::move(*t.in_flight);
    close_in_flight(t);
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
    out.ends.push_back(t.failures > before ? packet_end::refused : packet_end::answered);
}

/// A security error that is proven, or that an unprotected profile has to believe: the script did not run.
void on_security_error(twin& t, const card_profile& profile, response_status status, wall_time now, effects& out) {
    const packet p = *t.in_flight;
    out.ends.push_back(packet_end::security_error);
    if (status == response_status::insufficient_memory) {
        close_in_flight(t);
        settle_not_run(t, profile, p, true, reason::card_memory, now, out);
        back_off(t, profile, now);
        return;
    }
    // R14: TAR, security level and key errors are not the event's fault: the card waits for its issuer.
    switch (status) {
        case response_status::counter_blocked: quarantine(t, reason::counter_blocked, out); break;
        case response_status::tar_unknown: quarantine(t, reason::tar_unknown, out); break;
        case response_status::insufficient_security_level: quarantine(t, reason::security_level, out); break;
        default: quarantine(t, reason::security_refused, out); break;
    }
    if (exactly_one(p)) {
        t.in_flight->idle = true;  // R10: recorded, goes first when the card is released
        settle_not_run(t, profile, p, false, {}, now, out);
        return;
    }
    close_in_flight(t);
    settle_not_run(t, profile, p, false, {}, now, out);
}

/// The late proof of a packet that a read-back was about to decide: R16, its own proof decides.
void on_late_proof(twin& t, const card_profile& profile, const secure_channel::opened_response& r, wall_time now, effects& out) {
    if (r.value.status != response_status::por_ok) return;
    const packet p = std::move(*t.unknown);
    t.unknown.reset();
    t.read_back_due = false;
    for (const auto& c : p.carries) {
        if (auto* e = t.find_event(c.version)) e->is = open_event::phase::in_flight;
    }
    const auto answer = secure_channel::parse_script_answer(r.value.data, p.format);
    if (answer) {
        settle_script(t, profile, p, answer.value(), false, now, out);
    } else {
        settle_nothing_known(t, profile, p, now, out);
    }
    out.ends.push_back(packet_end::answered);
}

bool answers(const packet& p, const secure_channel::response& r) noexcept { return p.cntr == r.cntr.value && p.tar == r.tar; }

}  // namespace

void on_response(twin& t, const card_profile& profile, const secure_channel::opened_response& r, wall_time now, effects& out) {
    const bool unverified = r.integrity == secure_channel::verification::not_asked;
    if (t.unknown && answers(*t.unknown, r.value)) {
        note(out, *t.unknown, "late-proof", static_cast<int>(r.value.status));
        on_late_proof(t, profile, r, now, out);
        return;
    }
    if (!t.in_flight || !answers(*t.in_flight, r.value)) {
        packet gone;
        gone.cntr = r.value.cntr.value;
        note(out, gone, "proof-of-a-closed-packet", static_cast<int>(r.value.status));
        return;
    }
    auto& p = *t.in_flight;
    note(out, p, secure_channel::is_interim(r.value.status) ? "interim" : "proof", static_cast<int>(r.value.status));
    if (secure_channel::is_interim(r.value.status)) {  // the real one follows
        p.check_at = now + profile.answer_timeout;
        p.sent_at = now;
        return;
    }
    switch (r.value.status) {
        case response_status::por_ok:
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
            on_counter_low(t, profile, true, now, out);
            return;
        case response_status::counter_high: on_counter_high(t, out); return;
        default: on_security_error(t, profile, r.value.status, now, out); return;
    }
}

void on_hint(twin& t, const card_profile& profile, const secure_channel::response& r, wall_time now, effects& out) {
    if (!t.in_flight || t.in_flight->tar != r.tar) return;
    note(out, *t.in_flight, "unsecured-hint", static_cast<int>(r.status));
    if (secure_channel::is_interim(r.status) || r.status == response_status::por_ok) return;  // R8: shown, no more
    if (exactly_one(*t.in_flight) || unchecked(*t.in_flight)) return;                          // R10, R11: no leaps there
    const auto day = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
    if (t.leap_day == day && t.leaps >= 4) {  // R12
        quarantine(t, r.status == response_status::counter_low ? reason::counter_out_of_step : reason::security_refused, out);
        return;
    }
    on_counter_low(t, profile, false, now, out);
}

void on_submit_failure(twin& t, const card_profile& profile, const bearer::submitted& s, wall_time now, effects& out) {
    if (!t.in_flight || t.in_flight->id != s.id.packet) return;
    auto& p = *t.in_flight;
    if (s.outcome == bearer::submit_outcome::permanent) {
        note(out, p, "submit-rejected", static_cast<int>(s.command_status & 0xFF));
        p.submit_failures = 255;
        const packet gone = p;
        char detail[64];
        std::snprintf(detail, sizeof detail, "the SMSC refused it with status 0x%08X", s.command_status);
        for (const auto& c : gone.carries) {
            auto* e = t.find_event(c.version);
            if (e == nullptr) continue;
            out.close(e->seq, queue::event_state::failed, reason::submit_rejected, detail);
            auto& n = t.nodes[e->node];
            if (c.is == carried::kind::write && n.desired_version == e->seq) fall_back(n);
            remove_event(t, c.version);
        }
        out.ends.push_back(packet_end::refused);
        if (exactly_one(gone)) {
            p.idle = true;  // R10: stays recorded
            return;
        }
        close_in_flight(t);
        if (gone.may_have_run || gone.sendings > 1) settle_nothing_known(t, profile, gone, now, out);
        return;
    }
    p.retry |= 1u << s.id.segment;
    if (p.submit_failures < 200) ++p.submit_failures;
    auto wait = profile.retry_backoff * std::min(10, 1 << std::min<int>(p.submit_failures - 1, 4));
    if (s.outcome == bearer::submit_outcome::unknown) {  // the SMSC may have it: same octets, the card refuses a second run
        p.may_have_run = true;
        wait = std::min<milliseconds>(wait, std::chrono::seconds(1));
    }
    if (s.outcome == bearer::submit_outcome::not_sent) wait = std::min<milliseconds>(wait, std::chrono::seconds(1));
    p.retry_at = std::max(p.retry_at, now + wait);
}

void on_undelivered(twin& t, const card_profile& profile, const store::submission_row& row, wall_time now, effects& out) {
    if (!t.in_flight || t.in_flight->id != row.packet) return;
    auto& p = *t.in_flight;
    note(out, p, "not-delivered", row.receipt - 1);
    if (p.sendings > profile.repeats) return;  // R6: the end of the validity decides
    p.may_have_run = true;
    p.retry |= 1u << row.segment;
    p.retry_at = std::max(p.retry_at, now + profile.retry_backoff);
}

namespace {

/// R6: nothing came before the end of validity and margin.
void close_unanswered(twin& t, const card_profile& profile, wall_time now, effects& out) {
    const packet p = *t.in_flight;
    note(out, p, "unanswered");
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

void check_sending(twin& t, const card_profile& profile, const card_identity& card, const sending_state& at, wall_time now,
                   effects& out) {
    auto& p = *t.in_flight;
    const auto missing = all_segments(p) & ~at.accepted & ~p.retry;
    if (at.outstanding) {
        p.check_at = now + std::min<milliseconds>(std::chrono::seconds(30), profile.answer_timeout);
    } else if (missing != 0) {  // a restart in between: it may have gone out unrecorded
        p.may_have_run = true;
        send_segments(t, profile, card, missing, now, out);
    } else if (p.retry == 0 && now - p.sent_at >= profile.answer_timeout) {
        p.check_at = {};
        if (p.sendings <= profile.repeats) {
            note(out, p, "repeat");
            p.may_have_run = true;
            send_segments(t, profile, card, all_segments(p), now, out);
        }
    } else {
        p.check_at = std::max(p.sent_at + profile.answer_timeout, now + milliseconds(1));
    }
}

}  // namespace

void on_look(twin& t, const card_profile& profile, const card_identity& card, const sending_state& at, wall_time now, effects& out) {
    run_calendar(t, profile, now, out);
    if (t.unknown && !t.in_flight) t.read_back_due = true;
    if (!t.in_flight || t.in_flight->idle) return;
    auto& p = *t.in_flight;
    if (p.closes_at != wall_time{} && now >= p.closes_at && p.sendings > 0) {
        close_unanswered(t, profile, now, out);
        return;
    }
    if (!t.hold.empty()) return;
    if (p.retry != 0 && p.retry_at <= now) send_segments(t, profile, card, p.retry, now, out);
    if (p.check_at != wall_time{} && p.check_at <= now) check_sending(t, profile, card, at, now, out);
}

void on_recover(twin& t, std::uint64_t leap) noexcept {
    for (auto& c : t.counters) c.last = std::min(c.last + leap, secure_channel::replay_counter::highest);
    if (t.in_flight) {  // sent with what was recorded then; perhaps newer packets went out after the backup
        if (!t.unknown) t.unknown = std::move(t.in_flight);
        t.in_flight.reset();
    }
    t.reserved.reset();
    for (auto& n : t.nodes) {
        n.confirmed = false;
        n.progress = 0;
    }
    t.read_back_due = t.unknown.has_value();
}

void on_repair(twin& t) noexcept {
    for (auto& n : t.nodes) {
        n.confirmed = false;
        n.progress = 0;
        n.failures = 0;
        n.blocked.clear();
    }
    t.hold.clear();
    t.not_before = {};
    t.failures = 0;
    t.leaps = 0;
}

}  // namespace ota::flow
