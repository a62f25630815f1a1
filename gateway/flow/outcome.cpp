#include "gateway/flow/outcome.hpp"

#include "gateway/flow/intake.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

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

/// The image of the version that was written, as far as it is still known.
const octets* image_of_version(const twin& t, const carried& c) noexcept {
    for (const auto& e : t.events) {
        if (e.node == c.node && e.seq == c.version) return &t.image_of(e);
    }
    const auto& n = t.nodes[c.node];
    return n.wanted && n.desired_version == c.version ? &n.desired : nullptr;
}

bool has_newer(const twin& t, std::uint16_t node, event_seq than) noexcept {
    return std::any_of(t.events.begin(), t.events.end(), [&](const open_event& e) {
        return e.node == node && e.seq > than && is_state_change(e.op) && e.is != phase::deferred;
    });
}

/// R15: reported moves to the version that the packet carried.
void complete(twin& t, std::uint16_t index, event_seq version, std::string_view why, effects& out) {
    auto& n = t.nodes[index];
    n.reported_version = std::max(n.reported_version, version);
    n.failures = 0;
    if (version >= n.desired_version || !n.wanted) {
        n.desired = n.reported;
        n.desired_version = version;
        n.wanted = true;
    }
    if (t.find_event(version) != nullptr) {
        out.close(version, event_state::applied, why);
        remove_event(t, version);
    }
}

void confirm_write(twin& t, const carried& c, std::string_view why, effects& out) {
    auto& n = t.nodes[c.node];
    const auto* image = sabotaged(sabotage::reported_is_todays_desired) ? &n.desired : image_of_version(t, c);
    if (image == nullptr || c.offset + c.length > image->size()) {  // desired moved on and nobody kept the version
        n.confirmed = false;
        n.progress = 0;
        return;
    }
    if (c.whole) {
        const bool follows = n.progress_version == c.version && n.progress == c.offset;
        if (c.offset != 0 && !follows) return;  // R19: a gap before it is not confirmed
        n.progress_version = c.version;
        n.progress = c.offset + c.length;
        n.confirmed = n.progress >= image->size();
        if (n.confirmed) {
            n.reported = *image;
            n.progress = 0;
        }
    } else if (n.confirmed && n.reported.size() == image->size()) {
        std::copy_n(image->begin() + c.offset, c.length, n.reported.begin() + c.offset);
    }
    if (n.confirmed && n.reported == *image) {
        complete(t, c.node, c.version, why, out);
    } else if (auto* e = t.find_event(c.version); e != nullptr && e->op == operation::add) {
        e->attempts = std::max<std::uint8_t>(e->attempts, 1);  // R16: a delete after it has something to delete
    }
}

void refuse(twin& t, const card_profile& profile, const carried& c, std::uint16_t sw, unsigned command, wall_time now, effects& out) {
    auto& n = t.nodes[c.node];
    auto* e = t.find_event(c.version);
    if (n.failures < 255) ++n.failures;
    if (is_temporary(sw) && c.is != carried::kind::exec && n.failures < profile.attempts) {
        if (e != nullptr) {
            e->is = phase::waiting;
            ++e->attempts;
        }
        back_off(t, profile, now);
        return;
    }
    // R14: a permanent refusal fails the event, desired falls back, the node waits for a new event or a repair.
    if (e != nullptr) {
        const bool newest = !is_state_change(e->op) || n.desired_version == e->seq;
        out.close(e->seq, event_state::failed, reason::card_refused, describe_sw(sw, command));
        if (is_state_change(e->op) && newest) fall_back(n);
        remove_event(t, c.version);
    } else if (c.is == carried::kind::write && n.desired_version == c.version) {
        fall_back(n);
    }
    if (c.is == carried::kind::write && !has_newer(t, c.node, c.version)) n.blocked = reason::card_refused;
}

struct answers {
    explicit answers(const secure_channel::script_answer& a, secure_channel::script_format format) : a_(a), format_(format) {}

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
        if (format_ == secure_channel::script_format::compact) {
            return command == a_.executed && !a_.answers.empty() ? &a_.answers.back().data : nullptr;
        }
        return command <= a_.answers.size() ? &a_.answers[command - 1].data : nullptr;
    }

