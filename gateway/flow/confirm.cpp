#include "gateway/flow/confirm.hpp"

#include "gateway/flow/data_objects.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/objects.hpp"
#include "gateway/flow/sabotage.hpp"
#include "gateway/profile/object_files.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>

namespace ota::flow {

using wire::octets;

namespace {

/// The control file, or the directory, was written. What the control file attests is proven.
void confirm_commit_file(node_state& file) {
    file.reported = file.desired;
    file.confirmed = true;
    file.doubtful.clear();
    file.held.clear();
}
}  // namespace

const octets* image_of_version(const twin& t, const carried& c) noexcept {
    const auto same = [&](const octets& image) {
        return c.image_crc == 0 || wire::crc32(image) == c.image_crc ? &image : nullptr;
    };
    for (const auto& e : t.events) {
        if (e.node == c.node && e.seq == c.version) return same(t.image_of(e));
    }
    const auto& n = t.nodes[c.node];
    return n.wanted && n.desired_version == c.version ? same(n.desired) : nullptr;
}

void confirm_object(twin& t, const card_profile& profile, const carried& c, std::string_view why, effects& out) {
    auto& n = t.nodes[c.node];
    const auto* object = profile.object(n.uri);
    const auto* image = image_of_version(t, c);
    const auto control = known_control(t);
    const auto* entry = object != nullptr && control ? entry_of(*object, *control) : nullptr;
    if (image == nullptr || entry == nullptr ||
        !holds(n, *object, *image)) {  // desired moved on and nobody kept the version
        n.confirmed = false;
        n.of_file = shadow::unchecked;
        return;
    }
    attest(n, octets(*image), object->spare ? entry->file : std::uint16_t{0});
    complete(t, c.node, c.version, why, out);
}

void confirm_write(twin& t, const card_profile& profile, const carried& c, std::string_view why, effects& out) {
    auto& n = t.nodes[c.node];
    if (is_commit_file(n)) return confirm_commit_file(n);
    const auto* object = profile.object(n.uri);
    const bool tag = object != nullptr && object->layout == object_layout::ber_tlv;  // not an offset
    const auto* image = sabotaged(sabotage::reported_is_todays_desired) ? &n.desired : image_of_version(t, c);
    if (image == nullptr ||
        (!tag && c.offset + c.length > image->size())) {  // desired moved on and nobody kept the version
        n.confirmed = false;
        n.progress = 0;
        if (object != nullptr) {
            doubt(n, {c.offset, c.length});
            n.of_file = shadow::unchecked;
        }
        return;
    }
    if (tag) return keep_set(n, *image, static_cast<std::uint16_t>(c.offset));
    if (object != nullptr) return keep_written(n, *image, {c.offset, c.length});
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
    } else if (auto* e = t.find_event(c.version); e != nullptr && e->op == queue::operation::add) {
        e->attempts = std::max<std::uint8_t>(e->attempts, 1);  // R16: a delete after it has something to delete
    }
}

}  // namespace ota::flow
