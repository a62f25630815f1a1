#include "management-object/tlv_layout.hpp"

#include "management-object/code_pages.hpp"
#include "management-object/control_file.hpp"
#include "management-object/wbxml.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace ota::management_object {
namespace {

constexpr std::uint16_t first_long_tag = 0x9F1F, last_long_tag = 0x9F7F, last_short_tag = 0x9E;
constexpr std::uint8_t long_tag_mark = 0x9F, padding = 0xFF;
constexpr std::uint8_t set_data = 0xDB, first_block = 0x80, next_block = 0x00;

void put_tag(wire::writer& out, std::uint16_t tag) {
    if (tag > UINT8_MAX) return void(out.u16(tag));
    out.u8(tag);
}

void put_object(wire::writer& out, const tlv_object& object) {
    put_tag(out, object.tag);
    wire::write_ber_length(out, object.value.size());
    out.put(object.value);
}

std::string tag_text(std::uint16_t tag) {
    wire::writer out;
    put_tag(out, tag);
    return wire::to_hex(out.buffer());
}

std::optional<std::uint16_t> tag_of(std::string_view text) {
    std::uint16_t tag = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), tag, 16);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !is_data_object_tag(tag))
        return std::nullopt;
    if (tag == frame_tag) return std::nullopt;
    return tag;
}

/// Visits each Value with the address of its node, names joined by "/".
template <class Element, class Visit>
void each_value(Element& e, const std::string& around, const Visit& visit) {
    auto here = around;
    if (e.name == "Node") here += "/" + std::string(e.text_of("NodeName"));
    for (auto& child : e.children) {
        if (child.name == "Node") each_value(child, here, visit);
        if (child.name == "Value") visit(child, e, here);
    }
}

bool holds_octets(const element& node) {
    const auto* properties = node.child("RTProperties");
    const auto* format = properties == nullptr ? nullptr : properties->child("Format");
    return format != nullptr && format->child("bin") != nullptr;
}

wire::result<element> frame_of(const std::vector<tlv_object>& objects) {
    if (objects.empty() || objects.front().tag != frame_tag) return document_errc::missing_element;
    OTA_TRY(auto frame, parse_wbxml(objects.front().value));
    return frame;
}

std::map<std::string, std::uint16_t> tags_in(wire::octet_view image) {
    std::map<std::string, std::uint16_t> out;
    const auto objects = parse_tlv_image(image);
    const auto frame = objects ? frame_of(objects.value()) : wire::result<element>(document_errc::missing_element);
    if (!frame) return out;
    each_value(frame.value(), "", [&](const element& value, const element&, const std::string& where) {
        if (const auto tag = tag_of(value.text)) out.emplace(where, *tag);
    });
    return out;
}

/// The lowest tag that neither set has, else the lowest that `taken` does not have, or 0. It is taken then.
std::uint16_t free_tag(std::set<std::uint16_t>& taken, const std::set<std::uint16_t>& better_not) {
    std::uint16_t last_resort = 0;
    for (std::uint16_t tag = frame_tag + 1; tag <= last_long_tag; ++tag) {
        if (!is_data_object_tag(tag) || taken.contains(tag)) continue;
        if (!better_not.contains(tag)) return *taken.insert(tag).first;
        if (last_resort == 0) last_resort = tag;
    }
    if (last_resort != 0) taken.insert(last_resort);
    return last_resort;
}

}  // namespace

bool is_data_object_tag(std::uint16_t tag) noexcept {
    return (tag >= frame_tag && tag <= last_short_tag) || (tag >= first_long_tag && tag <= last_long_tag);
}

wire::result<std::vector<tlv_object>> parse_tlv_image(wire::octet_view image) {
    std::vector<tlv_object> out;
    wire::reader in(image);
    while (in.remaining() != 0) {
        std::uint16_t tag = in.u8();
        if (tag == padding) {  // no tag begins so; a value may well end so
            if (used_length(in.rest()) != 0) return wire::errc::trailing_octets;
            break;
        }
        if (tag == long_tag_mark) tag = static_cast<std::uint16_t>(tag << 8 | in.u8());
        const auto value = in.take(wire::read_ber_length(in));
        if (in.failed()) return wire::errc::truncated;
        if (!is_data_object_tag(tag) || (!out.empty() && out.back().tag >= tag)) return document_errc::bad_value;
        out.push_back({tag, {value.begin(), value.end()}});
    }
    return out;
}