private:
    const secure_channel::script_answer& a_;
    secure_channel::script_format format_;
};

/// A get's answer: keeps collecting until the whole file is read, then ends the event with it.
void settle_get(twin& t, const card_profile& profile, const carried& c, const octets* data, effects& out) {
    auto* e = t.find_event(c.version);
    const auto* node = profile.find(t.nodes[c.node].uri);
    if (e == nullptr || node == nullptr) return;
    const auto before = e->image.size();
    e->image.resize(std::min<std::size_t>(c.offset, before));
    if (data != nullptr) e->image.insert(e->image.end(), data->begin(), data->end());
    e->owns_image = true;
    if (e->image.size() <= before && e->image.size() < node->size && ++e->attempts >= profile.attempts) {  // R14: no endless SMS
        out.close(e->seq, event_state::failed, reason::card_refused, "the card answers without the octets of the file");
        remove_event(t, c.version);
        return;
    }
    if (e->image.size() < node->size) {
        e->is = phase::waiting;
        return;
    }
    auto& n = t.nodes[c.node];
    n.reported = e->image;
    n.confirmed = true;
    n.progress = 0;
    closing done{e->seq, event_state::applied, {}, {}, e->image, true};
    out.closed.push_back(std::move(done));
    remove_event(t, c.version);
}

/// How far a script came, and whether a command owns the stop (R13).
struct extent {
    bool all = true;
    bool refused = false;
};

/// One carried piece of a script whose answer is known.
void settle_piece(twin& t, const card_profile& profile, const carried& c, const answers& got, std::string_view why, wall_time now,
                  extent& ran, effects& out) {
    for (unsigned command = c.first; command <= c.last; ++command) {
        const auto sw = got.sw(command);
        if (!sw) {
            ran.all = false;
            auto* e = t.find_event(c.version);
            const bool begun = command > c.first;
            if (c.is == carried::kind::exec && begun && e != nullptr) {
                out.close(e->seq, event_state::failed, reason::outcome_unknown, "the script stopped inside the command sequence");
                remove_event(t, c.version);
            }
            return;
        }
        if (!secure_channel::is_success(*sw)) {
            if (c.is == carried::kind::refresh || c.is == carried::kind::read_back) return;  // no event fails by it
            ran.all = false;
            ran.refused = true;
            refuse(t, profile, c, *sw, command, now, out);
            return;
        }
    }
    switch (c.is) {
        case carried::kind::write: confirm_write(t, c, why, out); break;
        case carried::kind::get: settle_get(t, profile, c, got.data(c.last), out); break;
        case carried::kind::exec:
            if (t.find_event(c.version) != nullptr) {
                out.close(c.version, event_state::applied, why);
                remove_event(t, c.version);
            }
            break;
        case carried::kind::read_back:
        case carried::kind::refresh: break;
    }
}

/// Events that the packet carried and that did not end wait again, or gave way to newer ones.
void release(twin& t, const packet& p, effects& out) {
    for (const auto& c : p.carries) {
        auto* e = t.find_event(c.version);
        if (e == nullptr || e->is != phase::in_flight) continue;
        if (is_state_change(e->op) && has_newer(t, c.node, e->seq)) {
            out.close(e->seq, event_state::superseded, reason::newer_event, "it may have been applied in part");
            remove_event(t, c.version);
            continue;
        }
        e->is = phase::waiting;
    }
}

void unconfirm(twin& t, const packet& p) {
    for (const auto& c : p.carries) {
        if (c.is != carried::kind::write) continue;
        t.nodes[c.node].confirmed = false;
        t.nodes[c.node].progress = 0;
    }
}

/// A write without an event (a repair) counts on its node: a card that never answers does not get SMS for ever (R14).
void count_drifted(twin& t, const card_profile& profile, const carried& c, std::string_view last_reason) {
    auto& n = t.nodes[c.node];
    if (!n.wanted || (n.confirmed && n.reported == n.desired)) return;
    if (n.failures < 255) ++n.failures;
    if (n.failures >= profile.attempts) block_drifted(t, c.node, last_reason);
}

