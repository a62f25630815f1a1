#include "gateway/flow/audit.hpp"

#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/plan_packing.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/profile/object_files.hpp"

#include <algorithm>

namespace ota::flow {

namespace mo = management_object;
using wire::octets;
using phase = card_audit::phase;

namespace {

/// BER-TLV files have no octets at an offset: the control file, and the audit's caller, tell of them.
bool can_be_read(const management_object_binding& object) noexcept { return object.layout != object_layout::ber_tlv; }

void begin(twin& t, const card_profile& profile) {
    auto& audit = *t.audit;
    audit.is = phase::reading;
    audit.files.clear();
    const auto add = [&](std::uint16_t node) { audit.files.push_back({.node = node}); };
    if (profile.objects_at) {
        add(control_index(t));
        add(directory_index(t));
        for (const auto& object : profile.management_objects) {
            if (can_be_read(object)) add(t.node_index(object.uri, holds_secrets(object)));
        }
    }
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        const auto* file = profile.find(t.nodes[i].uri);
        if (t.nodes[i].wanted && file != nullptr && file->is == node_binding::kind::file && !file->volatile_file)
            add(static_cast<std::uint16_t>(i));
    }
}

const octets* content_of(const twin& t, std::string_view uri) {
    for (const auto& f : t.audit->files) {
        if (t.nodes[f.node].uri == uri && f.whole) return &f.content;
    }
    return nullptr;
}

/// The control file as this audit read it.
std::optional<mo::control_file> control_read(const twin& t) {
    const auto* content = content_of(t, control_node);
    auto parsed =
        content != nullptr ? mo::parse_control_file(*content) : wire::result<mo::control_file>(wire::errc::truncated);
    if (!parsed) return std::nullopt;
    return std::move(parsed).value();
}

/// Of an object: as much as the control file says that it has.
std::size_t size_of(const twin& t, const card_profile& profile, const node_state& n, const node_binding& file) {
    const auto* object = profile.object(n.uri);
    const auto control = control_read(t);
    const auto* entry = object != nullptr && control ? entry_of(*object, *control) : nullptr;
    return entry != nullptr && entry->used != 0 ? std::min<std::size_t>(entry->used, file.size) : file.size;
}

/// As it lies on the card, with the padding that was not read.
octets image_of(const card_profile& profile, const node_state& n, const octets& content) {
    octets out = content;
    const auto* object = profile.object(n.uri);
    if (object != nullptr) out.resize(std::max(out.size(), object->file.size), 0xFF);
    return out;
}

/// What the card holds is known now; what differs from what is desired is written by the next plans.
void take_over(twin& t, const card_profile& profile, effects& out) {
    const auto files = t.audit->files;
    if (const auto* control = content_of(t, control_node)) judge_control(t, profile, octets(*control), {}, out);
    const auto control = known_control(t);
    bool writes_object = false;
    for (const auto& f : files) {
        auto& n = t.nodes[f.node];
        if (!f.whole || is_commit_file(n) || !n.wanted) continue;
        n.blocked.clear();
        n.failures = 0;
        const auto* object = profile.object(n.uri);
        if (object == nullptr) {
            n.reported = f.content;
            n.confirmed = true;
            n.progress = 0;
            continue;
        }
        if (object->mirror || n.reported.empty()) continue;  // what was never looked at is read before it is written
        const auto image = image_of(profile, n, f.content);
        const auto* entry = control ? entry_of(*object, *control) : nullptr;
        const bool sound = entry != nullptr && mo::confirms(*entry, image);
        if (sound && n.confirmed && n.reported == image) continue;
        writes_object = true;
        n.confirmed = false;
        n.of_file = shadow::known;
        n.doubtful.clear();
        n.held = n.paired ? octets{} : image;
        if (n.paired && n.reported != image) n.live = 0;
    }
    if (!control) return;
    const auto* list = content_of(t, directory_node);
    const auto expected = list_image(profile, *control);
    octets padded = list != nullptr ? *list : expected;
    padded.resize(std::max(padded.size(), expected.size()), 0xFF);
    if (padded != expected) doubt(t.nodes[directory_index(t)], {0, static_cast<std::uint32_t>(expected.size())});
    if (padded == expected && t.nodes[control_index(t)].doubtful.empty()) return;
    for (auto& n : t.nodes) {  // directory and control file are written with an object
        if (writes_object || !n.wanted || !is_object(profile, n) || profile.object(n.uri)->mirror) continue;
        if (!n.paired) n.held = n.reported;
        n.of_file = shadow::known;
        n.confirmed = false;
        writes_object = true;
    }
}

void next_file(twin& t, const card_profile& profile, effects& out) {
    auto& audit = *t.audit;
    audit.attempts = 0;
    if (++audit.file < audit.files.size()) return;
    audit.is = phase::done;
    const auto differ = differing(t, profile);
    out.history.push_back(R"({"what":"audited","files":)" + std::to_string(audit.files.size()) + R"(,"differing":)" +
                          std::to_string(differ) + (audit.repair && differ > 0 ? R"(,"repair":true})" : "}"));
    if (audit.repair) take_over(t, profile, out);
}

}  // namespace

