#include "management-object/base64.hpp"
#include "management-object/dm_message.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ota::management_object::dm {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

constexpr std::array<std::string_view, 6> verbs{"Add", "Copy", "Delete", "Exec", "Get", "Replace"};
constexpr std::array<std::string_view, 4> of_synchronisation{"Map", "Put", "Search", "Sync"};

template <class Number>
parsed<Number> number(const element& e) {
    const auto text = trimmed(e.text);
    Number value{};
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || !e.children.empty())
        return fault{document_errc::bad_value, e.offset};
    return value;
}

template <class Number>
parsed<Number> number_in(const element& e, std::string_view name) {
    const auto* child = e.child(name);
    if (child == nullptr) return fault{document_errc::missing_element, e.offset};
    return number<Number>(*child);
}

template <class Number>
parsed<void> number_if(const element& e, std::string_view name, std::optional<Number>& to) {
    if (const auto* child = e.child(name)) {
        OTA_TRY(to, number<Number>(*child));
    }
    return success();
}

std::string text_in(const element& e, std::string_view name) { return std::string(trimmed(e.text_of(name))); }

parsed<meta> parse_meta(const element& e) {
    meta out{.format = text_in(e, "Format"), .type = text_in(e, "Type"), .mark = text_in(e, "Mark")};
    OTA_TRY(number_if(e, "Size", out.size));
    OTA_TRY(number_if(e, "MaxMsgSize", out.max_msg_size));
    OTA_TRY(number_if(e, "MaxObjSize", out.max_obj_size));
    if (const auto* nonce = e.child("NextNonce")) {
        out.next_nonce = nonce->opaque ? nonce->text : from_base64(nonce->text);
        if (!out.next_nonce) return fault{document_errc::bad_value, nonce->offset};
    }
    return out;
}

parsed<void> meta_if(const element& e, std::string_view name, std::optional<meta>& to) {
    if (const auto* child = e.child(name)) {
        OTA_TRY(to, parse_meta(*child));
    }
    return success();
}

location parse_location(const element& e) { return {text_in(e, "LocURI"), std::string(e.text_of("LocName"))}; }

parsed<item> parse_item(const element& e) {
    item out{.more_data = e.child("MoreData") != nullptr};
    if (const auto* target = e.child("Target")) out.target = parse_location(*target);
    if (const auto* source = e.child("Source")) out.source = parse_location(*source);
    OTA_TRY(meta_if(e, "Meta", out.about));
    const auto* data = e.child("Data");
    if (data == nullptr) return out;
    if (data->children.size() > 1) return fault{document_errc::unexpected_element, data->children[1].offset};
    if (data->children.empty()) {
        out.data = data->text;
        out.opaque = data->opaque && !data->text.empty();
    } else {
        out.tree = data->children[0];
    }
    return out;
}

parsed<std::vector<item>> parse_items(const element& e) {
    std::vector<item> out;
    for (const auto& child : e.children) {
        if (child.name != "Item") continue;
        OTA_TRY(auto read, parse_item(child));
        out.push_back(std::move(read));
    }
    return out;
}

parsed<std::vector<item>> parse_some_items(const element& e) {
    OTA_TRY(auto items, parse_items(e));
    if (items.empty()) return fault{document_errc::missing_element, e.offset};
    return items;
}

parsed<command> parse_alert(const element& e, std::uint32_t cmd_id) {
    alert out{.cmd_id = cmd_id, .correlator = text_in(e, "Correlator")};
    OTA_TRY(out.code, number_in<std::uint16_t>(e, "Data"));
    OTA_TRY(out.items, parse_items(e));
    return command{std::move(out)};
}

parsed<command> parse_status(const element& e, std::uint32_t cmd_id) {
    status out{.cmd_id = cmd_id, .cmd = text_in(e, "Cmd")};
    if (out.cmd.empty()) return fault{document_errc::missing_element, e.offset};
    OTA_TRY(out.msg_ref, number_in<std::uint32_t>(e, "MsgRef"));
    OTA_TRY(out.cmd_ref, number_in<std::uint32_t>(e, "CmdRef"));
    OTA_TRY(out.code, number_in<std::uint16_t>(e, "Data"));
    OTA_TRY(out.items, parse_items(e));
    for (const auto& child : e.children) {
        if (child.name == "TargetRef") out.target_refs.emplace_back(trimmed(child.text));
        if (child.name == "SourceRef") out.source_refs.emplace_back(trimmed(child.text));
    }
    if (const auto* chal = e.child("Chal")) {
        if (chal->child("Meta") == nullptr) return fault{document_errc::missing_element, chal->offset};
        OTA_TRY(meta_if(*chal, "Meta", out.chal));
    }
    return command{std::move(out)};
}

