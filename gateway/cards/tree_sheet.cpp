#include "gateway/cards/tree_sheet.hpp"

#include "gateway/cards/json.hpp"
#include "gateway/cards/show.hpp"
#include "gateway/profile/object_files.hpp"
#include "management-object/card_image.hpp"

#include <map>

namespace ota::cards {

namespace {

namespace mo = management_object;

/// A leaf of a management object, as it should be and as the card has confirmed it.
struct leaf_sheet {
    const mo::node* desired = nullptr;
    const mo::node* reported = nullptr;
    bool secret = false;
};
using leaves = std::map<std::string, leaf_sheet>;

void collect(const mo::node& at, const mo::uri& relative, const management_object_binding& object,
             const mo::node* leaf_sheet::*which, leaves& into) {
    if (at.is_leaf()) {
        auto& leaf = into[object.uri + mo::serialize_uri(relative).substr(1)];
        leaf.*which = &at;
        leaf.secret = is_secret(object, relative);
        return;
    }
    for (const auto& child : at.children) collect(child, relative / child.name, object, which, into);
}

bool is_text(mo::node_format format) noexcept {
    return format != mo::node_format::bin && format != mo::node_format::b64;
}

void put_leaf(json_writer& j, std::string_view name, const mo::node* leaf, bool hidden) {
    if (leaf == nullptr) return;
    const std::string value = leaf->value.value_or("");
    j.name(name)
        .open('{')
        .text("format", mo::to_string(leaf->format))
        .number("size", static_cast<std::int64_t>(value.size()));
    if (!hidden) {
        if (is_text(leaf->format))
            j.text("value", value);
        else
            j.text("hex", wire::to_hex(wire::as_octets(value)));
    }
    j.close('}');
}

void put_leaves(json_writer& j, const flow::node_state& n, const management_object_binding& object, bool with_secrets) {
    const auto none = [] { return wire::result<std::optional<mo::placed_node>>(std::optional<mo::placed_node>()); };
    const auto desired = n.wanted ? mo::read_image(n.desired) : none();
    const auto reported = n.confirmed ? mo::read_image(n.reported) : none();
    leaves all;
    if (desired && desired.value()) collect(desired.value()->top, {}, object, &leaf_sheet::desired, all);
    if (reported && reported.value()) collect(reported.value()->top, {}, object, &leaf_sheet::reported, all);
    j.name("leaves").open('[');
    for (const auto& [uri, leaf] : all) {
        j.open('{').text("uri", uri);
        if (leaf.secret) j.flag("secret", true);
        put_leaf(j, "desired", leaf.desired, leaf.secret && !with_secrets);
        put_leaf(j, "reported", leaf.reported, leaf.secret && !with_secrets);
        j.close('}');
    }
    j.close(']');
}

void put_octets(json_writer& j, const flow::node_state& n) {
    j.name("value").open('{');
    if (n.wanted) j.text("desired", wire::to_hex(n.desired));
    if (n.confirmed) j.text("reported", wire::to_hex(n.reported));
    j.close('}');
}

}  // namespace

wire::result<std::string> serialize_tree(const desk& d, const std::string& iccid, bool with_secrets) {
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(const auto card, take_card(*tx, d, iccid));
    tx.reset();
    json_writer j;
    j.open('{').name("items").open('[');
    for (const auto& n : card.state.nodes) {
        j.open('{');
        put_node(j, sheet_of(n));
        const auto* object = card.profile == nullptr ? nullptr : card.profile->object(n.uri);
        if (object != nullptr)
            put_leaves(j, n, *object, with_secrets);
        else if (!n.secret || with_secrets)
            put_octets(j, n);
        j.close('}');
    }
    return j.close(']').close('}').str();
}

}  // namespace ota::cards
