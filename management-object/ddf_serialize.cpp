#include "management-object/code_pages.hpp"
#include "management-object/ddf.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"

namespace ota::management_object::ddf {
namespace {

void write_occurrence(element& e, const occurrence& occurs) {
    if (!occurs.at_most) {
        e.add(occurs.required ? "OneOrMore" : "ZeroOrMore");
    } else if (*occurs.at_most == 1) {
        e.add(occurs.required ? "One" : "ZeroOrOne");
    } else {
        e.add(occurs.required ? "OneOrN" : "ZeroOrN", std::to_string(*occurs.at_most));
    }
}

void write_type(element& e, const description& d) {
    for (const auto& type : d.mime_types) e.add("MIME", type);
    if (!d.ddf_name.empty() || (!d.is_leaf() && d.mime_types.empty())) e.add("DDFName", d.ddf_name);
}

void write_properties(element& e, const description& d) {
    auto& access = e.add("AccessType");
    for (std::size_t i = 0; i < command_count; ++i) {
        if (d.access.has(static_cast<command>(i))) access.add(to_string(static_cast<command>(i)));
    }
    if (d.default_value) e.add("DefaultValue", *d.default_value);
    if (!d.text.empty()) e.add("Description", d.text);
    e.add("DFFormat").add(to_string(d.format));
    write_occurrence(e.add("Occurrence"), d.occurs);
    e.add("Scope").add(d.scope == scope::permanent ? "Permanent" : "Dynamic");
    if (!d.title.empty()) e.add("DFTitle", d.title);
    write_type(e.add("DFType"), d);
    if (!d.case_sensitive) e.add("CaseSense").add("CIS");
}

void write(element& parent, const description& d) {
    auto& e = parent.add("Node");
    e.add("NodeName", d.name);
    if (d.path) e.add("Path", serialize_uri(*d.path));
    write_properties(e.add("DFProperties"), d);
    for (const auto& child : d.children) write(e, child);
}

}  // namespace

element to_element(const document& doc) {
    element root{.name = "MgmtTree", .xmlns = std::string(ns_dmddf)};
    root.add("VerDTD", "1.2");
    if (!doc.man.empty()) root.add("Man", doc.man);
    if (!doc.mod.empty()) root.add("Mod", doc.mod);
    for (const auto& each : doc.nodes) write(root, each);
    return root;
}

wire::result<std::string> serialize_xml(const document& doc) {
    const auto doctype = doctype_of(ddf_document);
    return management_object::serialize_xml(to_element(doc), {.doctype = doctype, .indented = true});
}

wire::result<wire::octets> serialize_wbxml(const document& doc) {
    return management_object::serialize_wbxml(to_element(doc));
}

}  // namespace ota::management_object::ddf
