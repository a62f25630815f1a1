#include "sandbox/device/object_place.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace mo = management_object;

namespace {

/// Title of the interior nodes that only lead to objects of a card: so they are known again.
constexpr std::string_view made_for_card = "Objects of the card";
/// A server identifier that no server has: a list that is not empty and opens to nobody.
constexpr std::string_view nobody = "nobody.invalid";

void hide(mo::node& here, const mo::access_control_list& list) {
    for (auto& child : here.children) {
        if (child.is_leaf() && is_secret_name(child.name)) child.acl = list;
        hide(child, list);
    }
}

}  // namespace

bool is_secret_name(std::string_view name) noexcept {
    return name == "AAuthSecret" || name == "AAuthData" || name == "AuthSecret";
}

bool may_stand(const mo::node& root, const mo::uri& at, bool ours) {
    if (at.is_root()) return false;
    const auto* here = &root;
    for (std::size_t i = 0; i + 1 < at.segments.size(); ++i) {
        here = here->child(at.segments[i]);
        if (here == nullptr) return true;
        if (here->is_leaf() || !here->type.empty()) return false;
    }
    return ours || here->child(at.name()) == nullptr;
}

wire::result<void> put_object(mo::node& root, const mo::uri& at, mo::node top) {
    mo::uri above;
    std::vector<mo::uri> made;
    const auto undo = [&] {
        if (!made.empty()) (void)mo::remove(root, made.front());
    };
    for (std::size_t i = 0; i + 1 < at.segments.size(); ++i) {
        above = above / at.segments[i];
        if (mo::find(root, above) != nullptr) continue;
        auto leads = mo::interior(at.segments[i]);
        leads.title = made_for_card;
        if (const auto added = mo::add(root, above, std::move(leads)); !added) {
            undo();
            return added.error();
        }
        made.push_back(above);
    }
    top.name = std::string(at.name());
    auto* before = mo::find(root, at);
    if (before != nullptr) {
        *before = std::move(top);
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    auto added = mo::add(root, at, std::move(top));
    if (!added) undo();
    return added;
}

void take_away(mo::node& root, const mo::uri& at) {
    (void)mo::remove(root, at);
    for (auto above = at.parent(); !above.is_root(); above = above.parent()) {
        const auto* here = mo::find(root, above);
        if (here == nullptr || here->title != made_for_card || !here->children.empty()) return;
        (void)mo::remove(root, above);
    }
}

void grant(mo::node& top, const std::vector<std::string>& servers, bool has_own_list) {
    mo::access_control_list own, secret;
    own.allow(mo::access::get, "*");
    for (const auto& server : servers) {
        for (const auto a : {mo::access::add, mo::access::del, mo::access::exec, mo::access::replace})
            own.allow(a, server);
        secret.allow(mo::access::replace, server);
    }
    if (servers.empty()) secret.allow(mo::access::replace, std::string(nobody));
    if (!has_own_list) top.acl = own;
    hide(top, secret);
}

}  // namespace ota::sandbox
