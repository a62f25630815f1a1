#include "gateway/flow/plan.hpp"

#include "gateway/flow/audit.hpp"
#include "gateway/flow/data_objects.hpp"
#include "gateway/flow/file_place.hpp"
#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/plan_packing.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/short_message.hpp"

#include <algorithm>

namespace ota::flow {

using queue::event_state;
using queue::operation;
using phase = open_event::phase;

namespace {

bool is_state_change(operation op) noexcept { return op != operation::get && op != operation::exec; }

bool same_subtree(std::string_view a, std::string_view b) noexcept {
    const auto shorter = std::min(a.size(), b.size());
    if (a.substr(0, shorter) != b.substr(0, shorter)) return false;
    return a.size() == b.size() || (a.size() > b.size() ? a : b)[shorter] == '/';
}

std::optional<planned_packet> read_control(twin& t, const card_profile& profile, std::size_t capacity,
                                           event_seq version) {
    if (!profile.objects_at) return std::nullopt;
    const auto index = control_index(t);
    const auto& file = profile.objects_at->control;
    packing packet(t, profile, file.application, capacity);
    const auto length = std::min(file.size, profile.max_response);
    if (!packet.read(index, 0, length, carried::kind::read_back, version)) return std::nullopt;
    auto result = packet.take();
    result.read_back = true;
    return result;
}

/// Before an object is written, its file is known: the control file says which image it holds, or it is read.
std::optional<planned_packet> plan_object_read(twin& t, const card_profile& profile, std::size_t capacity) {
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        const auto& n = t.nodes[i];
        if (!is_object(profile, n) || profile.object(n.uri)->mirror) continue;
        const auto asks = std::ranges::find_if(t.events, [&](const open_event& e) {
            return e.node == i && e.is == phase::waiting && is_state_change(e.op);
        });
        const bool wanted = asks != t.events.end() || (n.wanted && !n.confirmed && n.blocked.empty());
        if (!wanted) continue;
        const auto version = asks != t.events.end() ? asks->seq : n.desired_version;
        const bool unchecked_file = !n.confirmed && n.of_file == shadow::unchecked;
        if (unchecked_file || !known_control(t)) return read_control(t, profile, capacity, version);
        const bool listed = !tags_unknown(n);
        if (n.confirmed || (n.of_file != shadow::reading && listed)) continue;
        const auto& file = *binding_of(t, profile, n);
        packing packet(t, profile, file.application, capacity);
        if (!listed) {
            if (!packet.read_tags(static_cast<std::uint16_t>(i), version)) return std::nullopt;
            return packet.take();
        }
        const auto length = std::min(file.size - n.progress, profile.max_response);
        if (!packet.read(static_cast<std::uint16_t>(i), n.progress, length, carried::kind::read_back, version))
            return std::nullopt;
        return packet.take();
    }
    return std::nullopt;
}

/// R9: reads the first thing that the unknown packet wrote; any answer to a newer counter closes it for good (R6).
std::optional<planned_packet> plan_read_back(twin& t, const card_profile& profile, std::size_t capacity) {
    for (const auto& c : t.unknown->carries) {
        if (c.is == carried::kind::refresh || c.is == carried::kind::exec) continue;
        const auto& state = t.nodes[c.node];
        if (is_commit_file(state) ||
            (is_object(profile, state) && c.is != carried::kind::get)) {  // it tells of all objects
            if (auto read = read_control(t, profile, capacity, c.version)) return read;
            continue;
        }
        const auto* node = binding_of(t, profile, state);
        if (node == nullptr || node->is != node_binding::kind::file) continue;
        packing packet(t, profile, node->application, capacity);
        const auto length =
            std::min<std::size_t>(node->size - std::min<std::size_t>(c.offset, node->size - 1), profile.max_response);
        const bool small = node->size <= profile.max_response;
        if (!packet.read(c.node, small ? 0 : c.offset, small ? node->size : length, carried::kind::read_back,
                         c.version))
            continue;
        auto result = packet.take();
        result.read_back = true;
        return result;
    }
    // Nothing to read: any harmless command with a newer counter closes the unknown packet.
    packing packet(t, profile, 0, capacity);
    auto result = packet.take();
    result.commands.push_back({profile.applications[0].class_octet, 0xF2, 0x00, 0x00, 0x00});  // STATUS
    result.read_back = true;
    return result;
}

/// Events that may go now, in order of priority and then of arrival.
std::vector<std::size_t> runnable(const twin& t) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < t.events.size(); ++i) {
        if (t.events[i].is == phase::waiting) out.push_back(i);
    }
    std::stable_sort(out.begin(), out.end(),
                     [&](std::size_t a, std::size_t b) { return t.events[a].priority > t.events[b].priority; });
    return out;
}

