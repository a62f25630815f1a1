#include "gateway/profile/object_files.hpp"

#include "management-object/card_directory.hpp"
#include "management-object/ddf_check.hpp"

#include <algorithm>

namespace ota {

namespace mo = management_object;

namespace {

wire::octets padded(wire::octets image, std::size_t size) {
    image.resize(std::max(image.size(), size), 0xFF);
    return image;
}

template <std::size_t n>
wire::octets octets_of(const std::array<std::uint8_t, n>& list) {
    return {list.begin(), list.end()};
}

/// Digits two to an octet, the first in the high half; an odd one is filled with F.
wire::octets decimal_octets(std::string_view digits) {
    std::string text;
    for (const char c : digits)
        if (c >= '0' && c <= '9') text += c;
    if (text.size() % 2 != 0) text += 'f';
    return wire::from_hex(text).value();
}

bool has_secret_leaf(const mo::ddf::description& d) {
    if (d.is_leaf() && !d.access.has(mo::ddf::command::get)) return true;
    return std::ranges::any_of(d.children, has_secret_leaf);
}

}  // namespace

wire::octets application_record(const object_directory& at) {
    mo::application_template out{octets_of(mo::pkcs15_aid), "DM", {0x3F00}};
    out.path.insert(out.path.end(), at.path.begin(), at.path.end());
    return mo::serialize_application(out);
}

wire::octets object_directory_image(const object_directory& at) {
    return mo::serialize_object_directory({{at.list.path.back()}});
}

wire::octets token_info_image(const card_profile&, std::string_view iccid) {
    mo::token_info info;
    info.serial_number = decimal_octets(iccid);
    info.label = "Device management";
    info.read_only = true;  // for who holds the card: updates need the keys of the issuer
    return mo::serialize_token_info(info);
}

wire::octets data_objects_of(const card_profile& p, const mo::control_file& control) {
    std::vector<mo::data_object> list;
    for (const auto& object : p.management_objects) {
        const auto* entry = entry_of(object, control);
        if (entry == nullptr || !entry->active) continue;
        mo::data_object out;
        out.label = object.label;
        out.is_private = object.pin;
        out.modifiable = true;
        if (object.ask) out.user_consent = 1;  // asked each time
        out.oid = octets_of(mo::oid_dm_bootstrap);
        out.path = {entry->file};
        list.push_back(std::move(out));
    }
    mo::data_object own;
    own.modifiable = true;
    own.oid = octets_of(mo::oid_control_file);
    own.path = {p.objects_at->control.path.back()};
    list.push_back(std::move(own));
    return mo::serialize_data_objects(list);
}

wire::octets list_image(const card_profile& p, const mo::control_file& control) {
    return padded(data_objects_of(p, control), p.objects_at->list.size);
}

mo::control_file factory_control(const card_profile& p) {
    mo::control_file out;
    for (const auto& object : p.management_objects) {
        if (object.mirror) continue;
        const auto used = mo::used_length(object.factory_image);
        mo::control_entry entry{.file = object.file_identifier(), .ask = object.ask, .autonomous = object.autonomous};
        entry.secret = holds_secrets(object);
        out.entries.push_back(entry);
        if (used == 0) continue;
        out = *mo::with_image(std::move(out), entry.file, entry.file, object.factory_image);
        out.entries.back().generation = out.generation = 0;
    }
    return out;
}

wire::octets control_image(const card_profile& p, const mo::control_file& control) {
    auto octets = mo::serialize_control_file(control);
    return padded(octets ? std::move(octets).value() : wire::octets(), p.objects_at->control.size);
}

mo::image_form form_of(const management_object_binding& object) noexcept {
    return {.size = object.file.size, .layout = static_cast<mo::image_layout>(object.layout)};
}

const mo::control_entry* entry_of(const management_object_binding& object, const mo::control_file& control) noexcept {
    const auto* entry = control.find(object.file_identifier());
    return entry != nullptr || !object.spare ? entry : control.find(object.spare_identifier());
}

bool is_secret(const management_object_binding& object, const mo::uri& relative) {
    if (relative.is_root()) return false;
    const auto text = mo::serialize_uri(relative).substr(2);  // without "./"
    if (std::ranges::find(object.secrets, text) != object.secrets.end()) return true;
    const auto* described = object.description ? mo::ddf::find(*object.description, relative) : nullptr;
    return described != nullptr && described->is_leaf() && !described->access.has(mo::ddf::command::get);
}

bool holds_secrets(const management_object_binding& object) {
    return !object.secrets.empty() || (object.description && has_secret_leaf(*object.description));
}

}  // namespace ota
