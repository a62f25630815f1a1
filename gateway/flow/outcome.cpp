#include "gateway/flow/outcome.hpp"

#include "gateway/flow/audit.hpp"
#include "gateway/flow/confirm.hpp"
#include "gateway/flow/data_objects.hpp"
#include "gateway/flow/file_place.hpp"
#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/intake.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/objects.hpp"
#include "gateway/flow/reading.hpp"
#include "gateway/flow/reasons.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace ota::flow {

using queue::event_state;
using queue::operation;
using wire::octets;
using phase = open_event::phase;

namespace {

bool is_state_change(operation op) noexcept { return op != operation::get && op != operation::exec; }

/// Refusals that the same command may not meet again: memory problem, toolkit busy, no precise diagnosis.
bool is_temporary(std::uint16_t sw) noexcept {
    static constexpr std::array<std::uint16_t, 5> codes{0x9300, 0x9240, 0x6F00, 0x6581, 0x6400};
    return std::find(codes.begin(), codes.end(), sw) != codes.end();
}

std::string describe_sw(std::uint16_t sw, unsigned command) {
    char text[48];
    std::snprintf(text, sizeof text, "SW %04X to command %u of the script", sw, command);
    return text;
}

bool has_newer(const twin& t, std::uint16_t node, event_seq than) noexcept {
    return std::any_of(t.events.begin(), t.events.end(), [&](const open_event& e) {
        return e.node == node && e.seq > than && is_state_change(e.op) && e.is != phase::deferred;
    });
}

void refuse(twin& t, const card_profile& profile, const carried& c, std::uint16_t sw, unsigned command, wall_time now,
            effects& out) {
    auto& n = t.nodes[c.node];
    if (is_commit_file(n)) {  // the objects that it would have attested are refused: carried::commit
        doubt(n, {c.offset, c.length});
        n.confirmed = true;  // a base to write it whole
        return;
    }
    if (is_object(profile, n) && c.is == carried::kind::write) doubt(n, {c.offset, c.length});
    if (n.failures < 255) ++n.failures;
    const auto events = t.events_of(c);
    const bool writes = c.is == carried::kind::write || c.is == carried::kind::commit;
    if (is_temporary(sw) && c.is != carried::kind::exec && n.failures < profile.attempts) {
        for (const auto seq : events) {
            auto* e = t.find_event(seq);
            e->is = phase::waiting;
            ++e->attempts;
        }
        back_off(t, profile, now);
        return;
    }
    // R14: a permanent refusal fails the event, desired falls back, the node waits for a new event or a repair.
    for (const auto seq : events) out.close(seq, event_state::failed, reason::card_refused, describe_sw(sw, command));
    withdraw(t, &profile, events, out);
    if (events.empty() && writes && n.desired_version == c.version && !is_object(profile, n)) fall_back(n);
    if (writes && !has_newer(t, c.node, c.version)) n.blocked = reason::card_refused;
}

/// The card does not let its control file, or an object's file, be read: nothing can be written either.
void refuse_reading(twin& t, const card_profile& profile, const carried& c, std::uint16_t sw, unsigned command,
                    wall_time now, effects& out) {
    auto& read = t.nodes[c.node];
    if (read.failures < 255) ++read.failures;
    if (is_temporary(sw) && read.failures < profile.attempts) return back_off(t, profile, now);
    give_up_reading(t, profile, c.node, describe_sw(sw, command), out);
}

struct answers {
    explicit answers(const secure_channel::script_answer& a, secure_channel::script_format format)
        : a_(a), format_(format) {}

