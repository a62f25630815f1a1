#include "gateway/cli/sandbox_objects.hpp"

#include "management-object/card_image.hpp"
#include "queue/base64.hpp"
#include "sandbox/device_pool.hpp"
#include "sandbox/peers.hpp"

#include <algorithm>

namespace ota::cli {

namespace mo = management_object;
using queue::operation;

namespace {

using tree = std::optional<mo::node>;

/// The command that an event is on the object; nothing for one that changes no state, or is not understood.
std::optional<mo::node_change> change_of(const queue::change_event& e, const std::string& object) {
    const auto below = [&](const std::string& uri) {
        return mo::parse_uri(uri.size() <= object.size() ? "." : "." + uri.substr(object.size()));
    };
    const auto at = below(e.node);
    if (!at || e.op == operation::get || e.op == operation::exec) return std::nullopt;
    mo::node_change out;
    out.at = at.value();
    out.what = e.op == operation::add       ? mo::node_change::verb::add
               : e.op == operation::replace ? mo::node_change::verb::replace
               : e.op == operation::copy    ? mo::node_change::verb::copy
                                            : mo::node_change::verb::remove;
    if (e.op == operation::copy) {
        const auto from = below(e.copy_from);
        if (!from) return std::nullopt;
        out.from = from.value();
    }
    out.format = mo::format_named(e.format).value_or(mo::node_format::chr);
    out.type = e.type;
    out.value = e.value.text;
    if (e.type == mo::type_tnds_xml) {
        auto document = mo::parse_tnds_xml(e.value.text);
        if (!document || document.value().nodes.size() != 1) return std::nullopt;
        out.subtree = std::move(document.value().nodes.front().top);
    } else if (out.format == mo::node_format::bin) {
        const auto octets = queue::from_base64(e.value.text);
        if (octets) out.value = wire::as_text(*octets);
    }
    return out;
}

/// The same names and values, whatever the order, rights and time stamps.
bool same(const mo::node& a, const mo::node& b) {
    if (a.format != b.format || a.value.value_or("") != b.value.value_or("") || a.children.size() != b.children.size())
        return false;
    return std::ranges::all_of(a.children, [&](const mo::node& child) {
        const auto* other = b.child(child.name);
        return other != nullptr && same(child, *other);
    });
}

tree read(const std::optional<wire::octets>& image) {
    auto placed = image ? mo::read_image(*image) : wire::result<std::optional<mo::placed_node>>(std::nullopt);
    if (!placed || !placed.value()) return std::nullopt;
    return std::move(placed.value()->top);
}

bool equal(const tree& a, const mo::node* b) { return a && b != nullptr ? same(*a, *b) : !a && b == nullptr; }

struct changed_object {
    const management_object_binding* object = nullptr;
    tree wanted;
    std::vector<const queue::change_event*> applied;
};

/// What the device of a card makes of an object, told for each change of it.
void compare_device(const sandbox::device_pool& pool, std::size_t card, const changed_object& o,
                    const std::string& name, bool told_of_changes, kind_outcome& out, sandbox_outcome& all) {
    const auto number = pool.device_of(card);
    if (!number) return;
    const auto at = mo::parse_uri(o.object->uri).value();
    const auto* held = mo::find(pool.find(*number)->tree(), at);
    const auto n = o.applied.size();
    const auto tells = [&] {  // it has an account, so that its next session tells
        if (mo::find(pool.find(*number)->tree(), mo::uri{{"DMAcc", "Operator"}}) != nullptr) out.expected += n;
    };
    const auto wrong = [&](const char* how) {
        out.wrong += n;
        all.wrong.push_back(name + ": the device " + how);
    };
    switch (pool.sight(*number, at)) {
        case sandbox::object_sight::held:
            if (!equal(o.wanted, held)) return wrong("holds something else");
            out.held += n;
            return tells();
        case sandbox::object_sight::refused:
            if (held != nullptr) return wrong("holds what its user refused");
            out.refused += n;
            return tells();
        case sandbox::object_sight::unanswered: out.unanswered += n; return;
        case sandbox::object_sight::unsupported:
            if (held != nullptr) return wrong("holds what it does not know");
            out.unsupported += n;
            return;
        case sandbox::object_sight::unseen:
            if (!o.wanted) return;
            if (told_of_changes) return wrong("has not seen it");
            out.unseen += n;
            return;
    }
}

}  // namespace

std::string kind_of(const card_profile& profile, const queue::change_event& e) {
    const auto* object = profile.find(e.node) == nullptr ? profile.find_object(e.node) : nullptr;
    if (object == nullptr) return "Files of the card";
    return object->label.empty() ? object->uri : object->label;
}

void compare_objects(sandbox::peers& peers, const std::vector<queue::change_event>& events,
                     const std::unordered_map<std::string, std::string>& state_by_id, sandbox_outcome& out) {
    const auto& profile = peers.profile();
    std::map<std::pair<std::size_t, std::string>, changed_object> objects;
    for (const auto& e : events) {
        const auto* object = profile.find(e.node) == nullptr ? profile.find_object(e.node) : nullptr;
        const auto state = state_by_id.find(e.id);
        const auto card = peers.who().find_iccid(e.subject);
        if (object == nullptr || !card || state == state_by_id.end() || state->second != "applied") continue;
        const auto change = change_of(e, object->uri);
        if (!change) continue;
        auto& one = objects[{*card, object->uri}];
        if (one.object == nullptr) one = {object, read(object->factory_image), {}};
        one.applied.push_back(&e);
        (void)mo::apply(one.wanted, *change, mo::parse_uri(object->uri).value());
    }
    const bool told = profile.refresh != refresh_policy::none;
    for (const auto& [where, one] : objects) {
        const auto name = one.applied.back()->subject + " " + where.second;
        auto& kind = out.by_kind[kind_of(profile, *one.applied.back())];
        ++out.objects_compared;
        const auto on_card = read(peers.content(where.first, where.second));
        if (!equal(one.wanted, on_card ? &*on_card : nullptr)) {
            ++out.objects_wrong;
            out.wrong.push_back(name + ": the card holds something else");
        }
        peers.with_devices(
            [&](sandbox::device_pool& pool, auto) { compare_device(pool, where.first, one, name, told, kind, out); });
    }
}

}  // namespace ota::cli