void restart_audit(twin& t) {
    constexpr std::uint8_t most = 10;
    if (!t.audit || t.audit->is != phase::reading) return;
    auto& audit = *t.audit;
    if (++audit.restarts > most) return fail_audit(t, "the card was written again and again meanwhile");
    audit.is = phase::asked;
    audit.files.clear();
    audit.file = 0;
    audit.attempts = 0;
}

void ask_for_audit(twin& t, bool repair, wall_time now) {
    t.audit.emplace();
    t.audit->repair = repair;
    t.audit->asked_at = now;
}

std::optional<planned_packet> plan_audit(twin& t, const card_profile& profile, std::size_t capacity) {
    if (!t.audit || !t.audit->under_way()) return std::nullopt;
    if (t.audit->is == phase::asked) begin(t, profile);
    while (t.audit->file < t.audit->files.size()) {
        const auto& f = t.audit->files[t.audit->file];
        const auto* file = binding_of(t, profile, t.nodes[f.node]);
        if (file == nullptr) {  // the profile has it no more
            ++t.audit->file;
            continue;
        }
        packing packet(t, profile, file->application, capacity);
        const auto length =
            std::min(size_of(t, profile, t.nodes[f.node], *file) - f.content.size(), profile.max_response);
        if (!packet.read(f.node, f.content.size(), length, carried::kind::audit, 0)) break;
        return packet.take();
    }
    if (t.audit->file < t.audit->files.size()) {
        fail_audit(t, "a command that reads does not fit a packet");
    } else {
        fail_audit(t, "the card's profile no longer has the last file");
    }
    return std::nullopt;
}

void settle_audit(twin& t, const card_profile& profile, const carried& c, const octets* data,
                  std::optional<std::uint16_t> refused, effects& out) {
    if (!t.audit || t.audit->is != phase::reading || t.audit->file >= t.audit->files.size()) return;
    auto& f = t.audit->files[t.audit->file];
    if (f.node != c.node || f.content.size() != c.offset) return count_audit(t, profile);  // of an audit before
    if (refused) {
        f.refusal = *refused;
        return next_file(t, profile, out);
    }
    if (data == nullptr || data->empty()) return count_audit(t, profile);
    f.content.insert(f.content.end(), data->begin(), data->end());
    t.audit->attempts = 0;
    const auto* file = binding_of(t, profile, t.nodes[c.node]);
    const bool padded = is_commit_file(t.nodes[c.node]) && f.content.back() == 0xFF;
    const bool record = file != nullptr && file->structure == file_structure::linear_fixed;
    if (record && f.content.size() < file->size) return next_file(t, profile, out);  // a record is read at once, or not
    if (file != nullptr && !padded && f.content.size() < size_of(t, profile, t.nodes[c.node], *file)) return;
    f.whole = true;
    next_file(t, profile, out);
}

void count_audit(twin& t, const card_profile& profile) {
    if (!t.audit || t.audit->is != phase::reading) return;
    if (++t.audit->attempts >= profile.attempts) fail_audit(t, "the card does not answer");
}

void fail_audit(twin& t, std::string why) {
    if (!t.audit || !t.audit->under_way()) return;
    t.audit->is = phase::failed;
    t.audit->why = std::move(why);
}

std::optional<octets> expected_of(const twin& t, const card_profile& profile, const audited_file& f) {
    const auto& n = t.nodes[f.node];
    if (n.uri == directory_node) {
        const auto control = control_read(t);
        if (!control) return std::nullopt;
        return list_image(profile, *control);
    }
    if (n.reported.empty() || (n.uri != control_node && !n.wanted)) return std::nullopt;
    return n.reported;
}

std::size_t differing(const twin& t, const card_profile& profile) {
    if (!t.audit) return 0;
    return static_cast<std::size_t>(std::ranges::count_if(t.audit->files, [&](const audited_file& f) {
        auto expected = f.whole ? expected_of(t, profile, f) : std::nullopt;
        if (!expected) return false;
        const auto length = std::max(expected->size(), f.content.size());
        auto content = f.content;
        content.resize(length, 0xFF);
        expected->resize(length, 0xFF);
        return content != *expected;
    }));
}

}  // namespace ota::flow
