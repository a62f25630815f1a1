#include "gateway/flow/plan.hpp"

#include "gateway/flow/in_flight.hpp"
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

constexpr std::size_t update_header = 5;
constexpr std::size_t longest_update = 255;

bool is_state_change(operation op) noexcept { return op != operation::get && op != operation::exec; }

bool same_subtree(std::string_view a, std::string_view b) noexcept {
    const auto shorter = std::min(a.size(), b.size());
    if (a.substr(0, shorter) != b.substr(0, shorter)) return false;
    return a.size() == b.size() || (a.size() > b.size() ? a : b)[shorter] == '/';
}

/// One packet in the making.
class packing {
public:
    packing(twin& t, const card_profile& profile, std::size_t application, std::size_t capacity)
        : t_(t), profile_(profile), script_(profile.applications[application], capacity) {
        result_.application = application;
    }

    /// Adds as much of the image as fits. False when nothing of it fits any more.
    bool write(std::uint16_t index, const wire::octets& image, event_seq version);
    bool read(std::uint16_t index, std::size_t offset, std::size_t length, carried::kind, event_seq version);
    bool exec(std::uint16_t index, const node_binding&, event_seq version);
    void refresh();

    void expires(wall_time at) {
        if (result_.expires == wall_time{} || at < result_.expires) result_.expires = at;
    }
    void priority(std::int8_t p) { result_.priority = std::max(result_.priority, p); }
    [[nodiscard]] bool empty() const noexcept { return result_.carries.empty(); }
    /// Nothing may follow: a get is last in a compact script, an exec alone.
    [[nodiscard]] bool closed() const noexcept {
        return !empty() && (result_.carries.back().is == carried::kind::get || result_.carries.back().is == carried::kind::exec);
    }
    [[nodiscard]] bool writes() const noexcept {
        return std::any_of(result_.carries.begin(), result_.carries.end(),
                           [](const carried& c) { return c.is == carried::kind::write; });
    }
    planned_packet take() {
        result_.commands = script_.commands();
        return std::move(result_);
    }

private:
    const node_binding& binding(std::uint16_t index) const { return *profile_.find(t_.nodes[index].uri); }
    bool write_run(const node_binding&, std::size_t offset, wire::octet_view, carried&);

    twin& t_;
    const card_profile& profile_;
    script_builder script_;
    planned_packet result_;
};

/// Adds one run of octets, or the front of it that fits. Grows `entry` by what was added.
bool packing::write_run(const node_binding& node, std::size_t offset, wire::octet_view run, carried& entry) {
    const auto [select_octets, selects] = script_.select_cost(node);
    const auto room = script_.room(selects + 1);
    if (room <= select_octets + update_header) return false;
    const auto length = std::min({run.size(), room - select_octets - update_header, longest_update});
    if (node.structure == file_structure::linear_fixed && length < run.size()) return false;
    // A sliver at the end of a packet costs a command in the next one as well: only whole runs, or a fair part of one.
    if (length < run.size() && length < 8 && !empty()) return false;
    if (!script_.fits(selects + 1, select_octets + update_header + length)) return false;
    if (entry.first == 0) entry.first = static_cast<std::uint8_t>(script_.count() + 1);
    script_.select(node);
    if (node.structure == file_structure::linear_fixed) {
        script_.update_record(node.record, run);
    } else {
        script_.update_binary(offset, run.first(length));
    }
    entry.last = script_.count();
    entry.length = static_cast<std::uint32_t>(length);
    return true;
}

