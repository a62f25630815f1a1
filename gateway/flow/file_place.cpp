#include "gateway/flow/file_place.hpp"

#include "gateway/flow/audit.hpp"
#include "gateway/flow/intake.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"

#include <algorithm>
#include <utility>

namespace ota::flow {

namespace {

using queue::operation;
using phase = open_event::phase;

/// FNV-1a
class digest {
public:
    void put(std::uint64_t number) noexcept {
        for (int i = 0; i < 8; ++i, number >>= 8) value_ = (value_ ^ (number & 0xFF)) * 1099511628211ull;
    }
    void put(const card_profile& profile, const node_binding& file) noexcept {
        if (file.application < profile.applications.size())
            for (const auto octet : profile.applications[file.application].tar.octets) put(octet);
        put(file.path.size());
        for (const auto step : file.path) put(step);
        put(static_cast<std::uint64_t>(file.structure));
        put(file.record);
        put(file.size);
    }
    [[nodiscard]] std::uint32_t place() const noexcept {
        const auto folded = static_cast<std::uint32_t>((value_ ^ value_ >> 19 ^ value_ >> 38) & 0x7FFFF);
        return folded == 0 ? 1 : folded;
    }

private:
    std::uint64_t value_ = 14695981039346656037ull;
};

const node_binding* plain_file(const card_profile& profile, const node_state& n) noexcept {
    if (!is_commit_file(n)) return profile.find(n.uri);
    if (!profile.objects_at) return nullptr;
    return n.uri == control_node ? &profile.objects_at->control : &profile.objects_at->list;
}

/// Files are padded with FF [TS 31.102]; what is more than padding is not cut.
bool fits(const wire::octets& image, std::size_t size) noexcept {
    const auto kept = std::min(image.size(), size);
    return std::all_of(image.begin() + static_cast<std::ptrdiff_t>(kept), image.end(),
                       [](auto octet) { return octet == 0xFF; });
}

void resize(twin& t, const card_profile& profile, std::uint16_t index, std::size_t size, effects& out) {
    std::vector<event_seq> too_large;
    for (auto& e : t.events) {
        if (e.node != index || e.op == operation::exec) continue;
        if (e.op == operation::get) {
            e.image.clear();  // the octets read so far
        } else if (!fits(e.owns_image ? e.image : t.nodes[index].desired, size)) {
            too_large.push_back(e.seq);
        } else if (e.owns_image) {
            e.image.resize(size, 0xFF);
        }
    }
    for (const auto seq : too_large)
        out.close(seq, queue::event_state::failed, reason::too_large,
                  "the node's file is smaller in the profile of now");
    withdraw(t, &profile, too_large, out);
    auto& n = t.nodes[index];
    if (!n.wanted) return;
    if (!fits(n.desired, size)) {
        n.blocked = reason::too_large;
        return;
    }
    n.desired.resize(size, 0xFF);
}

}  // namespace

std::uint32_t place_of(const card_profile& profile, const node_state& n) noexcept {
    digest d;
    if (const auto* object = profile.object(n.uri)) {
        d.put(profile, object->file);
        if (object->spare) d.put(profile, *object->spare);
        d.put(static_cast<std::uint64_t>(object->layout) + 1);
        return d.place();
    }
    const auto* file = plain_file(profile, n);
    if (file == nullptr || file->is != node_binding::kind::file) return 0;
    d.put(profile, *file);
    return d.place();
}

bool is_moved(const card_profile& profile, const node_state& n) noexcept {
    if (n.place == 0 || sabotaged(sabotage::other_file_is_proof)) return false;
    const auto today = place_of(profile, n);
    return today != 0 && n.place != today;  // of a node that is gone the proof of its own packet still decides
}

void forget_file(node_state& n) noexcept {
    n.confirmed = false;
    n.progress = 0;
    n.failures = 0;
    n.blocked.clear();
    n.of_file = shadow::unchecked;
    n.held.clear();
    n.doubtful.clear();
    n.live = 0;
}

bool forget_moved(twin& t, const card_profile& profile, const carried& c) {
    if (c.is == carried::kind::refresh || c.is == carried::kind::exec || !is_moved(profile, t.nodes[c.node]))
        return false;
    if (c.is == carried::kind::audit) restart_audit(t);
    if (auto* e = t.find_event(c.version); e != nullptr && c.is == carried::kind::get) e->image.clear();
    forget_file(t.nodes[c.node]);
    return true;
}

void follow_moved(twin& t, const card_profile& profile, effects& out) {
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        const auto today = place_of(profile, t.nodes[i]);
        const auto before = today == 0 ? 0 : std::exchange(t.nodes[i].place, today);
        if (before == 0 || before == today || sabotaged(sabotage::other_file_is_proof)) continue;
        forget_file(t.nodes[i]);
        const auto* file = profile.find(t.nodes[i].uri);
        if (file != nullptr) resize(t, profile, static_cast<std::uint16_t>(i), file->size, out);
    }
}

}  // namespace ota::flow