parsed<command> parse_results(const element& e, std::uint32_t cmd_id) {
    results out{.cmd_id = cmd_id, .target_ref = text_in(e, "TargetRef"), .source_ref = text_in(e, "SourceRef")};
    OTA_TRY(number_if(e, "MsgRef", out.msg_ref));
    OTA_TRY(out.cmd_ref, number_in<std::uint32_t>(e, "CmdRef"));
    OTA_TRY(meta_if(e, "Meta", out.about));
    OTA_TRY(out.items, parse_some_items(e));
    return command{std::move(out)};
}

parsed<command> parse_operation(const element& e, verb what, std::uint32_t cmd_id) {
    operation out{.what = what, .cmd_id = cmd_id, .no_resp = e.child("NoResp") != nullptr};
    if (what == verb::exec) out.correlator = text_in(e, "Correlator");
    OTA_TRY(meta_if(e, "Meta", out.about));
    OTA_TRY(out.items, parse_some_items(e));
    return command{std::move(out)};
}

bool is_command(std::string_view name) {
    return name == "Alert" || name == "Status" || name == "Results" || name == "Sequence" || name == "Atomic" ||
           std::ranges::find(verbs, name) != verbs.end() ||
           std::ranges::find(of_synchronisation, name) != of_synchronisation.end();
}

parsed<command> parse_command(const element& e, std::size_t depth) {
    OTA_TRY(auto cmd_id, number_in<std::uint32_t>(e, "CmdID"));
    if (e.name == "Alert") return parse_alert(e, cmd_id);
    if (e.name == "Status") return parse_status(e, cmd_id);
    if (e.name == "Results") return parse_results(e, cmd_id);
    if (const auto* found = std::ranges::find(verbs, e.name); found != verbs.end())
        return parse_operation(e, static_cast<verb>(found - verbs.begin()), cmd_id);
    if (e.name != "Sequence" && e.name != "Atomic") return command{unknown_command{cmd_id, e.name}};
    if (depth == 0) return fault{document_errc::too_deep, e.offset};
    group out{.atomic = e.name == "Atomic", .cmd_id = cmd_id};
    OTA_TRY(meta_if(e, "Meta", out.about));
    for (const auto& child : e.children) {
        if (!is_command(child.name)) continue;
        OTA_TRY(auto inner, parse_command(child, depth - 1));
        out.commands.push_back(std::move(inner));
    }
    return command{std::move(out)};
}

parsed<header> parse_header(const element& e) {
    header out{.ver_dtd = text_in(e, "VerDTD"),
               .ver_proto = text_in(e, "VerProto"),
               .session_id = text_in(e, "SessionID"),
               .resp_uri = text_in(e, "RespURI"),
               .no_resp = e.child("NoResp") != nullptr};
    const auto *target = e.child("Target"), *source = e.child("Source");
    const bool complete = !out.ver_dtd.empty() && !out.ver_proto.empty() && !out.session_id.empty();
    if (!complete || target == nullptr || source == nullptr) return fault{document_errc::missing_element, e.offset};
    OTA_TRY(out.msg_id, number_in<std::uint32_t>(e, "MsgID"));
    out.target = parse_location(*target);
    out.source = parse_location(*source);
    OTA_TRY(meta_if(e, "Meta", out.about));
    if (const auto* cred = e.child("Cred")) {
        const auto *about = cred->child("Meta"), *data = cred->child("Data");
        if (data == nullptr) return fault{document_errc::missing_element, cred->offset};
        // An opaque digest is the octets of what is Base64 elsewhere.
        out.cred = credentials{.data = data->opaque ? to_base64(data->text) : std::string(trimmed(data->text))};
        if (about != nullptr) {
            OTA_TRY(out.cred->about, parse_meta(*about));
        }
    }
    return out;
}

}  // namespace

std::string_view to_string(verb v) noexcept { return verbs[static_cast<std::size_t>(v)]; }

parsed<message> parse(const element& root) {
    if (root.name != "SyncML") return fault{document_errc::unexpected_element, root.offset};
    const auto *hdr = root.child("SyncHdr"), *body = root.child("SyncBody");
    if (hdr == nullptr || body == nullptr) return fault{document_errc::missing_element, root.offset};
    message out{.final = body->child("Final") != nullptr};
    OTA_TRY(out.hdr, parse_header(*hdr));
    for (const auto& child : body->children) {
        if (child.name == "Final") continue;
        if (!is_command(child.name)) return fault{document_errc::unexpected_element, child.offset};
        OTA_TRY(auto read, parse_command(child, deepest_group));
        out.body.push_back(std::move(read));
    }
    return out;
}

parsed<message> parse_xml(std::string_view text, const document_limits& limits) {
    OTA_TRY(auto root, management_object::parse_xml(text, limits));
    return parse(root);
}

parsed<message> parse_wbxml(wire::octet_view octets, const document_limits& limits) {
    OTA_TRY(auto root, management_object::parse_wbxml(octets, limits));
    return parse(root);
}

}  // namespace ota::management_object::dm
