#include "gateway/sessions/comparison.hpp"

#include "gateway/profile/object_files.hpp"
#include "management-object/card_image.hpp"

#include <algorithm>

namespace ota::sessions {

namespace mo = management_object;

namespace {

void strip(const management_object_binding& object, mo::node& at, const mo::uri& where) {
    std::erase_if(at.children,
                  [&](const mo::node& child) { return child.is_leaf() && is_secret(object, where / child.name); });
    for (auto& child : at.children) strip(object, child, where / child.name);
}

bool same(const management_object_binding& object, const mo::node& ours, const mo::node& theirs, const mo::uri& where) {
    if (ours.is_leaf() != theirs.is_leaf()) return false;
    if (ours.is_leaf()) return ours.value.value_or("") == theirs.value.value_or("");
    for (const auto& child : theirs.children) {
        const bool secret = child.is_leaf() && is_secret(object, where / child.name);
        if (!secret && ours.child(child.name) == nullptr) return false;
    }
    return std::ranges::all_of(ours.children, [&](const mo::node& child) {
        const auto* other = theirs.child(child.name);
        return other != nullptr && same(object, child, *other, where / child.name);
    });
}

void collect(const mo::node& at, const mo::uri& where, std::vector<leaf_value>& out) {
    if (at.is_leaf()) out.push_back({mo::serialize_uri(where), at.value.value_or("")});
    for (const auto& child : at.children) collect(child, where / child.name, out);
}

}  // namespace

std::optional<mo::node> tellable(const management_object_binding& object, wire::octet_view image) {
    auto read = mo::read_image(image);
    if (!read || !read.value()) return std::nullopt;
    auto top = std::move(read.value()->top);
    strip(object, top, {});
    return top;
}

bool agrees(const management_object_binding& object, const mo::node& on_card, const mo::node& at_device) {
    return same(object, on_card, at_device, {});
}

std::vector<leaf_value> leaves(const management_object_binding& object, const mo::node& on_card) {
    std::vector<leaf_value> out;
    if (const auto at = mo::parse_uri(object.uri)) collect(on_card, at.value(), out);
    return out;
}

}  // namespace ota::sessions
