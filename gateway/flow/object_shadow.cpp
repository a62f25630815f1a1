#include "gateway/flow/object_shadow.hpp"

#include "gateway/flow/data_objects.hpp"
#include "gateway/flow/file_place.hpp"
#include "gateway/flow/intake.hpp"
#include "gateway/flow/objects.hpp"
#include "gateway/flow/reading.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/profile/object_files.hpp"

#include <algorithm>

namespace ota::flow {

namespace mo = management_object;
using wire::octets;

namespace {

octet_range all_of(const octets& image) noexcept { return {0, static_cast<std::uint32_t>(image.size())}; }

/// Takes `less` out of the ranges.
void subtract(std::vector<octet_range>& ranges, octet_range less) {
    std::vector<octet_range> out;
    const auto end = less.offset + less.length;
    for (const auto& r : ranges) {
        const auto r_end = r.offset + r.length;
        if (r.offset < less.offset) out.push_back({r.offset, std::min(r_end, less.offset) - r.offset});
        if (r_end > end) out.push_back({std::max(r.offset, end), r_end - std::max(r.offset, end)});
    }
    ranges = std::move(out);
}

bool spare_is_live(const twin& t, const management_object_binding& object) {
    if (!object.spare) return false;
    const auto control = known_control(t);
    return control && control->find(object.spare_identifier()) != nullptr;
}

/// The newest open change whose image the control file attests.
std::optional<event_seq> attested_version(const twin& t, std::uint16_t index, const mo::control_entry& entry) {
    for (auto e = t.events.rbegin(); e != t.events.rend(); ++e) {
        const bool candidate =
            e->node == index && e->is != open_event::phase::deferred && e->op != queue::operation::get;
        if (candidate && mo::confirms(entry, t.image_of(*e))) return t.version_of(*e);
    }
    return std::nullopt;
}

std::uint16_t live_file(const management_object_binding& object, const mo::control_entry& entry) noexcept {
    return object.spare ? entry.file : std::uint16_t{0};
}

/// An object that was never looked at: the card may hold what it was made with, or what the open changes would make of
/// that.
bool judge_first(twin& t, const card_profile& profile, std::uint16_t index, const mo::control_entry& entry,
                 effects& out) {
    auto& n = t.nodes[index];
    const auto& object = *profile.object(n.uri);
    const auto& factory = object.factory_image;
    const octets* found = mo::confirms(entry, factory)                 ? &factory
                          : n.wanted && mo::confirms(entry, n.desired) ? &n.desired
                                                                       : nullptr;
    if (found == nullptr) return false;
    attest(n, octets(*found), live_file(object, entry));
    refold(t, profile, index,
           out);  // changes that it does not bear are refused now; those that it has already end when planned
    return true;
}

/// The control file speaks of an image that is known.
bool judge_known(twin& t, const card_profile& profile, std::uint16_t index, const mo::control_entry& entry,
                 std::string_view why, effects& out) {
    auto& n = t.nodes[index];
    const auto& object = *profile.object(n.uri);
    const auto live = live_file(object, entry);
    const bool moved = n.paired && live != n.live;
    if (!moved && mo::confirms(entry, n.reported)) {
        // The control file is as it was, but packets since then may have written before they stopped: those octets stay
        // doubtful.
        n.of_file = shadow::known;
        if (n.paired || (n.held.empty() && n.doubtful.empty())) attest(n, octets(n.reported), live);
        return true;
    }
    if (const auto version = attested_version(t, index, entry)) {
        for (const auto& e : t.events) {
            if (e.seq == *version) {
                attest(n, octets(t.image_of(e)), live);
                break;
            }
        }
        complete(t, index, *version, why, out);
        return true;
    }
    if (n.wanted && mo::confirms(entry, n.desired)) return attest(n, octets(n.desired), live), true;
    if (!mo::confirms(entry, object.factory_image)) return false;
    n.held = n.paired ? octets{} : object.factory_image;  // another card than it was, or made anew
    n.live = 0;
    n.doubtful.clear();
    n.of_file = shadow::known;
    return true;
}

/// Nobody knows the object: it is read. The objects of a BER-TLV file are not: only who writes all of them goes on.
void begin_reading(twin& t, const card_profile& profile, std::uint16_t index, effects& out) {
    auto& n = t.nodes[index];
    const auto& object = *profile.object(n.uri);
    n.of_file = shadow::reading;
    if (object.layout != object_layout::ber_tlv) return;
    const auto next = std::ranges::find_if(t.events, [&](const open_event& e) {
        return e.node == index && e.is == open_event::phase::waiting && !e.change.empty();
    });
    n.of_file = shadow::unchecked;
    if (next == t.events.end() || !replaces_object(*next)) {
        return give_up_reading(t, profile, index,
                               "nobody knows the objects of the BER-TLV file; replace the management object as a whole",
                               out);
    }
    n.of_file = shadow::known;
    n.reported = object.factory_image;
    doubt_all(n, object);
    refold(t, profile, index, out);
}

void judge(twin& t, const card_profile& profile, std::uint16_t index, const mo::control_file& control, bool guessed,
           std::string_view why, effects& out) {
    auto& n = t.nodes[index];
    const auto& object = *profile.object(n.uri);
    const auto* entry = entry_of(object, control);
    const bool first = n.reported.empty();
    if (first && entry != nullptr && !guessed && judge_first(t, profile, index, *entry, out)) return;
    if (!first && entry != nullptr && judge_known(t, profile, index, *entry, why, out)) return;
    n.held.clear();
    n.doubtful.clear();
    n.live = 0;
    n.progress = 0;
    if (first) return begin_reading(t, profile, index, out);
    // Somebody else wrote it, or half of it: what the server wants is written whole.
    n.of_file = shadow::known;
    n.confirmed = false;
    if (n.paired) return;
    if (object.layout != object_layout::ber_tlv) n.held = octets(object.file.size, 0);
    doubt_all(n, object);
}

}  // namespace

const node_binding* binding_of(const twin& t, const card_profile& profile, const node_state& n) noexcept {
    if (const auto* file = profile.find(n.uri)) return file;
    if (is_commit_file(n)) {
        if (!profile.objects_at) return nullptr;
        return n.uri == control_node ? &profile.objects_at->control : &profile.objects_at->list;
    }
    const auto* object = profile.object(n.uri);
    if (object == nullptr) return nullptr;
    return spare_is_live(t, *object) ? &*object->spare : &object->file;
}

const node_binding& target_of(const twin& t, const management_object_binding& object) noexcept {
    return object.spare && !spare_is_live(t, object) ? *object.spare : object.file;
}

bool is_object(const card_profile& profile, const node_state& n) noexcept { return profile.object(n.uri) != nullptr; }

bool is_commit_file(const node_state& n) noexcept { return n.uri == control_node || n.uri == directory_node; }

std::uint16_t control_index(twin& t) { return t.node_index(control_node, false); }
std::uint16_t directory_index(twin& t) { return t.node_index(directory_node, false); }

std::optional<mo::control_file> known_control(const twin& t) {
    const auto* n = t.find(control_node);
    if (n == nullptr || !n->confirmed) return std::nullopt;
    auto parsed = mo::parse_control_file(n->reported);
    if (!parsed) return std::nullopt;
    return std::move(parsed).value();
}

octets held_against(const node_state& n, const octets& image) {
    octets out = !n.held.empty() ? n.held : n.paired ? octets{} : n.reported;
    const bool nothing_known = out.empty();
    out.resize(image.size(), 0);
    const auto differ = [&](std::size_t from, std::size_t to) {
        for (auto i = from; i < std::min(out.size(), to); ++i) out[i] = static_cast<std::uint8_t>(~image[i]);
    };
    if (nothing_known) differ(0, out.size());
    for (const auto& d : n.doubtful) differ(d.offset, std::size_t{d.offset} + d.length);
    return out;
}

void keep_written(node_state& n, const octets& image, octet_range run) {
    n.of_file = shadow::known;
    if (!n.paired) n.confirmed = false;  // the valid file of a pair is as it was
    if (n.held.empty() && n.paired) {
        n.held.assign(image.size(), 0);
        n.doubtful = {all_of(image)};
    } else if (n.held.empty()) {
        n.held = n.reported;
    }
    n.held.resize(image.size(), 0);
    std::copy_n(image.begin() + run.offset, run.length, n.held.begin() + run.offset);
    subtract(n.doubtful, run);
}

void doubt(node_state& n, octet_range run) {
    if (run.length == 0) return;
    subtract(n.doubtful, run);
    n.doubtful.push_back(run);
    n.confirmed = false;
}

void doubt_all(node_state& n, const management_object_binding& object) {
    doubt(n, object.layout == object_layout::ber_tlv ? all_tags
                                                     : octet_range{0, static_cast<std::uint32_t>(object.file.size)});
}

bool holds(const node_state& n, const management_object_binding& object, const octets& image) {
    if (object.layout == object_layout::ber_tlv) {
        const auto steps = tags_unknown(n) ? std::nullopt : data_object_steps(n, image);
        return steps && steps->empty();
    }
    return held_against(n, image) == image;
}

void attest(node_state& n, octets image, std::uint16_t live) {
    if (live == 0) {
        n.held.clear();
        n.doubtful.clear();
    } else if (live != n.live) {  // the two files have changed places
        n.held = n.live != 0 ? std::move(n.reported) : octets{};
        n.doubtful.clear();
    }
    n.live = live;
    n.reported = std::move(image);
    n.confirmed = true;
    n.of_file = shadow::unchecked;
    n.progress = 0;
    n.failures = 0;
}

void doubt_directory(twin& t, const packet& p) {
    for (const auto& c : p.carries) {
        const bool list = c.is == carried::kind::write && t.nodes[c.node].uri == directory_node;
        if (list) doubt(t.nodes[c.node], {c.offset, c.length});
    }
}

void forget_other_layouts(twin& t, const card_profile& profile) {
    for (auto& n : t.nodes) {
        const auto* object = profile.object(n.uri);
        if (object == nullptr) continue;
        const bool known_file =
            n.live == 0 || n.live == object->file_identifier() || n.live == object->spare_identifier();
        if (n.paired == object->spare.has_value() && known_file) continue;
        n.paired = object->spare.has_value();
        n.live = 0;
        n.held.clear();
        n.doubtful.clear();
        n.confirmed = false;
        n.of_file = shadow::unchecked;
    }
}

void doubt_writes(twin& t, const card_profile& profile, const packet& p) {
    for (const auto& c : p.carries) {
        if (c.is != carried::kind::write && c.is != carried::kind::commit) continue;
        if (forget_moved(t, profile, c)) continue;
        auto& n = t.nodes[c.node];
        n.confirmed = false;
        n.progress = 0;
        if (n.uri == directory_node) doubt(n, {c.offset, c.length});
        if (!is_object(profile, n)) continue;
        n.of_file = shadow::unchecked;
        if (c.is == carried::kind::write) doubt(n, {c.offset, c.length});
    }
}

void complete(twin& t, std::uint16_t index, event_seq version, std::string_view why, effects& out) {
    auto& n = t.nodes[index];
    carried done;
    done.node = index;
    done.version = version;
    const auto events = t.events_of(done);
    n.reported_version = std::max(n.reported_version, version);
    n.failures = 0;
    if (version >= n.desired_version || !n.wanted) {
        n.desired = n.reported;
        n.desired_version = version;
        n.wanted = true;
    }
    for (const auto seq : events) {
        out.close(seq, queue::event_state::applied, why);
        remove_event(t, seq);
    }
}

void judge_control(twin& t, const card_profile& profile, const octets& octets_read, std::string_view why,
                   effects& out) {
    t.nodes[directory_index(t)]
        .reported.clear();  // follows from the control file; where our packets may have written it stays doubtful
    auto& own = t.nodes[control_index(t)];
    auto parsed = mo::parse_control_file(octets_read);
    own.failures = 0;
    own.doubtful.clear();
    own.held.clear();
    own.reported = octets_read;
    own.confirmed = true;
    if (!parsed) {  // torn, or never written: what we wrote last, or what it was made with, written whole
        auto known = own.desired.empty() ? wire::result<mo::control_file>(factory_control(profile))
                                         : mo::parse_control_file(own.desired);
        own.reported = control_image(profile, known ? known.value() : factory_control(profile));
        doubt(own, all_of(own.reported));
        own.confirmed = true;  // as a base; held_against writes the doubtful octets
        own.of_file = shadow::guessed;
        parsed = mo::parse_control_file(own.reported);
        if (!parsed) return;
        for (auto& entry : parsed.value().entries) ++entry.crc;  // it attests nothing
    }
    const bool guessed = own.of_file == shadow::guessed;
    for (std::size_t i = 0; i < t.nodes.size(); ++i) {
        auto& n = t.nodes[i];
        const auto* object = profile.object(n.uri);
        const auto* entry = object != nullptr ? entry_of(*object, parsed.value()) : nullptr;
        const bool moved = entry != nullptr && n.paired && entry->file != n.live;
        if (n.confirmed && object != nullptr && !object->mirror && !guessed &&
            (entry == nullptr || moved || !mo::confirms(*entry, n.reported))) {
            n.confirmed = false;  // somebody else wrote it since
            n.of_file = shadow::unchecked;
        }
        const bool asked = n.wanted || std::ranges::any_of(t.events, [&](const open_event& e) {
                               return e.node == i && !e.change.empty();
                           });
        if (asked && is_object(profile, n) && !profile.object(n.uri)->mirror && !n.confirmed &&
            n.of_file == shadow::unchecked) {
            judge(t, profile, static_cast<std::uint16_t>(i), parsed.value(), guessed, why, out);
        }
    }
}

void keep_read(twin& t, const card_profile& profile, std::uint16_t index, std::uint32_t at, const octets& data,
               effects& out) {
    auto& n = t.nodes[index];
    const auto* object = profile.object(n.uri);
    if (object == nullptr) return;
    if (object->layout == object_layout::ber_tlv) {
        if (!keep_tags(n, data)) give_up_reading(t, profile, index, "the card answers without the list of tags", out);
        return;
    }
    if (n.of_file != shadow::reading || at != n.progress) return;
    n.held.resize(at);
    n.held.insert(n.held.end(), data.begin(), data.end());
    n.progress = static_cast<std::uint32_t>(n.held.size());
    const auto size = object->file.size;
    octets image = n.held;
    image.resize(std::max(image.size(), size), 0xFF);
    // No document ends with FF: one that is whole before padding begins needs no further reading.
    const auto read = mo::read_image(image);
    const bool whole = n.held.size() >= size || (!n.held.empty() && n.held.back() == 0xFF && read && read.value());
    if (!whole) return;
    n.progress = 0;
    n.doubtful.clear();
    const bool readable = read && read.value();
    n.of_file = shadow::known;
    n.reported = readable ? image : object->factory_image;  // nothing that can be read: as the card was made
    n.held = n.paired ? octets{} : image;
    n.live = n.paired && readable ? binding_of(t, profile, n)->path.back() : std::uint16_t{0};
    refold(t, profile, index, out);
}

}  // namespace ota::flow
