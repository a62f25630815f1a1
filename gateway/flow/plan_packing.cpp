#include "gateway/flow/plan_packing.hpp"

#include "gateway/profile/object_files.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>

namespace ota::flow {

namespace {

constexpr std::size_t update_header = 5;
constexpr std::size_t longest_update = 255;

}  // namespace

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

bool packing::write_object(std::uint16_t index, const wire::octets& image, event_seq version) {
    const auto& node = binding(index);
    bool any = false;
    for (const auto& run : management_object::difference(held_against(t_.nodes[index], image), image, update_header, longest_update)) {
        carried entry;
        entry.node = index;
        entry.version = version;
        entry.offset = static_cast<std::uint32_t>(run.offset);
        entry.image_crc = wire::crc32(image);
        if (!write_run(node, run.offset, run.octets, entry)) return any;
        any = true;
        const auto added = entry.length;
        result_.carries.push_back(entry);
        if (added < run.octets.size()) return true;
    }
    whole_.push_back({index, version, image});
    return true;
}

void packing::commit() {
    auto control = whole_.empty() ? std::nullopt : known_control(t_);
    if (!control) return;
    const auto index = control_index(t_);
    for (const auto& each : whole_) {
        const auto& object = *profile_.object(t_.nodes[each.node].uri);
        const auto file = binding(each.node).path.back();
        if (control->find(file) == nullptr) {
            management_object::control_entry entry{.file = file, .ask = object.ask, .autonomous = object.autonomous};
            entry.secret = holds_secrets(object);
            control->entries.push_back(entry);
        }
        control = management_object::with_image(std::move(*control), file, file, each.image);
    }
    const auto image = control_image(profile_, *control);
    const auto& node = binding(index);
    const auto runs = management_object::difference(held_against(t_.nodes[index], image), image, update_header, longest_update);
    auto [octets, commands] = script_.select_cost(node);
    for (const auto& run : runs) octets += update_header + run.octets.size();
    if (!script_.fits(commands + runs.size(), octets)) return;  // the next packet
    carried entry;
    entry.node = index;
    entry.first = static_cast<std::uint8_t>(script_.count() + 1);
    script_.select(node);
    for (const auto& run : runs) script_.update_binary(run.offset, run.octets);
    entry.last = script_.count();
    entry.length = static_cast<std::uint32_t>(image.size());
    t_.nodes[index].desired = image;  // what the packet makes of it
    result_.carries.push_back(entry);
    entry.is = carried::kind::commit;
    for (const auto& each : whole_) {
        entry.node = each.node;
        entry.version = each.version;
        entry.image_crc = wire::crc32(each.image);
        entry.length = 0;
        result_.carries.push_back(entry);
    }
}

}  // namespace ota::flow