bool packing::write(std::uint16_t index, const wire::octets& image, event_seq version) {
    const auto& node = binding(index);
    auto& state = t_.nodes[index];
    bool any = false;
    const auto add = [&](std::size_t offset, wire::octet_view run, bool whole) {
        carried entry;
        entry.is = carried::kind::write;
        entry.node = index;
        entry.version = version;
        entry.whole = whole;
        entry.offset = static_cast<std::uint32_t>(offset);
        if (!write_run(node, offset, run, entry)) return std::size_t{0};
        any = true;
        const auto length = entry.length;
        result_.carries.push_back(entry);
        return static_cast<std::size_t>(length);
    };
    // R19: a difference only against a confirmed image of a file that nobody else writes; otherwise the whole field.
    const bool patchable = state.confirmed && !node.volatile_file && node.structure == file_structure::transparent &&
                           state.reported.size() == image.size();
    if (patchable) {
        for (const auto& run : management_object::difference(state.reported, image, update_header, longest_update)) {
            const auto added = add(run.offset, run.octets, false);
            if (added < run.octets.size()) break;
        }
        return any;
    }
    std::size_t at = state.progress_version == version ? state.progress : 0;
    const wire::octet_view all(image);
    while (at < all.size()) {
        const auto run = all.subspan(at, std::min(longest_update, all.size() - at));
        const auto added = add(at, run, true);
        at += added;
        if (added < run.size()) break;
    }
    return any;
}

bool packing::read(std::uint16_t index, std::size_t offset, std::size_t length, carried::kind kind, event_seq version) {
    const auto& node = binding(index);
    const auto [select_octets, selects] = script_.select_cost(node);
    if (!script_.fits(selects + 1, select_octets + update_header)) return false;
    carried entry;
    entry.is = kind;
    entry.node = index;
    entry.version = version;
    entry.first = static_cast<std::uint8_t>(script_.count() + 1);
    script_.select(node);
    if (node.structure == file_structure::linear_fixed) {
        script_.read_record(node.record, node.size);
        offset = 0;
        length = node.size;
    } else {
        script_.read_binary(offset, length);
    }
    entry.last = script_.count();
    entry.offset = static_cast<std::uint32_t>(offset);
    entry.length = static_cast<std::uint32_t>(length);
    result_.carries.push_back(entry);
    return true;
}

bool packing::exec(std::uint16_t index, const node_binding& node, event_seq version) {
    std::size_t octets = 0;
    for (const auto& c : node.commands) octets += c.size();
    if (!script_.fits(node.commands.size(), octets)) return false;
    carried entry;
    entry.is = carried::kind::exec;
    entry.node = index;
    entry.version = version;
    entry.first = static_cast<std::uint8_t>(script_.count() + 1);
    for (const auto& c : node.commands) script_.raw(c);
    entry.last = script_.count();
    result_.carries.push_back(entry);
    return true;
}

void packing::refresh() {  // R20
    if (profile_.refresh != refresh_policy::script || !writes() || closed()) return;
    std::size_t octets = 0;
    for (const auto& c : profile_.refresh_script) octets += c.size();
    if (!script_.fits(profile_.refresh_script.size(), octets)) return;
    carried entry;
    entry.is = carried::kind::refresh;
    entry.first = static_cast<std::uint8_t>(script_.count() + 1);
    for (const auto& c : profile_.refresh_script) script_.raw(c);
    entry.last = script_.count();
    if (entry.last >= entry.first) result_.carries.push_back(entry);
}

std::size_t capacity_of(const card_profile& profile, std::uint8_t mac_length) noexcept {
    const secure_channel::key_identifier kic{profile.kic_algorithm}, kid{profile.kid_algorithm};
    return secure_channel::data_capacity(secure_channel::segments_capacity(profile.max_segments, profile.wide_reference),
                                         profile.spi, kic, kid, mac_length);
}

