#include "sandbox/device/dm_client_tree.hpp"

#include <algorithm>
#include <array>

namespace ota::sandbox {

namespace mo = management_object;
namespace syncml = management_object::dm;
using mo::dm_status;

namespace {

/// Results name where the data are from; the item was made for a target.
syncml::item from(syncml::item i) {
    i.source = std::move(i.target);
    i.target.reset();
    return i;
}

syncml::item value_of(const mo::uri& at, const mo::node& here, const std::string& text, syncml::encoding as) {
    if (here.is_leaf()) return from(syncml::value_item(mo::serialize_uri(at), here.format, here.type, text, as));
    syncml::item names{.source = syncml::location{mo::serialize_uri(at), {}}, .about = syncml::meta{.format = "node"}};
    names.about->type = here.type;
    names.data = text;
    return names;
}

/// ?list=Struct and StructData: an item for each node that the server may get.
void describe(const mo::node& root, const mo::uri& at, const mo::node& here, const std::string& server, bool with_data,
              syncml::encoding as, std::vector<syncml::item>& read) {
    if (!mo::effective_acl(root, at).allows(mo::access::get, server)) return;
    if (here.is_leaf() && with_data) {
        read.push_back(value_of(at, here, here.value.value_or(""), as));
    } else {
        syncml::item told{.source = syncml::location{mo::serialize_uri(at), {}}};
        told.about = syncml::meta{.format = std::string(mo::to_string(here.format)), .type = here.type};
        read.push_back(std::move(told));
    }
    for (const auto& child : here.children) describe(root, at / child.name, child, server, with_data, as, read);
}

/// The subtree without what the server may not get.
mo::node visible(const mo::node& root, const mo::uri& at, const mo::node& here, const std::string& server,
                 bool values) {
    auto out = here;
    out.children.clear();
    if (!values) out.value.reset();
    for (const auto& child : here.children) {
        if (mo::effective_acl(root, at / child.name).allows(mo::access::get, server))
            out.children.push_back(visible(root, at / child.name, child, server, values));
    }
    return out;
}

struct filter {
    mo::tnds_properties properties{.size = false};
    bool values = true;
};

/// What follows "TNDS": nothing, "+Value+ACL" (these alone), or "-ACL" (all but these); the two are not mixed.
std::optional<filter> filter_of(std::string_view text) {
    filter out;
    if (text.empty()) return out;
    const char sign = text.front();
    if (sign != '+' && sign != '-') return std::nullopt;
    const bool only = sign == '+';
    if (only) out = {.properties = {.acl = false, .title = false, .tstamp = false, .ver_no = false}, .values = false};
    while (!text.empty()) {
        if (text.front() != sign) return std::nullopt;
        text.remove_prefix(1);
        const auto name = text.substr(0, text.find_first_of("+-"));
        text.remove_prefix(name.size());
        if (name == "ACL")
            out.properties.acl = only;
        else if (name == "Title")
            out.properties.title = only;
        else if (name == "TStamp")
            out.properties.tstamp = only;
        else if (name == "VerNo")
            out.properties.ver_no = only;
        else if (name == "Size")
            out.properties.size = only;
        else if (name == "Value")
            out.values = only;
        else if (name != "Format" && name != "Name" && name != "Type")
            return std::nullopt;
    }
    return out;
}

std::optional<syncml::item> document_item(const mo::tnds_document& document, const mo::tnds_properties& which,
                                          std::string at, syncml::encoding as) {
    syncml::item out{.source = syncml::location{std::move(at), {}}, .about = syncml::meta{.format = "xml"}};
    if (as == syncml::encoding::wbxml) {
        const auto octets = mo::serialize_tnds_wbxml(document, which);
        if (!octets) return std::nullopt;
        out.about->type = mo::type_tnds_wbxml;
        out.data = std::string(wire::as_text(octets.value()));
        out.opaque = true;
    } else {
        auto text = mo::serialize_tnds_xml(document, which);
        if (!text) return std::nullopt;
        out.about->type = mo::type_tnds_xml;
        out.data = std::move(text).value();
    }
    return out;
}

}  // namespace

dm_status dm_tree::get(const syncml::item& i, syncml::encoding as, std::vector<syncml::item>& read) const {
    const auto at = address(i.target);
    if (!at) return mo::status_for(at.error());
    const auto& [node, prop, list_of] = at.value();
    static const mo::uri inbox{{"Inbox"}};
    if (node.is_within(inbox) && prop.empty()) return dm_status::command_not_allowed;
    const auto* here = mo::find(root_, node);
    if (here == nullptr) return dm_status::not_found;
    if (!list_of.empty()) return list(at.value(), as, read);
    const mo::editing who{.server = settings_.server};
    if (!prop.empty()) {
        auto told = mo::get_property(root_, node, prop, who);
        if (!told) return mo::status_for(told.error());
        read.push_back(from(syncml::value_item(mo::serialize_target(at.value()), mo::node_format::chr, "text/plain",
                                               told.value(), as)));
        return dm_status::ok;
    }
    const auto told = mo::get(root_, node, who);
    if (!told) return mo::status_for(told.error());
    if (auto not_here = forbidden(node, mo::ddf::command::get)) return *not_here;
    read.push_back(value_of(node, *here, told.value(), as));
    return dm_status::ok;
}

dm_status dm_tree::list(const mo::target& at, syncml::encoding as, std::vector<syncml::item>& read) const {
    const auto& here = *mo::find(root_, at.node);
    if (!may(at.node, mo::access::get)) return dm_status::permission_denied;
    if (at.list == "Struct" || at.list == "StructData") {
        describe(root_, at.node, here, settings_.server, at.list == "StructData", as, read);
        return dm_status::ok;
    }
    if (!at.list.starts_with("TNDS")) return dm_status::optional_feature_not_supported;
    const auto which = filter_of(std::string_view(at.list).substr(4));
    if (!which) return dm_status::optional_feature_not_supported;
    mo::tnds_document document;
    auto top = visible(root_, at.node, here, settings_.server, which->values);
    if (at.node.is_root()) {  // a document cannot say the root: its children stand for it
        for (auto& child : top.children) document.nodes.push_back({mo::uri{}, std::move(child)});
    } else {
        document.nodes.push_back({at.node.parent(), std::move(top)});
    }
    auto item = document_item(document, which->properties, mo::serialize_uri(at.node), as);
    if (!item) return dm_status::command_failed;
    read.push_back(*std::move(item));
    return dm_status::ok;
}

}  // namespace ota::sandbox
