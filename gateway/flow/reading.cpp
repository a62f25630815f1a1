#include "gateway/flow/reading.hpp"

#include "gateway/flow/intake.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/objects.hpp"
#include "gateway/flow/reasons.hpp"
#include "management-object/dm_status.hpp"

#include <algorithm>

namespace ota::flow {

using queue::event_state;
using wire::octets;
using phase = open_event::phase;

namespace {

/// A get on a management object ends when its document is whole. False: there is more to read.
bool settle_object_get(twin& t, const open_event& e, std::size_t size, effects& out) {
    const bool all = e.image.size() >= size;
    if (!all && (e.image.empty() || e.image.back() != 0xFF)) return false;  // no document ends with FF, padding does
    octets image = e.image;
    image.resize(size, 0xFF);
    const auto value = value_for(e, image);
    const bool answered = value || value.error().category() == management_object::dm_status_category();
    if (!all && !answered) return false;
    closing done{e.seq, value ? event_state::applied : event_state::failed, {}, {}, {}, value.has_value()};
    if (value) {
        const auto text = wire::as_octets(value.value());
        done.value.assign(text.begin(), text.end());
    } else {
        done.reason = answered ? reason::not_found : reason::card_content;
        done.detail = answered ? "the card's object has no such node" : "the card's file holds no management object";
    }
    out.closed.push_back(std::move(done));
    remove_event(t, e.seq);
    return true;
}

}  // namespace

void settle_get(twin& t, const card_profile& profile, const carried& c, const octets* data, effects& out) {
    auto* e = t.find_event(c.version);
    const auto* node = binding_of(t, profile, t.nodes[c.node]);
    if (e == nullptr || node == nullptr) return;
    const auto before = e->image.size();
    e->image.resize(std::min<std::size_t>(c.offset, before));
    if (data != nullptr) e->image.insert(e->image.end(), data->begin(), data->end());
    e->owns_image = true;
    if (e->image.size() <= before && e->image.size() < node->size &&
        ++e->attempts >= profile.attempts) {  // R14: no endless SMS
        out.close(e->seq, event_state::failed, reason::card_refused, "the card answers without the octets of the file");
        remove_event(t, c.version);
        return;
    }
    if (!e->change.empty() && settle_object_get(t, *e, node->size, out)) return;
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

void give_up_reading(twin& t, const card_profile& profile, std::uint16_t node, const std::string& why, effects& out) {
    const bool of_all = t.nodes[node].uri == control_node;
    t.nodes[node].failures = 0;
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        auto& n = t.nodes[i];
        if (!is_object(profile, n) || (!of_all && i != node)) continue;
        std::vector<event_seq> open;
        for (const auto& e : t.events) {
            const bool state = e.op != queue::operation::get && e.op != queue::operation::exec;
            if (e.node == i && e.is == phase::waiting && state) open.push_back(e.seq);
        }
        if (open.empty() && n.confirmed) continue;
        for (const auto seq : open) out.close(seq, event_state::failed, reason::card_refused, why);
        withdraw(t, &profile, open, out);
        n.blocked = reason::card_refused;
    }
}

void settle_reading(twin& t, const card_profile& profile, const carried& c, const octets* data, effects& out) {
    if (data == nullptr || data->empty()) {  // R14: no endless SMS
        auto& read = t.nodes[c.node];
        if (++read.failures >= profile.attempts)
            give_up_reading(t, profile, c.node, "the card answers without the octets of the file", out);
        return;
    }
    if (t.nodes[c.node].uri == control_node) return judge_control(t, profile, *data, {}, out);
    keep_read(t, profile, c.node, c.offset, *data, out);
}

}  // namespace ota::flow