/// R9: reads the first thing that the unknown packet wrote; any answer to a newer counter closes it for good (R6).
std::optional<planned_packet> plan_read_back(twin& t, const card_profile& profile, std::size_t capacity) {
    for (const auto& c : t.unknown->carries) {
        if (c.is == carried::kind::refresh || c.is == carried::kind::exec) continue;
        const auto* node = profile.find(t.nodes[c.node].uri);
        if (node == nullptr || node->is != node_binding::kind::file) continue;
        packing packet(t, profile, node->application, capacity);
        const auto length = std::min<std::size_t>(node->size - std::min<std::size_t>(c.offset, node->size - 1), profile.max_response);
        const bool small = node->size <= profile.max_response;
        if (!packet.read(c.node, small ? 0 : c.offset, small ? node->size : length, carried::kind::read_back, c.version)) continue;
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
            if (earlier.node == event.node) return true;  // the older image first
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
    const auto& node = *profile.find(t.nodes[event.node].uri);
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
    return packet.write(event.node, t.image_of(event), event.seq) ? added::yes : added::no;
}

/// Convergence without an event: after a repair, a replacement or a drift found by reading.
void add_drifted(packing& packet, twin& t, const card_profile& profile, std::size_t application) {
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        auto& n = t.nodes[i];
        const auto* node = profile.find(n.uri);
        if (!n.wanted || !n.blocked.empty() || node == nullptr || node->application != application) continue;
        if (n.confirmed && (n.reported == n.desired || node->volatile_file)) continue;
        const bool owned = std::any_of(t.events.begin(), t.events.end(), [&](const open_event& e) {
            return e.node == i && is_state_change(e.op) && e.is != phase::deferred;
        });
        if (!owned && !packet.write(static_cast<std::uint16_t>(i), n.desired, n.desired_version)) return;
        if (t.alone && !packet.empty()) return;  // R13
    }
}

std::optional<std::size_t> drifted_application(const twin& t, const card_profile& profile) {
    for (const auto& n : t.nodes) {
        const auto* node = profile.find(n.uri);
        if (n.wanted && n.blocked.empty() && node != nullptr && (!n.confirmed || (n.reported != n.desired && !node->volatile_file))) {
            return node->application;
        }
    }
    return std::nullopt;
}

/// Ends events whose node left the profile; answers whether any went.
void drop_orphans(twin& t, const card_profile& profile, effects& out) {
    for (std::size_t i = 0; i < t.events.size();) {
        auto& e = t.events[i];
        if (e.is == phase::waiting && profile.find(t.nodes[e.node].uri) == nullptr) {
            out.close(e.seq, event_state::rejected, reason::unknown_node, "the card's profile no longer has the node");
            t.events.erase(t.events.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        ++i;
    }
}

}  // namespace

std::optional<planned_packet> plan(twin& t, const card_profile& profile, std::uint8_t mac_length, wall_time now, effects& out) {
    if ((t.in_flight && !sabotaged(sabotage::two_in_flight)) || !t.hold.empty() || t.not_before > now || profile.applications.empty()) return std::nullopt;  // R6
    const auto capacity = capacity_of(profile, mac_length);
    if (t.unknown) {
        if (!t.read_back_due) return std::nullopt;
        if (unchecked(*t.unknown) && now < t.unknown->closes_at) return std::nullopt;  // R11
        return plan_read_back(t, profile, capacity);
    }
    drop_orphans(t, profile, out);
    while (true) {
        std::optional<packing> packet;
        std::size_t application = 0;
        std::vector<event_seq> in_packet;
        bool changed = false;
        for (auto at : runnable(t)) {
            auto& event = t.events[at];
            const auto& node = *profile.find(t.nodes[event.node].uri);
            if (barred(t, at, in_packet)) continue;
            if (packet && node.application != application) continue;
            if (!packet) {
                application = node.application;
                packet.emplace(t, profile, application, capacity);
            }
            const auto seq = event.seq;
            const auto said = add_event(*packet, t, profile, event, out);
            if (said == added::ended) {
                remove_event(t, seq);
                changed = true;
                break;
            }
            if (said == added::no && packet->empty()) {  // it would not fit an empty packet either
                out.close(seq, event_state::failed, reason::too_large, "one command does not fit the card's largest packet");
                auto& n = t.nodes[event.node];
                if (is_state_change(event.op) && n.desired_version == seq) fall_back(n);
                remove_event(t, seq);
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
            if (!drifted) return std::nullopt;
            application = *drifted;
            packet.emplace(t, profile, application, capacity);
        }
        if (packet->empty() || (!t.alone && !packet->closed())) add_drifted(*packet, t, profile, application);
        packet->refresh();
        if (packet->empty()) return std::nullopt;
        return packet->take();
    }
}

}  // namespace ota::flow
