#include "management-object/base64.hpp"
#include "management-object/code_pages.hpp"
#include "management-object/tnds.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"

namespace ota::management_object {
namespace {

class tnds_writer {
public:
    tnds_writer(const tnds_properties& properties, bin_form bin) : properties_(properties), bin_(bin) {}

    void write(element& parent, const node& n, const uri* path) const {
        auto& e = parent.add("Node");
        e.add("NodeName", n.name);
        if (path != nullptr) e.add("Path", serialize_uri(*path));
        write_properties(e.add("RTProperties"), n);
        if (n.value) write_value(e, n);
        for (const auto& child : n.children) write(e, child, nullptr);
    }

private:
    void write_properties(element& e, const node& n) const {
        if (properties_.acl && !n.acl.empty()) e.add("ACL", serialize_acl(n.acl));
        e.add("Format").add(to_string(n.format));
        if (properties_.size && n.value) e.add("Size", std::to_string(n.value->size()));
        if (properties_.title && !n.title.empty()) e.add("Title", n.title);
        if (properties_.tstamp && !n.tstamp.empty()) e.add("TStamp", n.tstamp);
        e.add("Type").add(n.is_leaf() ? "MIME" : "DDFName", n.type);
        if (properties_.ver_no && n.ver_no) e.add("VerNo", std::to_string(*n.ver_no));
    }

    void write_value(element& e, const node& n) const {
        const bool opaque = n.format == node_format::bin && bin_ == bin_form::opaque;
        const bool base64 = n.format == node_format::b64 || (n.format == node_format::bin && !opaque);
        e.add("Value", base64 ? to_base64(*n.value) : *n.value).opaque = opaque;
    }

    tnds_properties properties_;
    bin_form bin_;
};

}  // namespace

element to_element(const tnds_document& document, const tnds_properties& properties, bin_form bin) {
    element root{.name = "MgmtTree", .xmlns = std::string(ns_dmddf)};
    root.add("VerDTD", "1.2");
    if (!document.man.empty()) root.add("Man", document.man);
    if (!document.mod.empty()) root.add("Mod", document.mod);
    const tnds_writer writer(properties, bin);
    for (const auto& placed : document.nodes) writer.write(root, placed.top, placed.path ? &*placed.path : nullptr);
    return root;
}

wire::result<std::string> serialize_tnds_xml(const tnds_document& document, const tnds_properties& properties) {
    const auto doctype = doctype_of(ddf_document);
    return serialize_xml(to_element(document, properties), {.doctype = doctype, .indented = true});
}

wire::result<wire::octets> serialize_tnds_wbxml(const tnds_document& document, const tnds_properties& properties) {
    return serialize_wbxml(to_element(document, properties));
}

wire::result<wire::octets> serialize_tnds_slotted(const tnds_document& document, const tnds_properties& properties,
                                                  const slot_sizes& sizes) {
    return serialize_slotted(to_element(document, properties, bin_form::base64), sizes);
}

wire::result<wire::octets> update_tnds_slotted(wire::octet_view image, const tnds_document& document,
                                               const tnds_properties& properties) {
    return update_slotted(image, to_element(document, properties, bin_form::base64));
}

}  // namespace ota::management_object
