#include "gateway/flow/plan_packing.hpp"

#include "gateway/flow/data_objects.hpp"
#include "gateway/profile/object_files.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>

namespace ota::flow {

namespace {

constexpr std::size_t update_header = 5;
constexpr std::size_t longest_update = 255;
constexpr std::size_t file_select = 7;  // by identifier, in the directory that is selected

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

bool packing::read_tags(std::uint16_t index, event_seq version) {
    const auto& node = binding(index);
    const auto commands = retrieve_tags(profile_.applications[node.application].format);
    auto [octets, selects] = script_.select_cost(node);
    for (const auto& c : commands) octets += c.size();
    if (!script_.fits(selects + commands.size(), octets)) return false;
    carried entry;
    entry.is = carried::kind::read_back;
    entry.node = index;
    entry.version = version;
    entry.first = static_cast<std::uint8_t>(script_.count() + 1);
    script_.select(node);
    for (const auto& c : commands) script_.on_file(c);
    entry.last = script_.count();
    result_.carries.push_back(entry);
    return true;
}

bool packing::set_data_objects(std::uint16_t index, const management_object_binding& object, const wire::octets& image,
                               event_seq version) {
    bool any = false;
    const auto steps = data_object_steps(t_.nodes[index], image);
    if (!steps) return false;
    for (const auto& step : *steps) {
        const auto [select_octets, selects] = script_.select_cost(object.file);
        std::size_t octets = select_octets;
        for (const auto& c : step.commands) octets += c.size();
        if (!script_.fits(selects + step.commands.size(), octets)) return any;
        any = true;
        carried entry;
        entry.node = index;
        entry.version = version;
        entry.offset = step.tag;
        entry.length = 1;
        entry.image_crc = wire::crc32(image);
        entry.first = static_cast<std::uint8_t>(script_.count() + 1);
        script_.select(object.file);
        for (const auto& c : step.commands) script_.on_file(c);
        entry.last = script_.count();
        result_.carries.push_back(entry);
    }
    whole_.push_back({index, version, image});
    return true;
}

bool packing::write_object(std::uint16_t index, const wire::octets& image, event_seq version) {
    const auto& object = *profile_.object(t_.nodes[index].uri);
    if (object.layout == object_layout::ber_tlv) return set_data_objects(index, object, image, version);
    if (object.spare && !restore_directory()) return false;
    const auto& node = target_of(t_, object);
    bool any = false;
    for (const auto& run :
         management_object::difference(held_against(t_.nodes[index], image), image, update_header, longest_update)) {
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

void packing::write_all(std::uint16_t index, const wire::octets& image,
                        const std::vector<management_object::patch>& runs) {
    if (runs.empty()) return;
    carried entry;
    entry.node = index;
    entry.first = static_cast<std::uint8_t>(script_.count() + 1);
    script_.select(binding(index));
    for (const auto& run : runs) script_.update_binary(run.offset, run.octets);
    entry.last = script_.count();
    entry.offset = static_cast<std::uint32_t>(runs.front().offset);
    entry.length = static_cast<std::uint32_t>(runs.back().offset + runs.back().octets.size() - runs.front().offset);
    t_.nodes[index].desired = image;  // what the packet makes of it
    result_.carries.push_back(entry);
}

/// Before the file of a pair that is not valid is written, no directory may lead to it.
bool packing::restore_directory() {
    const auto list = directory_index(t_);
    const auto control = known_control(t_);
    if (t_.nodes[list].doubtful.empty() || restored_ || !control) return true;
    const auto image = list_image(profile_, *control);
    if (t_.nodes[list].reported.empty()) t_.nodes[list].reported = image;
    const auto runs =
        management_object::difference(held_against(t_.nodes[list], image), image, update_header, longest_update);
    auto [octets, commands] = script_.select_cost(binding(list));
    for (const auto& run : runs) octets += update_header + run.octets.size();
    if (!script_.fits(commands + runs.size(), octets)) return false;
    write_all(list, image, runs);
    restored_ = true;
    return true;
}

void packing::commit() {
    if (restored_) return;  // the directory is written once in a packet
    const auto before = whole_.empty() ? std::nullopt : known_control(t_);
    if (!before) return;
    auto control = *before;
    bool moved = false;
    for (const auto& each : whole_) {
        const auto& object = *profile_.object(t_.nodes[each.node].uri);
        const auto* known = entry_of(object, control);
        const auto from = known != nullptr ? known->file : object.file_identifier();
        const auto to = target_of(t_, object).path.back();
        if (known == nullptr) {
            management_object::control_entry entry{.file = from, .ask = object.ask, .autonomous = object.autonomous};
            entry.secret = holds_secrets(object);
            control.entries.push_back(entry);
        }
        moved = moved || known == nullptr || from != to;
        control = *management_object::with_image(std::move(control), from, to, each.image);
    }
    const auto list = directory_index(t_), index = control_index(t_);
    if (t_.nodes[list].reported.empty()) t_.nodes[list].reported = list_image(profile_, *before);
    const auto runs_to = [&](std::uint16_t node, const wire::octets& image) {
        return management_object::difference(held_against(t_.nodes[node], image), image, update_header, longest_update);
    };
    const bool list_too = moved || !t_.nodes[list].doubtful.empty();
    const auto new_list = list_too ? list_image(profile_, control) : wire::octets{},
               image = control_image(profile_, control);
    const auto list_runs = list_too ? runs_to(list, new_list) : std::vector<management_object::patch>{},
               runs = runs_to(index, image);
    // All in one packet: a reader never meets a directory without its control file for longer than a script takes.
    auto [octets, commands] = script_.select_cost(binding(index));
    if (!list_runs.empty()) {
        const auto [more, selects] = script_.select_cost(binding(list));
        octets = std::max(octets, more) + file_select;
        commands += selects;
    }
    for (const auto* each : {&list_runs, &runs}) {
        for (const auto& run : *each) octets += update_header + run.octets.size();
        commands += each->size();
    }
    if (!script_.fits(commands, octets)) return;  // the next packet
    carried proof;
    proof.is = carried::kind::commit;
    proof.first = static_cast<std::uint8_t>(script_.count() + 1);
    write_all(list, new_list, list_runs);
    write_all(index, image, runs);
    proof.last = script_.count();
    for (const auto& each : whole_) {
        proof.node = each.node;
        proof.version = each.version;
        proof.image_crc = wire::crc32(each.image);
        result_.carries.push_back(proof);
    }
}

}  // namespace ota::flow