/// R17: a get or exec waits for what came before it on its subtree, and holds back what comes after.
bool barred(const twin& t, std::size_t at, const std::vector<event_seq>& in_packet) {
    const auto& event = t.events[at];
    for (std::size_t i = 0; i < at; ++i) {
        const auto& earlier = t.events[i];
        if (earlier.is == phase::deferred) continue;
        if (is_state_change(event.op) && is_state_change(earlier.op)) {
            if (earlier.node == event.node && t.version_of(earlier) != t.version_of(event))
                return true;  // the older image first
            continue;
        }
        if (!same_subtree(t.nodes[earlier.node].uri, t.nodes[event.node].uri)) continue;
        if (std::find(in_packet.begin(), in_packet.end(), earlier.seq) == in_packet.end()) return true;
        if (!is_state_change(earlier.op)) return true;
    }
    return false;
}

/// The image that this state event asks for is confirmed already: it ends without an SMS.
bool ended_without_sms(twin& t, const node_binding& node, const open_event& event, effects& out) {
    auto& state = t.nodes[event.node];
    if (node.volatile_file || !state.confirmed || state.reported != t.image_of(event)) return false;
    state.reported_version = std::max(state.reported_version, event.seq);
    out.close(event.seq, event_state::applied, reason::no_change, "the card holds this already");
    return true;
}

enum class added { yes, no, full, ended };

added add_event(packing& packet, twin& t, const card_profile& profile, open_event& event, effects& out) {
    const auto& node = *binding_of(t, profile, t.nodes[event.node]);
    if (event.op == operation::exec) {
        if (!packet.empty()) return added::full;  // R17: alone, so that a stopped script never leaves it half known
        return packet.exec(event.node, node, event.seq) ? added::yes : added::no;
    }
    if (event.op == operation::get) {
        const auto done = event.image.size();
        const auto length = std::min(node.size - std::min(done, node.size), profile.max_response);
        return packet.read(event.node, done, length, carried::kind::get, event.seq) ? added::yes : added::no;
    }
    if (ended_without_sms(t, node, event, out)) return added::ended;
    if (!event.change.empty())
        return packet.write_object(event.node, t.image_of(event), t.version_of(event)) ? added::yes : added::no;
    return packet.write(event.node, t.image_of(event), event.seq) ? added::yes : added::no;
}

/// Convergence without an event: after a repair, a replacement or a drift found by reading.
void add_drifted(packing& packet, twin& t, const card_profile& profile, std::size_t application) {
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        auto& n = t.nodes[i];
        const auto* node = binding_of(t, profile, n);
        if (!n.wanted || !n.blocked.empty() || node == nullptr || node->application != application) continue;
        if (n.confirmed && (n.reported == n.desired || node->volatile_file)) continue;
        const auto index = static_cast<std::uint16_t>(i);
        const bool owned = std::any_of(t.events.begin(), t.events.end(), [&](const open_event& e) {
            return e.node == i && is_state_change(e.op) && e.is != phase::deferred;
        });
        if (owned) continue;
        const bool added = is_object(profile, n) ? packet.write_object(index, n.desired, n.desired_version)
                                                 : packet.write(index, n.desired, n.desired_version);
        if (!added) return;
        if (t.alone && !packet.empty()) return;  // R13
    }
}

std::optional<std::size_t> drifted_application(const twin& t, const card_profile& profile) {
    for (const auto& n : t.nodes) {
        const auto* node = binding_of(t, profile, n);
        if (n.wanted && n.blocked.empty() && node != nullptr &&
            (!n.confirmed || (n.reported != n.desired && !node->volatile_file))) {
            return node->application;
        }
    }
    return std::nullopt;
}

