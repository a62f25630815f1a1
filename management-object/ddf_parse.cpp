#include "management-object/ddf.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ota::management_object::ddf {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

constexpr std::array<std::string_view, command_count> commands{"Add", "Copy", "Delete", "Exec", "Get", "Replace"};

fault bad(const element& e) { return {document_errc::bad_value, e.offset}; }
fault unexpected(const element& e) { return {document_errc::unexpected_element, e.offset}; }

/// The only child, which says something by its name.
parsed<const element*> choice(const element& e) {
    if (e.children.size() != 1) return bad(e);
    return &e.children[0];
}

parsed<access_type> parse_access(const element& e) {
    access_type out;
    for (const auto& child : e.children) {
        const auto* found = std::ranges::find(commands, child.name);
        if (found == commands.end()) return unexpected(child);
        out.allow(static_cast<command>(found - commands.begin()));
    }
    return out;
}

parsed<occurrence> parse_occurrence(const element& e) {
    OTA_TRY(const auto* how, choice(e));
    if (how->name == "One") return occurrence{true, 1};
    if (how->name == "ZeroOrOne") return occurrence{false, 1};
    if (how->name == "ZeroOrMore") return occurrence{false, std::nullopt};
    if (how->name == "OneOrMore") return occurrence{true, std::nullopt};
    if (how->name != "ZeroOrN" && how->name != "OneOrN") return unexpected(*how);
    const auto text = trimmed(how->text);
    std::uint32_t n = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || n == 0) return bad(*how);
    return occurrence{how->name == "OneOrN", n};
}

parsed<void> parse_type(const element& e, description& out) {
    for (const auto& child : e.children) {
        if (child.name == "MIME")
            out.mime_types.emplace_back(trimmed(child.text));
        else if (child.name == "DDFName")
            out.ddf_name = trimmed(child.text);
        else
            return unexpected(child);
    }
    return success();
}

parsed<void> parse_property(const element& e, description& out) {
    if (e.name == "AccessType") {
        OTA_TRY(out.access, parse_access(e));
    } else if (e.name == "DefaultValue") {
        out.default_value = e.text;
    } else if (e.name == "Description") {
        out.text = trimmed(e.text);
    } else if (e.name == "DFFormat") {
        OTA_TRY(const auto* format, choice(e));
        const auto known = format_named(format->name);
        if (!known) return unexpected(*format);
        out.format = *known;
    } else if (e.name == "Occurrence") {
        OTA_TRY(out.occurs, parse_occurrence(e));
    } else if (e.name == "Scope") {
        OTA_TRY(const auto* how, choice(e));
        if (how->name != "Permanent" && how->name != "Dynamic") return unexpected(*how);
        out.scope = how->name == "Permanent" ? scope::permanent : scope::dynamic;
    } else if (e.name == "DFTitle") {
        out.title = trimmed(e.text);
    } else if (e.name == "DFType") {
        OTA_TRY(parse_type(e, out));
    } else if (e.name == "CaseSense") {
        OTA_TRY(const auto* how, choice(e));
        if (how->name != "CS" && how->name != "CIS") return unexpected(*how);
        out.case_sensitive = how->name == "CS";
    } else {
        return unexpected(e);
    }
    return success();
}

parsed<void> parse_properties(const element& e, description& out) {
    for (const auto* required : {"AccessType", "DFFormat", "DFType"}) {
        if (e.child(required) == nullptr) return fault{document_errc::missing_element, e.offset};
    }
    for (const auto& property : e.children) {
        OTA_TRY(parse_property(property, out));
    }
    if (out.default_value && !is_value_of(out.format, *out.default_value)) return bad(*e.child("DefaultValue"));
    return success();
}

parsed<description> parse_node(const element& e, bool top) {
    const auto *name = e.child("NodeName"), *properties = e.child("DFProperties");
    if (name == nullptr || properties == nullptr) return fault{document_errc::missing_element, e.offset};
    description out{.name = std::string(trimmed(name->text))};
    if (!out.name.empty() && !is_node_name(out.name)) return bad(*name);
    OTA_TRY(parse_properties(*properties, out));
    for (const auto& child : e.children) {
        if (child.name == "Node" && !out.is_leaf()) {
            OTA_TRY(auto below, parse_node(child, false));
            out.children.push_back(std::move(below));
        } else if (child.name == "Path" && top) {
            auto address = parse_uri(trimmed(child.text));
            if (!address) return fault{document_errc::bad_uri, child.offset};
            out.path = std::move(address).value();
        } else if (child.name != "NodeName" && child.name != "DFProperties" && child.name != "RTProperties" &&
                   child.name != "Value") {
            return unexpected(child);
        }
    }
    return out;
}

}  // namespace

std::string_view to_string(command c) noexcept { return commands[static_cast<std::size_t>(c)]; }

parsed<document> parse(const element& tree) {
    if (tree.name != "MgmtTree") return unexpected(tree);
    const auto* version = tree.child("VerDTD");
    if (version == nullptr || tree.child("Node") == nullptr) return fault{document_errc::missing_element, tree.offset};
    if (trimmed(version->text) != "1.2") return bad(*version);
    document out;
    for (const auto& child : tree.children) {
        if (child.name == "Man") {
            out.man = child.text;
        } else if (child.name == "Mod") {
            out.mod = child.text;
        } else if (child.name == "Node") {
            OTA_TRY(auto node, parse_node(child, true));
            out.nodes.push_back(std::move(node));
        } else if (child.name != "VerDTD") {
            return unexpected(child);
        }
    }
    return out;
}

parsed<document> parse_xml(std::string_view text, const document_limits& limits) {
    OTA_TRY(auto root, management_object::parse_xml(text, limits));
    return parse(root);
}

parsed<document> parse_wbxml(wire::octet_view octets, const document_limits& limits) {
    OTA_TRY(auto root, management_object::parse_wbxml(octets, limits));
    return parse(root);
}

}  // namespace ota::management_object::ddf
