#include "management-object/tree.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

bool allowed(const node& root, const uri& at, access a, const editing& who) {
    return who.server.empty() || effective_acl(root, at).allows(a, who.server);
}

void touch(node& changed, const editing& when) {
    if (changed.ver_no) ++*changed.ver_no;  // wraps from FFFF to 0000 [DM TND 1.2]
    if (!when.tstamp.empty()) changed.tstamp = when.tstamp;
}

/// Every name, format and value below is sound, and siblings have different names.
wire::result<void> check(const node& top) {
    if (!is_node_name(top.name)) return dm_status::bad_request;
    if (top.is_leaf()) {
        if (!top.children.empty()) return dm_status::bad_request;
        if (top.value && !is_value_of(top.format, *top.value)) return dm_status::unsupported_media_type_or_format;
    } else if (top.value) {
        return dm_status::unsupported_media_type_or_format;
    }
    if (name_twice(top.children)) return dm_status::already_exists;
    for (const auto& child : top.children) {
        OTA_TRY(check(child));
    }
    return success();
}

void stamp_all(node& top, const editing& when) {
    if (!when.tstamp.empty()) top.tstamp = when.tstamp;
    for (auto& child : top.children) stamp_all(child, when);
}

}  // namespace

node empty_tree() {
    node root{.name = "."};
    root.acl = default_acl();
    return root;
}

const node* find(const node& root, const uri& at) noexcept {
    const auto* here = &root;
    for (const auto& name : at.segments) {
        here = here->child(name);
        if (here == nullptr) return nullptr;
    }
    return here;
}

node* find(node& root, const uri& at) noexcept { return const_cast<node*>(find(std::as_const(root), at)); }

const access_control_list& effective_acl(const node& root, const uri& at) noexcept {
    static const auto unless_told = default_acl();
    const auto* nearest = root.acl.empty() ? &unless_told : &root.acl;
    const auto* here = &root;
    for (const auto& name : at.segments) {
        here = here->child(name);
        if (here == nullptr) break;
        if (!here->acl.empty()) nearest = &here->acl;
    }
    return *nearest;
}

wire::result<void> add(node& root, const uri& at, node added, const editing& how) {
    if (at.is_root()) return dm_status::already_exists;
    // The limits speak about addresses as they are written.
    if (!parse_uri(serialize_uri(at), how.limits)) return dm_status::uri_too_long;
    auto* parent = find(root, at.parent());
    if (parent == nullptr) return dm_status::not_found;
    if (!allowed(root, at.parent(), access::add, how)) return dm_status::permission_denied;
    if (parent->is_leaf()) return dm_status::command_not_allowed;
    if (parent->child(at.name()) != nullptr) return dm_status::already_exists;
    if (at.segments.size() + depth_of(added) > deepest_tree) return dm_status::uri_too_long;
    added.name = at.name();
    OTA_TRY(check(added));
    stamp_all(added, how);
    parent->children.push_back(std::move(added));
    return success();
}

wire::result<void> replace(node& root, const uri& at, std::string value, const editing& how) {
    auto* here = find(root, at);
    if (here == nullptr) return dm_status::not_found;
    if (!allowed(root, at, access::replace, how)) return dm_status::permission_denied;
    if (!here->is_leaf()) return dm_status::command_not_allowed;
    if (!is_value_of(here->format, value)) return dm_status::unsupported_media_type_or_format;
    here->value = std::move(value);
    touch(*here, how);
    return success();
}

wire::result<void> remove(node& root, const uri& at, const editing& how) {
    if (at.is_root()) return dm_status::command_not_allowed;
    if (find(root, at) == nullptr) return dm_status::not_found;
    if (!allowed(root, at, access::del, how)) return dm_status::permission_denied;
    std::erase_if(find(root, at.parent())->children, [&](const node& child) { return child.name == at.name(); });
    return success();
}

wire::result<void> copy(node& root, const uri& from, const uri& to, const editing& how) {
    const auto* source = find(root, from);
    if (source == nullptr) return dm_status::not_found;
    if (!allowed(root, from, access::get, how)) return dm_status::permission_denied;
    if (to.is_within(from)) return dm_status::command_not_allowed;
    return add(root, to, *source, how);
}

wire::result<std::string> get(const node& root, const uri& at, const editing& how) {
    const auto* here = find(root, at);
    if (here == nullptr) return dm_status::not_found;
    if (!allowed(root, at, access::get, how)) return dm_status::permission_denied;
    if (here->is_leaf()) return here->value.value_or("");
    std::string names;
    for (const auto& child : here->children) {
        if (&child != &here->children.front()) names += '/';
        names += child.name;
    }
    return names;
}

}  // namespace ota::management_object
