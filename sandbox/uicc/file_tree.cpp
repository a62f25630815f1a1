#include "sandbox/uicc/file_tree.hpp"

#include "gateway/profile/object_files.hpp"
#include "management-object/card_directory.hpp"

#include <algorithm>
#include <map>

namespace ota::sandbox {

namespace {

constexpr std::uint16_t ef_dir = 0x2F00;
constexpr std::uint16_t ef_iccid = 0x2FE2;
constexpr std::size_t iccid_octets = 10, longest_iccid = 20;
constexpr std::size_t spare_files = 6;
const wire::octets usim_aid{0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF, 0xFF, 0xFF, 0xFF, 0x89};
/// The application template of EF.DIR: 61 around 4F with the USIM's AID. [TS 102 221, 13.1]
const wire::octets usim_directory_record{0x61, 0x0E, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x00,
                                         0x87, 0x10, 0x02, 0xFF, 0xFF, 0xFF, 0xFF, 0x89};

bool is_application(std::uint16_t identifier) noexcept { return identifier >= 0x7FF0; }

}  // namespace

file_tree::file_tree(const card_profile& profile) {
    files_.push_back({.identifier = master_file, .directory = true});
    add_directory_records(profile);
    const auto iccid = make_file(0, {.identifier = ef_iccid, .size = iccid_octets, .writable = false});
    iccid_slot_ = files_[iccid].first_slot;
    if (profile.objects_at) add_management_objects(profile);
    for (const auto& application : profile.applications)
        make_directories(application.directory, application.directory.size());

    // A linear fixed file has as many records as its highest node; its first node seen must make room for all of them.
    std::vector<const node_binding*> nodes;
    for (const auto& [uri, node] : profile.nodes)
        if (node.is == node_binding::kind::file && !node.path.empty()) nodes.push_back(&node);
    std::stable_sort(nodes.begin(), nodes.end(), [](auto* a, auto* b) { return a->record > b->record; });
    for (const auto* node : nodes) add_node(*node);
}

/// EF.DIR: a record for each application. [TS 102 221, 13.1]
void file_tree::add_directory_records(const card_profile& profile) {
    std::vector<wire::octets> records{usim_directory_record};
    if (profile.objects_at) records.push_back(application_record(*profile.objects_at));
    std::size_t size = 0;
    for (const auto& record : records) size = std::max(size, record.size());
    const auto dir = make_file(0, {.identifier = ef_dir,
                                   .structure = file_structure::linear_fixed,
                                   .size = size,
                                   .records = static_cast<std::uint8_t>(records.size()),
                                   .writable = false});
    for (std::size_t i = 0; i < records.size(); ++i)
        std::ranges::copy(records[i], initial_[files_[dir].first_slot + i].begin());
}

file_id file_tree::add_object_file(const node_binding& node, wire::octets content) {
    const auto parent = make_directories(node.path, node.path.size() - 1);
    content.resize(std::max(content.size(), node.size), 0xFF);
    const auto made = make_file(parent, {.identifier = node.path.back(),
                                         .structure = node.structure,
                                         .size = content.size(),
                                         .writable = node.writable});
    initial_[files_[made].first_slot] = std::move(content);
    return made;
}

/// The directory of PKCS#15 with what a new card has in it. Its files come first, so that their numbers are small.
void file_tree::add_management_objects(const card_profile& profile) {
    const auto& at = *profile.objects_at;
    const auto directory = make_directories(at.path, at.path.size());
    files_[directory].aid.assign(management_object::pkcs15_aid.begin(), management_object::pkcs15_aid.end());
    const auto fixed = [&](std::uint16_t identifier, wire::octets content) {
        node_binding node;
        node.path = at.path;
        node.path.push_back(identifier);
        node.writable = false;
        return add_object_file(node, std::move(content));
    };
    fixed(object_directory_file, object_directory_image(at));
    token_slot_ = files_[fixed(token_info_file, token_info_image(profile, std::string(longest_iccid, '0')))].first_slot;
    const auto control = factory_control(profile);
    add_object_file(at.list, list_image(profile, control));
    add_object_file(at.control, control_image(profile, control));
    for (const auto& object : profile.management_objects) {
        const auto add = [&](const node_binding& node, wire::octets content) {
            auto& made = files_[add_object_file(node, std::move(content))];
            made.resizable = true;
            made.pin = object.pin;
        };
        add(object.file, object.factory_image);
        if (object.spare) add(*object.spare, {});
    }
    for (std::size_t i = 0; i < spare_files; ++i) {
        const auto place = make_file(directory, {});
        files_[place].spare = files_[place].resizable = true;
        spare_places_.push_back(place);
    }
}

void file_tree::add_node(const node_binding& node) {
    if (const auto known = find(node.path)) {
        auto& there = files_[*known];
        if (*known > 2) there.writable = there.writable || node.writable;
        return;
    }
    const auto parent = make_directories(node.path, node.path.size() - 1);
    const auto records = node.structure == file_structure::linear_fixed ? std::max<std::uint8_t>(node.record, 1) : 1;
    make_file(parent, {.identifier = node.path.back(),
                       .structure = node.structure,
                       .size = node.size,
                       .records = static_cast<std::uint8_t>(records),
                       .readable = true,
                       .writable = node.writable,
                       .terminal_writable = node.volatile_file});
}

file_id file_tree::make_directory(file_id parent, std::uint16_t identifier) {
    if (const auto known = child(parent, identifier)) return *known;
    file made{.identifier = identifier, .parent = parent, .directory = true};
    made.application = is_application(identifier);
    if (made.application && !application({})) made.aid = usim_aid;
    files_.push_back(std::move(made));
    return static_cast<file_id>(files_.size() - 1);
}

file_id file_tree::make_directories(const std::vector<std::uint16_t>& path, std::size_t depth) {
    file_id at = 0;
    for (std::size_t i = 0; i < depth; ++i)
        if (path[i] != master_file) at = make_directory(at, path[i]);
    return at;
}

file_id file_tree::make_file(file_id parent, file made) {
    made.parent = parent;
    made.first_slot = static_cast<slot_id>(initial_.size());
    initial_.insert(initial_.end(), made.records, wire::octets(made.size, 0xFF));
    files_.push_back(std::move(made));
    return static_cast<file_id>(files_.size() - 1);
}

std::optional<file_id> file_tree::child(file_id directory, std::uint16_t identifier) const noexcept {
    for (std::size_t i = 1; i < files_.size(); ++i)
        if (files_[i].parent == directory && files_[i].identifier == identifier && !files_[i].spare)
            return static_cast<file_id>(i);
    return std::nullopt;
}

std::optional<file_id> file_tree::find(const std::vector<std::uint16_t>& path) const noexcept {
    file_id at = 0;
    for (const auto identifier : path) {
        if (identifier == master_file) continue;
        const auto next = child(at, identifier);
        if (!next) return std::nullopt;
        at = *next;
    }
    return at;
}

std::optional<file_id> file_tree::application(wire::octet_view partial_aid) const noexcept {
    for (std::size_t i = 1; i < files_.size(); ++i) {
        const auto& aid = files_[i].aid;
        if (aid.empty() || aid.size() < partial_aid.size()) continue;
        if (partial_aid.empty() && !files_[i].application) continue;
        if (std::equal(partial_aid.begin(), partial_aid.end(), aid.begin())) return static_cast<file_id>(i);
    }
    return std::nullopt;
}

std::optional<slot_id> file_tree::slot_of(const node_binding& node) const noexcept {
    if (node.is != node_binding::kind::file) return std::nullopt;
    const auto id = find(node.path);
    if (!id || files_[*id].directory) return std::nullopt;
    if (node.structure != file_structure::linear_fixed) return files_[*id].first_slot;
    if (node.record == 0 || node.record > files_[*id].records) return std::nullopt;
    return static_cast<slot_id>(files_[*id].first_slot + node.record - 1);
}

/// EF.ICCID holds the digits with their nibbles swapped, filled up with F. [TS 102 221, 13.2]
wire::octets file_tree::factory_content(slot_id slot, std::string_view iccid) const {
    auto out = initial_[slot];
    if (slot == token_slot_) {
        // The serial number follows 30 len, 02 01 00, 04 0A.
        constexpr std::size_t serial_at = 7;
        for (std::size_t i = 0; i < iccid_octets; ++i) {
            const auto nibble = [&](std::size_t n) { return n < iccid.size() ? iccid[n] - '0' : 0x0F; };
            out[serial_at + i] = static_cast<std::uint8_t>(nibble(2 * i) << 4 | nibble(2 * i + 1));
        }
    }
    if (slot != iccid_slot_) return out;
    for (std::size_t i = 0; i < iccid.size() && i / 2 < out.size(); ++i) {
        const auto digit = static_cast<std::uint8_t>(iccid[i] - '0');
        auto& octet = out[i / 2];
        octet = static_cast<std::uint8_t>(i % 2 == 0 ? (octet & 0xF0) | digit : (octet & 0x0F) | digit << 4);
    }
    return out;
}

}  // namespace ota::sandbox