/// Ends events whose node left the profile; answers whether any went.
void drop_orphans(twin& t, const card_profile& profile, effects& out) {
    for (std::size_t i = 0; i < t.events.size();) {
        auto& e = t.events[i];
        if (e.is == phase::waiting && binding_of(t, profile, t.nodes[e.node]) == nullptr) {
            out.close(e.seq, event_state::rejected, reason::unknown_node, "the card's profile no longer has the node");
            t.events.erase(t.events.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        ++i;
    }
}

}  // namespace

std::size_t short_message_capacity(const card_profile& profile, std::uint8_t mac_length) noexcept {
    const secure_channel::key_identifier kic{profile.kic_algorithm}, kid{profile.kid_algorithm};
    return secure_channel::data_capacity(
        secure_channel::segments_capacity(profile.max_segments, profile.wide_reference), profile.spi, kic, kid,
        mac_length);
}

std::optional<planned_packet> plan(twin& t, const card_profile& profile, std::uint8_t mac_length, wall_time now,
                                   effects& out) {
    return plan_within(t, profile, short_message_capacity(profile, mac_length), now, out);
}

std::optional<planned_packet> plan_within(twin& t, const card_profile& profile, std::size_t capacity, wall_time now,
                                          effects& out) {
    if ((t.in_flight && !sabotaged(sabotage::two_in_flight)) || !t.hold.empty() || t.not_before > now ||
        profile.applications.empty())
        return std::nullopt;  // R6
    forget_other_layouts(t, profile);
    if (t.unknown) {
        if (!t.read_back_due) return std::nullopt;
        if (unchecked(*t.unknown) && now < t.unknown->closes_at) return std::nullopt;  // R11
        return plan_read_back(t, profile, capacity);
    }
    follow_moved(t, profile, out);
    drop_orphans(t, profile, out);
    if (auto read = plan_object_read(t, profile, capacity)) return read;
    while (true) {
        std::optional<packing> packet;
        std::size_t application = 0;
        std::vector<event_seq> in_packet;
        std::vector<event_seq>
            objects;  ///< versions of management objects in the packet: events that share one ride along
        bool changed = false;
        for (auto at : runnable(t)) {
            auto& event = t.events[at];
            const auto& node = *binding_of(t, profile, t.nodes[event.node]);
            if (barred(t, at, in_packet)) continue;
            if (packet && node.application != application) continue;
            if (!packet) {
                application = node.application;
                packet.emplace(t, profile, application, capacity);
            }
            const auto seq = event.seq;
            if (event.op == operation::get && (packet->owes_proof() || !objects.empty()))
                break;  // a get is the last command, and so is the proof
            const bool of_object = !event.change.empty() && is_state_change(event.op);
            const bool rides = of_object && std::ranges::find(objects, t.version_of(event)) != objects.end();
            const auto said = rides ? added::yes : add_event(*packet, t, profile, event, out);
            if (of_object && said == added::yes) objects.push_back(t.version_of(event));
            if (said == added::ended) {
                remove_event(t, seq);
                changed = true;
                break;
            }
            if (said == added::no && packet->empty()) {  // it would not fit an empty packet either
                out.close(seq, event_state::failed, reason::too_large,
                          "one command does not fit the card's largest packet");
                withdraw(t, &profile, {seq}, out);
                changed = true;
                break;
            }
            if (said != added::yes) break;
            in_packet.push_back(seq);
            packet->expires(event.expires_at);
            packet->priority(event.priority);
            if (event.op == operation::get || event.op == operation::exec) break;  // R13: at most one get, last
            if (t.alone) break;                                                    // R13: after two failures
        }
        if (changed) continue;
        if (!packet || packet->empty()) {
            const auto drifted = drifted_application(t, profile);
            if (!drifted) return plan_audit(t, profile, capacity);
            application = *drifted;
            packet.emplace(t, profile, application, capacity);
        }
        if (packet->empty() || (!t.alone && !packet->closed())) add_drifted(*packet, t, profile, application);
        packet->commit();
        packet->refresh();
        if (packet->carries_nothing()) return std::nullopt;
        if (packet->writes()) restart_audit(t);
        return packet->take();
    }
}

}  // namespace ota::flow
