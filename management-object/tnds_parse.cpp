#include "management-object/base64.hpp"
#include "management-object/tnds.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace ota::management_object {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

parsed<void> only(const element& e, std::initializer_list<std::string_view> once, std::string_view many = {}) {
    for (auto child = e.children.begin(); child != e.children.end(); ++child) {
        if (child->name == many) continue;
        const bool again = std::any_of(e.children.begin(), child, [&](const auto& c) { return c.name == child->name; });
        if (again || std::ranges::find(once, child->name) == once.end())
            return fault{document_errc::unexpected_element, child->offset};
    }
    return success();
}

parsed<node_format> parse_format(const element& e) {
    if (e.children.size() != 1 || !e.children[0].children.empty()) return fault{document_errc::bad_value, e.offset};
    const auto format = format_named(e.children[0].name);
    if (!format) return fault{document_errc::unexpected_element, e.children[0].offset};
    return *format;
}

/// MIME type or identifier of the management object: MIME(text) | DDFName(text, may be empty).
parsed<std::string> parse_type(const element& e) {
    if (e.children.empty() && trimmed(e.text).empty()) return std::string();
    if (e.children.size() != 1) return fault{document_errc::bad_value, e.offset};
    const auto& kind = e.children[0];
    if ((kind.name != "MIME" && kind.name != "DDFName") || !kind.children.empty())
        return fault{document_errc::unexpected_element, kind.offset};
    return std::string(trimmed(kind.text));
}

parsed<void> parse_properties(const element& e, node& out, bool& has_format) {
    OTA_TRY(only(e, {"ACL", "Format", "Name", "Size", "Title", "TStamp", "Type", "VerNo"}));
    for (const auto& child : e.children) {
        const auto text = trimmed(child.text);
        const fault bad{document_errc::bad_value, child.offset};
        if (child.name == "ACL") {
            auto list = parse_acl(text);
            if (!list) return bad;
            out.acl = std::move(list).value();
        } else if (child.name == "Format") {
            OTA_TRY(out.format, parse_format(child));
            has_format = true;
        } else if (child.name == "Type") {
            OTA_TRY(out.type, parse_type(child));
        } else if (child.name == "Title") {
            out.title = child.text;
        } else if (child.name == "TStamp") {
            if (!text.empty() && !is_time_stamp(text)) return bad;
            out.tstamp = text;
        } else if (child.name == "VerNo" || child.name == "Size") {
            std::uint32_t number = 0;
            const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
            if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return bad;
            if (child.name == "Size") continue;  // derived, not kept
            if (number > UINT16_MAX) return bad;
            out.ver_no = static_cast<std::uint16_t>(number);
        }
    }
    return success();
}

parsed<std::string> parse_value(const element& e, node_format format) {
    const fault bad{document_errc::bad_value, e.offset};
    if (!e.children.empty() || format == node_format::node) return bad;
    std::string value = e.text;
    if ((format == node_format::bin && !e.opaque) || format == node_format::b64) {
        auto octets = from_base64(e.text);
        if (!octets) return bad;
        value = *std::move(octets);
    } else if (format != node_format::chr && format != node_format::xml && format != node_format::bin) {
        value = trimmed(e.text);  // an indented document is meant as it would be without the white space
    }
    if (!is_value_of(format, value)) return bad;
    return value;
}

node_format format_from_content(const element& e) {
    if (e.child("Value") != nullptr) return node_format::chr;
    const auto* properties = e.child("RTProperties");
    const auto* type = properties == nullptr ? nullptr : properties->child("Type");
    return type != nullptr && type->child("MIME") != nullptr ? node_format::chr : node_format::node;
}

parsed<node> parse_node(const element& e, bool top, std::size_t depth) {
    if (depth == 0) return fault{document_errc::too_deep, e.offset};
    OTA_TRY(only(e, {"NodeName", "Path", "RTProperties", "DFProperties", "Value"}, "Node"));
    const auto* name = e.child("NodeName");
    if (name == nullptr) return fault{document_errc::missing_element, e.offset};
    if (const auto* path = e.child("Path"); path != nullptr && !top)
        return fault{document_errc::unexpected_element, path->offset};
    node out{.name = std::string(trimmed(name->text))};
    if (!out.name.empty() && !is_node_name(out.name)) return fault{document_errc::bad_value, name->offset};
    bool has_format = false;
    if (const auto* properties = e.child("RTProperties")) {
        OTA_TRY(parse_properties(*properties, out, has_format));
    }
    if (!has_format) out.format = format_from_content(e);
    if (const auto* value = e.child("Value")) {
        OTA_TRY(out.value, parse_value(*value, out.format));
    }
    for (const auto& child : e.children) {
        if (child.name != "Node") continue;
        if (out.is_leaf()) return fault{document_errc::unexpected_element, child.offset};
        OTA_TRY(auto below, parse_node(child, false, depth - 1));
        out.children.push_back(std::move(below));
    }
    if (name_twice(out.children)) return fault{document_errc::bad_value, e.offset};
    return out;
}

}  // namespace

parsed<tnds_document> parse_tnds(const element& tree) {
    if (tree.name != "MgmtTree") return fault{document_errc::unexpected_element, tree.offset};
    OTA_TRY(only(tree, {"VerDTD", "Man", "Mod"}, "Node"));
    const auto* version = tree.child("VerDTD");
    if (version == nullptr || tree.child("Node") == nullptr) return fault{document_errc::missing_element, tree.offset};
    if (trimmed(version->text) != "1.2") return fault{document_errc::bad_value, version->offset};
    tnds_document out{.man = std::string(tree.text_of("Man")), .mod = std::string(tree.text_of("Mod"))};
    for (const auto& child : tree.children) {
        if (child.name != "Node") continue;
        placed_node placed;
        if (const auto* path = child.child("Path")) {
            auto address = parse_uri(trimmed(path->text));
            if (!address) return fault{document_errc::bad_uri, path->offset};
            placed.path = std::move(address).value();
        }
        OTA_TRY(placed.top, parse_node(child, true, document_limits{}.depth));
        out.nodes.push_back(std::move(placed));
    }
    return out;
}

parsed<tnds_document> parse_tnds_xml(std::string_view text, const document_limits& limits) {
    OTA_TRY(auto root, parse_xml(text, limits));
    return parse_tnds(root);
}

parsed<tnds_document> parse_tnds_wbxml(wire::octet_view octets, const document_limits& limits) {
    OTA_TRY(auto root, parse_wbxml(octets, limits));
    return parse_tnds(root);
}

}  // namespace ota::management_object