/// Counts an attempt on everything the packet carried; ends what had its last one, or whose life is over.
void count_attempt(twin& t, const card_profile& profile, const packet& p, bool may_have_run, std::string_view last_reason,
                   wall_time now, effects& out) {
    const carried* counted = nullptr;  // several pieces of one event stand side by side
    for (const auto& c : p.carries) {
        if (c.is == carried::kind::refresh || (counted != nullptr && counted->version == c.version && counted->node == c.node)) continue;
        counted = &c;
        auto* e = t.find_event(c.version);
        if (e == nullptr) {
            if (c.is == carried::kind::write) count_drifted(t, profile, c, last_reason);
            continue;
        }
        ++e->attempts;
        const bool over = e->expires_at <= now;
        if (!over && e->attempts < profile.attempts) continue;
        if (over) {  // R18
            out.close(e->seq, event_state::expired, may_have_run ? reason::life_over_unknown : reason::life_over,
                      may_have_run ? "outcome unknown" : "not delivered within its life");
        } else {
            out.close(e->seq, event_state::failed, last_reason, may_have_run ? "outcome unknown" : "");
        }
        auto& n = t.nodes[e->node];
        if (is_state_change(e->op) && n.desired_version == e->seq) fall_back(n);
        remove_event(t, c.version);
    }
}

}  // namespace

void block_drifted(twin& t, std::uint16_t node, std::string_view why) {
    const bool open = std::any_of(t.events.begin(), t.events.end(),
                                  [&](const open_event& e) { return e.node == node && is_state_change(e.op); });
    if (!open) t.nodes[node].blocked = why;
}

void back_off(twin& t, const card_profile& profile, wall_time now) noexcept {
    if (t.failures < 255) ++t.failures;
    t.not_before = now + profile.retry_backoff * std::min(10, 1 << std::min<int>(t.failures - 1, 4));
}

void settle_script(twin& t, const card_profile& profile, const packet& p, const secure_channel::script_answer& answer, bool unverified,
                   wall_time now, effects& out) {
    const answers got(answer, p.format);
    extent ran;
    const auto before = t.failures;
    for (const auto& c : p.carries) {
        settle_piece(t, profile, c, got, unverified ? reason::unverified : std::string_view{}, now, ran, out);
    }
    if (!ran.all && !ran.refused) {  // R14: nothing says why it stopped: not again and again
        count_attempt(t, profile, p, false, reason::card_refused, now, out);
        back_off(t, profile, now);
    }
    release(t, p, out);
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
        out.close(c.version, event_state::failed, reason::outcome_unknown, "the proof of receipt was lost; exec is not repeated");
        remove_event(t, c.version);
    }
}

void settle_unknown(twin& t, const card_profile& profile, const carried* read, const octets* data, wall_time now, effects& out) {
    const packet p = std::move(*t.unknown);
    t.unknown.reset();
    t.read_back_due = false;
    fail_unknown_execs(t, p, out);
    unconfirm(t, p);
    if (read != nullptr && data != nullptr) {
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
    for (const auto& c : p.carries) {
        if (auto* e = t.find_event(c.version)) e->is = phase::in_flight;
    }
    count_attempt(t, profile, p, true, reason::no_answer, now, out);
    release(t, p, out);
}

void settle_nothing_known(twin& t, const card_profile& profile, const packet& p, wall_time now, effects& out) {
    fail_unknown_execs(t, p, out);
    unconfirm(t, p);
    count_attempt(t, profile, p, true, reason::no_answer, now, out);
    release(t, p, out);
}

void settle_not_run(twin& t, const card_profile& profile, const packet& p, bool attempt, std::string_view last_reason, wall_time now,
                    effects& out) {
    if (attempt) count_attempt(t, profile, p, false, last_reason, now, out);
    release(t, p, out);
}

}  // namespace ota::flow
