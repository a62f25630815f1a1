#include "gateway/flow/card_state.hpp"

#include "gateway/flow/object_shadow.hpp"
#include "queue/event_sink.hpp"
#include "secure-channel/crypto.hpp"

namespace ota::flow {

namespace {

node_sign sign_of(const node_state& n) {
    return {.desired_version = n.desired_version,
            .reported_version = n.reported_version,
            .wanted = n.wanted,
            .confirmed = n.confirmed,
            .in_sync = n.wanted && n.confirmed && n.reported == n.desired,
            .blocked = n.blocked,
            .device = n.device.said,
            .device_at = n.device.at};
}

queue::card_state::image image_of(const node_state& n, event_seq version, const wire::octets& octets) {
    // A hash of a short secret would tell it to whoever guesses (R24).
    return {version, n.secret ? std::string() : wire::to_hex(secure_channel::sha256(octets))};
}

std::string_view state_of(const node_sign& sign) noexcept {
    if (!sign.blocked.empty()) return "blocked";
    if (!sign.wanted) return "unmanaged";
    return sign.in_sync ? "in-sync" : "pending";
}

std::string_view name_of(device_word said) noexcept {
    switch (said) {
        case device_word::nothing: return "";
        case device_word::incorporated: return "incorporated";
        case device_word::declined: return "declined";
        case device_word::purged: return "purged";
    }
    return "";
}

queue::card_state state_of(const node_state& n, std::string_view iccid, wall_time now) {
    const auto sign = sign_of(n);
    queue::card_state out;
    out.iccid = iccid;
    out.node = n.uri;
    out.state = state_of(sign);
    out.reason = n.blocked;
    if (n.wanted) out.desired = image_of(n, n.desired_version, n.desired);
    if (n.confirmed) out.reported = image_of(n, n.reported_version, n.reported);
    out.revision = n.revision;
    out.device = name_of(n.device.said);
    if (n.device.said != device_word::nothing) out.device_at = n.device.at;
    out.at = now;
    return out;
}

}  // namespace

std::vector<node_sign> signs_of(const twin& t) {
    std::vector<node_sign> out;
    out.reserve(t.nodes.size());
    for (const auto& n : t.nodes) out.push_back(sign_of(n));
    return out;
}

std::vector<queue::card_state> changed_states(const twin& t, std::string_view iccid,
                                              const std::vector<node_sign>& before, wall_time now) {
    std::vector<queue::card_state> out;
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        const auto& n = t.nodes[i];
        if (is_commit_file(n)) continue;
        if (sign_of(n) != (i < before.size() ? before[i] : node_sign{})) out.push_back(state_of(n, iccid, now));
    }
    return out;
}

std::vector<store::outbox_row> card_state_rows(const twin& t, std::string_view iccid,
                                               const std::vector<node_sign>& before, wall_time now,
                                               store::id_source& ids) {
    std::vector<store::outbox_row> out;
    for (auto& state : changed_states(t, iccid, before, now)) {
        state.number = ids.next(now);
        out.push_back(
            {state.number, queue::topic_card_state, queue::key_of(state), queue::serialize_card_state(state)});
    }
    return out;
}

}  // namespace ota::flow
