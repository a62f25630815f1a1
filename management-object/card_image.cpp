#include "management-object/card_image.hpp"

#include "management-object/control_file.hpp"
#include "management-object/tlv_layout.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

/// What a card keeps of a tree: everything but sizes, which follow.
constexpr tnds_properties kept{};

tnds_document document_of(const node& top, const uri& at) {
    tnds_document out;
    out.nodes.push_back({.path = at.parent(), .top = top});
    if (!at.is_root()) out.nodes.front().top.name = at.name();
    return out;
}

wire::result<wire::octets> padded(wire::octets octets, std::size_t size) {
    if (octets.size() > size) return dm_status::device_full;
    octets.resize(size, 0xFF);
    return octets;
}

/// The forms in order of preference.
wire::result<wire::octets> new_layout(const tnds_document& document, const image_form& form) {
    constexpr slot_sizes tight{.least = 1, .slack = 0, .round = 1};
    if (form.layout == image_layout::slotted) {
        for (const auto& sizes : {form.slots, tight}) {
            OTA_TRY(auto octets, serialize_tnds_slotted(document, kept, sizes));
            if (octets.size() <= form.size) return padded(std::move(octets), form.size);
        }
    }
    OTA_TRY(auto octets, serialize_tnds_wbxml(document, kept));
    return padded(std::move(octets), form.size);
}

wire::result<void> change_subtree(node& root, const node_change& change, const editing& how) {
    auto below = *change.subtree;
    if (change.what == node_change::verb::add) return add(root, change.at, std::move(below), how);
    if (find(root, change.at) == nullptr) return dm_status::not_found;
    // Delete and Add in one, in the place that it has.
    const auto siblings = [&]() -> std::vector<node>& { return find(root, change.at.parent())->children; };
    const auto index =
        change.at.is_root() ? 0 : std::ranges::find(siblings(), change.at.name(), &node::name) - siblings().begin();
    OTA_TRY(remove(root, change.at, how));
    OTA_TRY(add(root, change.at, std::move(below), how));
    std::rotate(siblings().begin() + index, siblings().end() - 1, siblings().end());
    return success();
}

wire::result<void> apply_below(node& root, const node_change& change, const editing& how) {
    using verb = node_change::verb;
    switch (change.what) {
        case verb::remove: return remove(root, change.at, how);
        case verb::copy: return copy(root, change.from, change.at, how);
        case verb::add:
        case verb::replace: break;
    }
    if (change.subtree) return change_subtree(root, change, how);
    if (change.what == verb::replace) return replace(root, change.at, change.value, how);
    node added{.format = change.format, .type = change.type};
    if (added.is_leaf()) added.value = change.value;
    if (added.is_leaf() && added.type.empty()) added.type = "text/plain";
    return add(root, change.at, std::move(added), how);
}

uri below(const uri& object, const uri& relative) {
    auto out = object;
    out.segments.insert(out.segments.end(), relative.segments.begin(), relative.segments.end());
    return out;
}

/// A tree with nothing but the nodes around the object, and the object itself.
node tree_around(const std::optional<node>& top, const uri& object) {
    auto root = empty_tree();
    auto* here = &root;
    for (std::size_t i = 0; i + 1 < object.segments.size(); ++i)
        here = &here->children.emplace_back(interior(object.segments[i]));
    if (top) here->children.push_back(*top);
    return root;
}

}  // namespace

wire::octets empty_image(std::size_t size) { return wire::octets(size, 0xFF); }

wire::result<wire::octets> make_image(const node& top, const uri& at, const image_form& form) {
    if (form.layout == image_layout::ber_tlv) return make_tlv_image(top, at, form.size);
    return new_layout(document_of(top, at), form);
}

wire::result<std::optional<placed_node>> read_image(wire::octet_view image) {
    const auto used = image.first(used_length(image));
    if (used.empty()) return std::optional<placed_node>();
    if (used.front() >= frame_tag) return read_tlv_image(image);  // WBXML begins with its version, 01 to 03
    OTA_TRY(auto document, parse_tnds_wbxml(used));
    if (document.nodes.size() != 1) return document_errc::other_structure;
    return std::optional(std::move(document.nodes.front()));
}

wire::result<void> apply(std::optional<node>& top, const node_change& change, const uri& object, const editing& how) {
    auto whole = change;
    whole.at = below(object, change.at);
    whole.from = below(object, change.from);
    const bool makes_whole =
        change.what == node_change::verb::replace && change.at.is_root() && change.subtree.has_value() && !top;
    if (makes_whole) whole.what = node_change::verb::add;
    auto root = tree_around(top, object);
    OTA_TRY(apply_below(root, whole, how));
    const auto* left = find(std::as_const(root), object);
    if (left == nullptr) {
        top.reset();
    } else {
        top = *left;
    }
    return success();
}

wire::result<wire::octets> replace_image(wire::octet_view image, const node& top, const uri& object,
                                         const image_form& form) {
    if (form.layout == image_layout::ber_tlv) return make_tlv_image(top, object, form.size, image);
    const auto document = document_of(top, object);
    const auto used = image.first(used_length(image));
    if (form.layout == image_layout::slotted && used.size() <= form.size && !used.empty()) {
        auto updated = update_tnds_slotted(used, document, kept);
        if (updated) return padded(std::move(updated).value(), form.size);
    }
    return new_layout(document, form);
}

wire::result<wire::octets> change_image(wire::octet_view image, const node_change& change, const uri& object,
                                        const image_form& form, const editing& how) {
    OTA_TRY(auto placed, read_image(image));
    std::optional<node> top;
    if (placed) top = std::move(placed->top);
    OTA_TRY(apply(top, change, object, how));
    if (!top) return empty_image(form.size);
    return replace_image(image, *top, object, form);
}

wire::result<std::string> get_from_image(wire::octet_view image, const uri& relative, const editing& how) {
    OTA_TRY(auto placed, read_image(image));
    if (!placed) return dm_status::not_found;
    return get(placed->top, relative, how);
}

}  // namespace ota::management_object