    /// SW of a command, or nothing when it did not run.
    std::optional<std::uint16_t> sw(std::size_t command) const {
        if (command > a_.executed) return std::nullopt;
        if (format_ == secure_channel::script_format::compact) {
            if (command < a_.executed) return 0x9000;
            return a_.answers.empty() ? std::optional<std::uint16_t>{} : a_.answers.back().sw;
        }
        return command <= a_.answers.size() ? std::optional(a_.answers[command - 1].sw) : std::nullopt;
    }
    const octets* data(std::size_t command) const {
        const bool last_only = format_ == secure_channel::script_format::compact;
        if (last_only) return command == a_.executed && !a_.answers.empty() ? &a_.answers.back().data : nullptr;
        return command <= a_.answers.size() ? &a_.answers[command - 1].data : nullptr;
    }

private:
    const secure_channel::script_answer& a_;
    secure_channel::script_format format_;
};

/// How far a script came, and whether a command owns the stop (R13).
struct extent {
    bool all = true;
    bool refused = false;
};

/// One carried piece of a script whose answer is known.
void settle_piece(twin& t, const card_profile& profile, const carried& c, const answers& got, std::string_view why,
                  wall_time now, extent& ran, effects& out) {
    if (forget_moved(t, profile, c)) {  // its outcome is another file's, and so is its refusal
        for (unsigned i = c.first; i <= c.last; ++i)
            ran.refused = ran.refused || !secure_channel::is_success(got.sw(i).value_or(0));
        ran.all = ran.all && !ran.refused;
        return;
    }
    for (unsigned command = c.first; command <= c.last; ++command) {
        const auto sw = got.sw(command);
        if (!sw) {
            ran.all = false;
            auto* e = t.find_event(c.version);
            const bool begun = command > c.first;
            if (begun && c.is == carried::kind::write && is_commit_file(t.nodes[c.node])) {
                doubt(t.nodes[c.node], {c.offset, c.length});
                t.nodes[c.node].confirmed = true;  // a base to write it whole
            } else if (begun && c.is == carried::kind::write && is_object(profile, t.nodes[c.node])) {
                doubt(t.nodes[c.node], {c.offset, c.length});
            }
            if (c.is == carried::kind::exec && begun && e != nullptr) {
                out.close(e->seq, event_state::failed, reason::outcome_unknown,
                          "the script stopped inside the command sequence");
                remove_event(t, c.version);
            }
            return;
        }
        if (!secure_channel::is_success(*sw)) {
            if (c.is == carried::kind::refresh) return;  // no event fails by it
            if (c.is == carried::kind::audit)
                return settle_audit(t, profile, c, nullptr, *sw, out);  // a finding, not a failure
            ran = {false, true};
            if (c.is == carried::kind::read_back) return refuse_reading(t, profile, c, *sw, command, now, out);
            refuse(t, profile, c, *sw, command, now, out);
            return;
        }
    }
    switch (c.is) {
        case carried::kind::write: confirm_write(t, profile, c, why, out); break;
        case carried::kind::commit: confirm_object(t, profile, c, why, out); break;
        case carried::kind::get: settle_get(t, profile, c, got.data(c.last), out); break;
        case carried::kind::exec:
            if (t.find_event(c.version) != nullptr) {
                out.close(c.version, event_state::applied, why);
                remove_event(t, c.version);
            }
            break;
        case carried::kind::read_back: settle_reading(t, profile, c, got.data(c.last), out); break;
        case carried::kind::audit: settle_audit(t, profile, c, got.data(c.last), std::nullopt, out); break;
        case carried::kind::refresh: break;
    }
}

/// Events that the packet carried and that did not end wait again, or gave way to newer ones.
void release(twin& t, const card_profile& profile, const packet& p, effects& out) {
    std::vector<std::uint16_t> objects;
    for (const auto& c : p.carries) {
        if (c.is == carried::kind::read_back) continue;
        for (const auto seq : t.events_of(c)) {
            auto* e = t.find_event(seq);
            if (e->is != phase::in_flight) continue;
            const bool of_object = !e->change.empty();
            if (!of_object && is_state_change(e->op) && has_newer(t, c.node, e->seq)) {
                out.close(e->seq, event_state::superseded, reason::newer_event, "it may have been applied in part");
                remove_event(t, seq);
                continue;
            }
            e->is = phase::waiting;
            if (of_object && is_state_change(e->op)) objects.push_back(c.node);
        }
    }
    for (const auto node : objects) refold(t, profile, node, out);  // their changes go with what came after them
}

/// A write without an event (a repair) counts on its node: a card that never answers does not get SMS for ever (R14).
void count_drifted(twin& t, const card_profile& profile, std::uint16_t node, std::string_view last_reason) {
    auto& n = t.nodes[node];
    if (!n.wanted || (n.confirmed && n.reported == n.desired)) return;
    if (n.failures < 255) ++n.failures;
    if (n.failures >= profile.attempts) block_drifted(t, node, last_reason);
}

/// Counts an attempt on everything the packet carried; ends what had its last one, or whose life is over.
void count_attempt(twin& t, const card_profile& profile, const packet& p, bool may_have_run,
                   std::string_view last_reason, wall_time now, effects& out) {
    // What goes wrong with channels is counted by itself: it ends in short messages, not in a failure.
    const bool by_short_message = p.by != carriage::channel;
    std::vector<event_seq> ended;
    std::vector<event_seq> counted;  // an event is in a packet with several pieces
    const auto count = [&](event_seq seq) {
        if (std::ranges::find(counted, seq) != counted.end()) return;
        counted.push_back(seq);
        auto* e = t.find_event(seq);
        if (by_short_message) ++e->attempts;
        const bool over = e->expires_at <= now;
        if (!over && e->attempts < profile.attempts) return;
        if (over) {  // R18
            out.close(seq, event_state::expired, may_have_run ? reason::life_over_unknown : reason::life_over,
                      may_have_run ? "outcome unknown" : "not delivered within its life");
        } else {
            out.close(seq, event_state::failed, last_reason, may_have_run ? "outcome unknown" : "");
        }
        ended.push_back(seq);
    };
    const carried* before = nullptr;  // several pieces of one write stand side by side
    for (const auto& c : p.carries) {
        if (c.is == carried::kind::refresh) continue;
        if (c.is == carried::kind::audit) {
            count_audit(t, profile);
            continue;
        }
        const auto events = t.events_of(c);
        for (const auto seq : events) count(seq);
        if (!events.empty() || !by_short_message ||
            (before != nullptr && before->version == c.version && before->node == c.node))
            continue;
        before = &c;
        if (c.is == carried::kind::read_back) {
            for (std::size_t i = 0; i < t.nodes.size(); ++i) {
                if (is_object(profile, t.nodes[i]) && !t.nodes[i].confirmed)
                    count_drifted(t, profile, static_cast<std::uint16_t>(i), last_reason);
            }
        } else if (c.is == carried::kind::write || c.is == carried::kind::commit) {
            count_drifted(t, profile, c.node, last_reason);
        }
    }
    withdraw(t, &profile, ended, out);
}

}  // namespace

