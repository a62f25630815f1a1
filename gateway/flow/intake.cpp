#include "gateway/flow/intake.hpp"

#include "gateway/flow/file_place.hpp"
#include "gateway/flow/objects.hpp"
#include "gateway/flow/reasons.hpp"

#include <algorithm>

namespace ota::flow {

using queue::event_state;
using queue::operation;
using wire::octets;
using phase = open_event::phase;

namespace {

bool is_state_change(operation op) noexcept { return op != operation::get && op != operation::exec; }

verdict reject(std::string_view reason, std::string detail = {}) {
    return {event_state::rejected, reason, std::move(detail)};
}

/// The operation fits the node at all.
std::optional<verdict> unfit(const card_profile& profile, const node_binding& node, operation op) {
    const bool file = node.is == node_binding::kind::file;
    if (op == operation::exec) {
        if (file) return reject(reason::not_executable, "the node is a file");
        // R11: without a counter check the card cannot tell a repeat, so exec could run twice.
        const auto mode = profile.spi.counter();
        if (mode == secure_channel::counter_mode::ignored || mode == secure_channel::counter_mode::not_checked) {
            return reject(reason::exec_needs_counter, "the profile's counter mode lets a repeat run again");
        }
        return std::nullopt;
    }
    if (op == operation::get) {
        if (!file || !node.readable) return reject(reason::not_readable, "the profile gives no Get access");
        return std::nullopt;
    }
    if (!file || !node.writable) return reject(reason::not_writable, "the profile gives no write access");
    return std::nullopt;
}

wire::result<octets> image_for(const node_binding& node, const queue::change_event& event) {
    if (event.op == operation::erase) return octets(node.size, 0xFF);
    management_object::image_request request;
    request.form = node.form;
    request.size = node.size;
    request.format = event.format;
    request.type = event.type;
    request.value_is_json = event.value.is == queue::node_value::kind::json;
    request.value = event.value.text;
    if (event.value.is == queue::node_value::kind::absent)
        return management_object::make_error_code(management_object::errc::value_missing);
    return management_object::make_image(request);
}

/// A get or exec still open on this node after which the event would come: nothing before it may be merged away (R17).
bool barrier_after(const twin& t, std::size_t from, std::uint16_t node) noexcept {
    for (std::size_t i = from + 1; i < t.events.size(); ++i) {
        const auto& e = t.events[i];
        if (e.is != phase::deferred && e.node == node && !is_state_change(e.op)) return true;
    }
    return false;
}

/// Puts a state event at the end of its node's order.
verdict admit_state(twin& t, const node_binding& binding, open_event event, octets image, effects& out) {
    auto& node = t.nodes[event.node];
    if (event.op == operation::add && node.there == presence::present) {
        return reject(reason::already_exists, "the node exists; use replace");
    }
    if (event.op != operation::add && node.there == presence::absent) {
        return reject(reason::not_found, "the node does not exist; use add");
    }
    bool unsent_add = false;
    bool in_flight = false;
    bool kept_older = false;
    for (std::size_t i = 0; i < t.events.size();) {
        auto& older = t.events[i];
        if (older.node != event.node || older.is == phase::deferred || !is_state_change(older.op)) {
            ++i;
            continue;
        }
        if (older.is == phase::waiting && !barrier_after(t, i, event.node)) {
            unsent_add |= older.op == operation::add && older.attempts == 0;
            out.close(older.seq, event_state::superseded, reason::newer_event);
            t.events.erase(t.events.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        if (!older.owns_image) {  // R15: desired moves on, what is under way keeps its own version
            older.image = node.desired;
            older.owns_image = true;
        }
        in_flight |= older.is == phase::in_flight;
        kept_older |= older.is == phase::waiting;
        ++i;
    }
    for (const auto* p : {t.in_flight ? &*t.in_flight : nullptr, t.unknown ? &*t.unknown : nullptr}) {
        if (p == nullptr) continue;  // a write without an event, or whose event ended, moves the node as well
        in_flight |= std::any_of(p->carries.begin(), p->carries.end(), [&](const carried& c) {
            return c.is == carried::kind::write && c.node == event.node;
        });
    }
    node.blocked.clear();
    node.failures = 0;
    // R16: delete after an unsent add needs no SMS: the card never had it.
    if (event.op == operation::erase && unsent_add && !in_flight && !kept_older) {
        fall_back(node);
        node.there = presence::absent;
        return {event_state::applied, reason::never_sent, "the add before it was never sent"};
    }
    node.there = event.op == operation::erase ? presence::absent : presence::present;
    node.wanted = true;
    node.desired = std::move(image);
    node.desired_version = event.seq;
    if (!binding.volatile_file && !in_flight && !kept_older && node.confirmed && node.reported == node.desired) {
        node.reported_version = event.seq;
        return {event_state::applied, reason::no_change, "the card holds this already"};
    }
    t.events.push_back(std::move(event));
    return {};
}

std::optional<octets> copy_image(const twin& t, std::string_view uri) {
    const auto* from = t.find(uri);
    if (from == nullptr) return std::nullopt;
    if (from->wanted) return from->desired;
    if (from->confirmed) return from->reported;
    return std::nullopt;
}

}  // namespace

void fall_back(node_state& node) noexcept {
    const bool has_content = std::any_of(node.reported.begin(), node.reported.end(), [](auto o) { return o != 0xFF; });
    node.there = node.confirmed && has_content ? presence::present : presence::unknown;
    node.wanted = node.confirmed;
    node.desired = node.confirmed ? node.reported : octets{};
    node.desired_version = node.reported_version;
}

void remove_event(twin& t, event_seq seq) noexcept {
    std::erase_if(t.events, [&](const open_event& e) { return e.seq == seq; });
}

void withdraw(twin& t, const card_profile* profile, const std::vector<event_seq>& ended, effects& out) {
    std::vector<std::uint16_t> objects;
    for (const auto seq : ended) {
        const auto* e = t.find_event(seq);
        if (e == nullptr) continue;
        const auto node = e->node;
        const bool state = is_state_change(e->op) && e->is != phase::deferred;
        const bool object = !e->change.empty();
        remove_event(t, seq);
        if (!state) continue;
        if (object) {
            objects.push_back(node);
        } else if (t.nodes[node].desired_version == seq) {
            fall_back(t.nodes[node]);
        }
    }
    if (profile == nullptr) return;
    for (const auto node : objects) refold(t, *profile, node, out);  // once none of them is there any more
}

verdict take_in(twin& t, const card_profile& profile, const queue::change_event& event, event_seq seq,
                std::chrono::milliseconds life, wall_time now, effects& out) {
    const auto* binding = profile.find(event.node);
    const auto* object = binding == nullptr ? profile.find_object(event.node) : nullptr;
    if (binding == nullptr && object == nullptr)
        return reject(reason::unknown_node, "the card's profile has no such node");
    if (binding != nullptr) {
        if (auto no = unfit(profile, *binding, event.op)) return *no;
    }
    if (t.events.size() >= most_open_events) return reject(reason::too_many_open, "too many open events on this card");

    open_event entry;
    entry.seq = seq;
    entry.op = event.op;
    entry.priority = event.priority;
    entry.bearer = event.bearer;
    entry.not_before = event.not_before.value_or(wall_time{});
    entry.expires_at = event.expires_at.value_or(std::max(now, entry.not_before) + life);
    if (entry.expires_at <= now) return {event_state::expired, reason::life_over, "expired before it was taken in"};
    if (object != nullptr) return take_in_object(t, profile, *object, event, std::move(entry), now, out);

    octets image;
    if (event.op == operation::copy) {
        auto copied = copy_image(t, event.copy_from);
        if (!copied) return reject(reason::copy_source_unknown, "the source node's content is not known");
        if (copied->size() != binding->size) return reject(reason::bad_value, "source and target differ in size");
        image = std::move(*copied);
    } else if (is_state_change(event.op)) {
        auto made = image_for(*binding, event);
        if (!made) return reject(reason::bad_value, made.error().message());
        image = std::move(made.value());
    }

    entry.node = t.node_index(event.node, !binding->readable);
    auto& node = t.nodes[entry.node];
    if (is_moved(profile, node)) node.confirmed = false;
    if (node.place == 0 && !node.wanted && !node.confirmed) node.place = place_of(profile, node);  // a new one
    if (event.revision && node.revision &&
        *event.revision < *node.revision) {  // R22: a late older event never overtakes
        return {event_state::superseded, reason::older_revision, "a newer revision was taken in before"};
    }
    const auto admitted = [&](verdict v) {  // what was rejected holds nothing back
        if (event.revision && v.state != event_state::rejected) node.revision = event.revision;
        return v;
    };
    if (entry.not_before > now) {
        entry.is = phase::deferred;
        entry.owns_image = true;
        entry.image = std::move(image);
        t.events.push_back(std::move(entry));
        return admitted({});
    }
    if (!is_state_change(event.op)) {
        t.events.push_back(std::move(entry));
        return admitted({});
    }
    return admitted(admit_state(t, *binding, std::move(entry), std::move(image), out));
}

void expire_events(twin& t, const card_profile* profile, wall_time now, effects& out) {
    for (std::size_t i = 0; i < t.events.size();) {
        auto& e = t.events[i];
        if (e.is != phase::in_flight && e.expires_at <= now) {  // R18
            if (exec_of(t, e) && e.attempts >= exec_sent) {
                out.close(e.seq, event_state::expired, reason::life_over_unknown,
                          "the device has not told the outcome within its life");
            } else {
                out.close(e.seq, event_state::expired, reason::life_over, "not delivered within its life");
            }
            withdraw(t, profile, {e.seq}, out);
            i = 0;  // of an object, others may have ended with it
            continue;
        }
        ++i;
    }
}

void run_calendar(twin& t, const card_profile& profile, wall_time now, effects& out) {
    expire_events(t, &profile, now, out);
    // R18: not_before takes its place in the node's order when due, in the order of the calendar.
    while (true) {
        auto due = t.events.end();
        for (auto e = t.events.begin(); e != t.events.end(); ++e) {
            if (e->is == phase::deferred && e->not_before <= now &&
                (due == t.events.end() || e->not_before < due->not_before)) {
                due = e;
            }
        }
        if (due == t.events.end()) return;
        auto event = std::move(*due);
        t.events.erase(due);
        event.is = phase::waiting;
        if (!event.change.empty() && is_state_change(event.op)) {
            const auto seq = event.seq;
            const auto said = admit_change(t, profile, std::move(event), out);
            if (said.state != event_state::open) out.close(seq, said.state, said.reason, said.detail);
            continue;
        }
        if (!is_state_change(event.op)) {
            event.owns_image = false;
            event.image.clear();
            t.events.push_back(std::move(event));
            continue;
        }
        const auto seq = event.seq;
        const auto* binding = profile.find(t.nodes[event.node].uri);
        auto image = std::move(event.image);
        event.image.clear();
        event.owns_image = false;
        const auto said = binding == nullptr ? reject(reason::unknown_node, "the card's profile no longer has the node")
                                             : admit_state(t, *binding, std::move(event), std::move(image), out);
        if (said.state != event_state::open) out.close(seq, said.state, said.reason, said.detail);
    }
}

bool cancel(twin& t, const card_profile* profile, event_seq seq, effects& out) {
    auto* e = t.find_event(seq);
    if (e == nullptr || e->is == phase::in_flight) return false;
    withdraw(t, profile, {seq}, out);
    out.close(seq, event_state::rejected, reason::cancelled, "cancelled by an operator");
    return true;
}

}  // namespace ota::flow
