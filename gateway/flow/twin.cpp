#include "gateway/flow/twin.hpp"

#include <algorithm>
#include <array>

namespace ota::flow {

std::string_view name_of(carriage by) noexcept {
    switch (by) {
        case carriage::short_message: return "short-message";
        case carriage::push: return "push";
        case carriage::channel: return "channel";
    }
    return "short-message";
}

std::string_view name_of(carried::kind is) noexcept {
    constexpr std::array<std::string_view, 7> names{"write", "get", "exec", "read-back", "refresh", "commit", "audit"};
    return names[static_cast<std::size_t>(is)];
}

bool twin::has_work() const noexcept {
    const auto now = [](const open_event& e) { return e.is != open_event::phase::deferred; };
    if (std::any_of(events.begin(), events.end(), now) || (audit && audit->under_way())) return true;
    return std::any_of(nodes.begin(), nodes.end(), [](const node_state& n) {
        return n.wanted && n.blocked.empty() && (!n.confirmed || n.reported != n.desired);
    });
}

std::uint16_t twin::node_index(std::string_view uri, bool secret) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].uri == uri) return static_cast<std::uint16_t>(i);
    }
    node_state fresh;
    fresh.uri = uri;
    fresh.secret = secret;
    nodes.push_back(std::move(fresh));
    return static_cast<std::uint16_t>(nodes.size() - 1);
}

const node_state* twin::find(std::string_view uri) const noexcept {
    auto at = std::find_if(nodes.begin(), nodes.end(), [&](const node_state& n) { return n.uri == uri; });
    return at == nodes.end() ? nullptr : &*at;
}

open_event* twin::find_event(event_seq seq) noexcept {
    auto at = std::find_if(events.begin(), events.end(), [&](const open_event& e) { return e.seq == seq; });
    return at == events.end() ? nullptr : &*at;
}

const open_event& twin::head_of(const open_event& e) const noexcept {
    if (e.change.empty() || e.op == queue::operation::get) return e;
    for (const auto* at = &e; at != events.data() + events.size(); ++at) {
        const bool same =
            at->node == e.node && at->is != open_event::phase::deferred && at->op != queue::operation::get;
        if (same && (at->owns_image || at->seq == nodes[e.node].desired_version)) return *at;
    }
    return e;
}

const wire::octets& twin::image_of(const open_event& e) const noexcept {
    const auto& head = head_of(e);
    return head.owns_image ? head.image : nodes[e.node].desired;
}

event_seq twin::version_of(const open_event& e) const noexcept { return head_of(e).seq; }

std::vector<event_seq> twin::events_of(const carried& c) const {
    std::vector<event_seq> out;
    if (c.is == carried::kind::refresh) return out;
    for (const auto& e : events) {
        const bool own = e.seq == c.version;
        const bool within =
            c.node == e.node && e.is != open_event::phase::deferred && !e.change.empty() && version_of(e) == c.version;
        if (own || within) out.push_back(e.seq);
    }
    return out;
}

}  // namespace ota::flow