wire::result<wire::octets> serialize_tlv_image(std::vector<tlv_object> objects, std::size_t size) {
    std::ranges::sort(objects, {}, &tlv_object::tag);
    wire::writer out(size);
    for (const auto& object : objects) put_object(out, object);
    if (out.size() > size) return dm_status::device_full;
    return out.fill(size - out.size(), padding).take();
}

wire::result<wire::octets> make_tlv_image(const node& top, const uri& at, std::size_t size, wire::octet_view before) {
    tnds_document document;
    document.nodes.push_back({.path = at.parent(), .top = top});
    document.nodes.front().top.name = at.name();
    auto frame = to_element(document);
    const auto known = tags_in(before);
    // A tag of a node that goes now is free from the next image on: the old frame, which stands until the last command,
    // would show the new node's value in the old one's place.
    std::set<std::uint16_t> taken, going;
    for (const auto& [where, tag] : known) going.insert(tag);
    each_value(frame, "", [&](element&, element&, const std::string& where) {
        if (const auto had = known.find(where); had != known.end()) taken.insert(had->second);
    });
    std::vector<tlv_object> objects;
    bool enough = true;
    each_value(frame, "", [&](element& value, element&, const std::string& where) {
        const auto had = known.find(where);
        const auto tag = had != known.end() ? had->second : free_tag(taken, going);
        enough = enough && tag != 0;
        objects.push_back({tag, {value.text.begin(), value.text.end()}});
        value.text = tag_text(tag);
        value.opaque = false;
    });
    if (!enough) return document_errc::too_large;
    OTA_TRY(auto octets, serialize_wbxml(frame));
    objects.push_back({frame_tag, std::move(octets)});
    return serialize_tlv_image(std::move(objects), size);
}

wire::result<std::optional<placed_node>> read_tlv_image(wire::octet_view image) {
    OTA_TRY(auto objects, parse_tlv_image(image));
    if (objects.empty()) return std::optional<placed_node>();
    OTA_TRY(auto frame, frame_of(objects));
    bool complete = true;
    each_value(frame, "", [&](element& value, const element& of, const std::string&) {
        const auto tag = tag_of(value.text);
        const auto found = tag ? std::ranges::find(objects, *tag, &tlv_object::tag) : objects.end();
        if (found == objects.end()) return void(complete = false);
        value.text.assign(found->value.begin(), found->value.end());
        value.opaque = holds_octets(of);
    });
    if (!complete) return document_errc::missing_element;
    OTA_TRY(auto document, parse_tnds(frame));
    if (document.nodes.size() != 1) return document_errc::other_structure;
    return std::optional(std::move(document.nodes.front()));
}

wire::result<std::vector<wire::octets>> tlv_commands(wire::octet_view from, wire::octet_view to, std::size_t longest) {
    OTA_TRY(auto old, parse_tlv_image(from));
    OTA_TRY(auto next, parse_tlv_image(to));
    std::vector<wire::octets> out;
    const auto send = [&](const wire::octets& object) {
        for (std::size_t at = 0; at < object.size();) {
            const auto part = wire::octet_view(object).subspan(at, std::min(longest, object.size() - at));
            wire::writer command;
            command.u8(0x80).u8(set_data).u8(0x00).u8(at == 0 ? first_block : next_block).u8(part.size()).put(part);
            out.push_back(command.take());
            at += part.size();
        }
    };
    const auto set = [&](const tlv_object& object) {
        if (std::ranges::find(old, object) != old.end()) return;
        wire::writer body;
        put_object(body, object);
        send(body.buffer());
    };
    for (const auto& object : next)
        if (object.tag != frame_tag) set(object);
    if (!next.empty()) set(next.front());
    for (const auto& object : old) {
        if (std::ranges::find(next, object.tag, &tlv_object::tag) != next.end()) continue;
        wire::writer tag;
        put_tag(tag, object.tag);
        send(tag.buffer());
    }
    return out;
}

}  // namespace ota::management_object