void block_drifted(twin& t, std::uint16_t node, std::string_view why) {
    const bool open = std::any_of(t.events.begin(), t.events.end(),
                                  [&](const open_event& e) { return e.node == node && is_state_change(e.op); });
    if (!open) t.nodes[node].blocked = why;
}

void block_unread(twin& t, const card_profile& profile, std::string_view why) {
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        const auto& n = t.nodes[i];
        if (is_object(profile, n) && n.wanted && !n.confirmed) block_drifted(t, static_cast<std::uint16_t>(i), why);
    }
}

void back_off(twin& t, const card_profile& profile, wall_time now) noexcept {
    if (t.failures < 255) ++t.failures;
    t.not_before = now + profile.retry_backoff * std::min(10, 1 << std::min<int>(t.failures - 1, 4));
}

void settle_script(twin& t, const card_profile& profile, const packet& p, const secure_channel::script_answer& answer,
                   bool unverified, wall_time now, effects& out) {
    const answers got(answer, p.format);
    extent ran;
    const auto before = t.failures;
    for (const auto& c : p.carries) {
        settle_piece(t, profile, c, got, unverified ? reason::unverified : std::string_view{}, now, ran, out);
        const bool control = c.is == carried::kind::write && t.nodes[c.node].uri == control_node;
        if (control && !secure_channel::is_success(got.sw(c.last).value_or(0))) doubt_directory(t, p);
    }
    if (!ran.all && !ran.refused) {  // R14: nothing says why it stopped: not again and again
        count_attempt(t, profile, p, false, reason::card_refused, now, out);
        back_off(t, profile, now);
    }
    release(t, profile, p, out);
    if (ran.all) {
        t.failures = 0;
        t.alone = false;
        t.not_before = {};
    } else {
        if (t.failures == before && t.failures < 255) ++t.failures;
        if (t.failures >= 2) t.alone = true;  // R13
    }
}

void fail_unknown_execs(twin& t, const packet& p, effects& out) {
    for (const auto& c : p.carries) {
        if (c.is != carried::kind::exec || t.find_event(c.version) == nullptr) continue;
        out.close(c.version, event_state::failed, reason::outcome_unknown,
                  "the proof of receipt was lost; exec is not repeated");
        remove_event(t, c.version);
    }
}

void settle_unknown(twin& t, const card_profile& profile, const carried* read, const octets* data, wall_time now,
                    effects& out) {
    const packet p = *std::exchange(t.unknown, std::nullopt);
    t.read_back_due = false;
    fail_unknown_execs(t, p, out);
    doubt_writes(t, profile, p);
    if (data != nullptr && (data->empty() || is_moved(profile, t.nodes[read->node])))
        data = nullptr;  // success without octets tells nothing
    if (read != nullptr && data != nullptr && t.nodes[read->node].uri == control_node) {
        judge_control(t, profile, *data, reason::read_back, out);
    } else if (read != nullptr && data != nullptr) {
        const auto* node = profile.find(t.nodes[read->node].uri);
        auto& n = t.nodes[read->node];
        if (node != nullptr && read->offset == 0 && data->size() == node->size) {
            n.reported = *data;
            n.confirmed = true;
            for (const auto& c : p.carries) {
                const auto* image = c.node == read->node ? image_of_version(t, c) : nullptr;
                if (image != nullptr && *image == n.reported) complete(t, c.node, c.version, reason::read_back, out);
            }
        }
    }
    for (const auto& c : p.carries) put_in_flight(t, c);
    count_attempt(t, profile, p, true, reason::no_answer, now, out);
    release(t, profile, p, out);
}

void settle_nothing_known(twin& t, const card_profile& profile, const packet& p, wall_time now, effects& out) {
    fail_unknown_execs(t, p, out);
    doubt_writes(t, profile, p);
    count_attempt(t, profile, p, true, reason::no_answer, now, out);
    release(t, profile, p, out);
}

void settle_not_run(twin& t, const card_profile& profile, const packet& p, bool attempt, std::string_view last_reason,
                    wall_time now, effects& out) {
    if (attempt) count_attempt(t, profile, p, false, last_reason, now, out);
    release(t, profile, p, out);
}

}  // namespace ota::flow
