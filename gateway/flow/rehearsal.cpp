#include "gateway/flow/rehearsal.hpp"

#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/outcome.hpp"
#include "gateway/profile/object_files.hpp"
#include "management-object/dm_status.hpp"
#include "management-object/tlv_layout.hpp"
#include "secure-channel/errc.hpp"
#include "secure-channel/remote_script.hpp"

#include <algorithm>
#include <limits>

namespace ota::flow {

namespace mo = management_object;

namespace {

void know(node_state& n, wire::octets image) {
    n.reported = std::move(image);
    n.confirmed = true;
}

bool writes(const carried& c) noexcept { return c.is == carried::kind::write || c.is == carried::kind::commit; }

/// The card ran all of it.
void answer_with_success(twin& t, const card_profile& profile, const planned_packet& planned, effects& out) {
    packet sent;
    sent.carries = planned.carries;
    sent.format = profile.applications[planned.application].format;
    const bool compact = sent.format == secure_channel::script_format::compact;
    secure_channel::script_answer all;
    all.executed = planned.commands.size();
    all.answers.assign(compact ? 1 : planned.commands.size(), {0x9000, {}});
    settle_script(t, profile, sent, all, false, {}, out);
}

}  // namespace

wire::result<rehearsal> rehearsal::of(const card_profile& profile, const management_object_binding& object,
                                      known_object known, std::uint8_t mac_length) {
    if (object.mirror) return mo::dm_status::command_not_allowed;
    const auto* entry = entry_of(object, known.control);
    if (entry == nullptr || !profile.objects_at) return mo::dm_status::not_found;
    rehearsal out(profile, object, mac_length);
    auto& t = out.twin_;
    know(t.nodes[control_index(t)], control_image(profile, known.control));
    if (object.spare) know(t.nodes[directory_index(t)], list_image(profile, known.control));
    auto& n = out.node();
    n.paired = object.spare.has_value();
    attest(n, std::move(known.image), n.paired ? entry->file : std::uint16_t{0});
    if (n.paired) n.held = std::move(known.spare);
    n.wanted = true;
    return out;
}

void rehearsal::forget(const wire::octets& next) {
    auto& n = node();
    if (!n.paired) n.held = n.reported;
    n.of_file = shadow::known;
    const auto had = n.held;
    if (object_->layout != object_layout::ber_tlv) {
        return doubt(n, {0, static_cast<std::uint32_t>(std::max(mo::used_length(had), mo::used_length(next)))});
    }
    for (const auto* image : {&had, &next}) {
        const auto objects = mo::parse_tlv_image(*image);
        if (!objects) continue;
        for (const auto& each : objects.value()) doubt(n, {each.tag, 1});
    }
}

wire::result<std::vector<planned_packet>> rehearsal::to(const wire::octets& next) {
    if (next.size() != object_->file.size) return mo::dm_status::size_mismatch;
    node().desired = next;
    ++node().desired_version;
    std::vector<planned_packet> out;
    effects nothing;
    while (!node().confirmed || node().reported != next) {
        auto planned = plan(twin_, *profile_, mac_length_, {}, nothing);
        if (!planned) return secure_channel::errc::too_long;
        if (std::ranges::none_of(planned->carries, writes)) return mo::dm_status::not_executed;
        answer_with_success(twin_, *profile_, *planned, nothing);
        out.push_back(std::move(*planned));
    }
    return out;
}

rehearsed_event rehearse(twin t, const card_profile& profile, const queue::change_event& event, std::uint8_t mac_length,
                         wall_time now) {
    constexpr event_seq ours = std::numeric_limits<event_seq>::max();
    constexpr std::size_t most_packets = 64;
    t.in_flight.reset();
    t.unknown.reset();
    t.reserved.reset();
    t.read_back_due = false;
    t.events.clear();
    t.not_before = {};
    rehearsed_event out;
    effects nothing;
    out.said = take_in(t, profile, event, ours, std::chrono::hours(1), now, nothing);
    while (out.said.state == queue::event_state::open && t.find_event(ours) != nullptr &&
           out.packets.size() < most_packets) {
        auto planned = plan(t, profile, mac_length, now, nothing);
        if (!planned) break;
        const bool ours_goes = std::ranges::any_of(planned->carries, [](const carried& c) {
            return c.is == carried::kind::write || c.is == carried::kind::commit || c.is == carried::kind::exec;
        });
        if (ours_goes) answer_with_success(t, profile, *planned, nothing);
        out.packets.push_back(std::move(*planned));
        if (ours_goes) continue;
        out.reads_first = true;
        break;
    }
    return out;
}

}  // namespace ota::flow
