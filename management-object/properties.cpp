#include "management-object/element.hpp"
#include "management-object/tree.hpp"

namespace ota::management_object {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

constexpr std::size_t longest_title = 255;  // octets [DM TND 1.2]

bool may_replace(const node& root, const uri& at, const editing& who) {
    return who.server.empty() || effective_acl(root, at).allows(access::replace, who.server);
}

/// [DM TND 1.2] The list of an interior node is changed by whoever may replace it or its parent; a leaf's own
/// list never grants changing itself.
bool may_replace_acl(const node& root, const uri& at, const node& here, const editing& who) {
    if (may_replace(root, at.parent(), who) && !at.is_root()) return true;
    return !here.is_leaf() && may_replace(root, at, who);
}

wire::result<void> rename(node& root, const uri& at, std::string_view name) {
    if (at.is_root()) return dm_status::command_not_allowed;
    if (!is_node_name(name)) return dm_status::bad_request;
    auto* parent = find(root, at.parent());
    if (name != at.name() && parent->child(name) != nullptr) return dm_status::already_exists;
    parent->child(at.name())->name = name;
    return success();
}

}  // namespace

wire::result<std::string> get_property(const node& root, const uri& at, std::string_view prop, const editing& how) {
    const auto* here = find(root, at);
    if (here == nullptr) return dm_status::not_found;
    if (!how.server.empty() && !effective_acl(root, at).allows(access::get, how.server))
        return dm_status::permission_denied;
    if (prop == "ACL") return serialize_acl(here->acl);  // what the node itself says, never what it inherits
    if (prop == "Format") return std::string(to_string(here->format));
    if (prop == "Name") return here->name;
    if (prop == "Type") return here->type;
    if (prop == "Title") return here->title;
    if (prop == "TStamp" && !here->tstamp.empty()) return here->tstamp;
    if (prop == "VerNo" && here->ver_no) return std::to_string(*here->ver_no);
    if (prop == "Size" && here->is_leaf()) return std::to_string(here->value.value_or("").size());
    return dm_status::optional_feature_not_supported;
}

wire::result<void> replace_property(node& root, const uri& at, std::string_view prop, std::string_view value,
                                    const editing& how) {
    auto* here = find(root, at);
    if (here == nullptr) return dm_status::not_found;
    if (prop == "ACL") {
        if (!may_replace_acl(root, at, *here, how)) return dm_status::permission_denied;
        auto list = parse_acl(value);
        if (!list) return dm_status::bad_request;
        if (at.is_root() && list.value().empty()) return dm_status::command_not_allowed;  // the root always has one
        here->acl = std::move(list).value();
        return success();
    }
    if (prop != "Name" && prop != "Title") {
        const bool known = prop == "Format" || prop == "Type" || prop == "TStamp" || prop == "VerNo" || prop == "Size";
        return known ? dm_status::command_not_allowed : dm_status::optional_feature_not_supported;
    }
    if (!may_replace(root, at, how)) return dm_status::permission_denied;
    if (prop == "Name") return rename(root, at, value);
    if (value.size() > longest_title || !is_xml_text(value)) return dm_status::bad_request;
    here->title = value;
    return success();
}

}  // namespace ota::management_object
