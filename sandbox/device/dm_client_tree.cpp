#include "sandbox/device/dm_client_tree.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace mo = management_object;
namespace syncml = management_object::dm;
using mo::dm_status;

namespace {

const mo::uri inbox{{"Inbox"}};

std::size_t octets_in(const mo::node& top) {
    std::size_t sum = top.value.value_or("").size();
    for (const auto& child : top.children) sum += octets_in(child);
    return sum;
}

dm_status outcome_of(const wire::result<void>& done) { return done ? dm_status::ok : mo::status_for(done.error()); }

}  // namespace

void dm_tree::go_back(memory m) {
    root_ = std::move(m.tree);
    changes_.resize(m.changes);
}

wire::result<mo::target> dm_tree::address(const std::optional<syncml::location>& where) const {
    if (!where || where->loc_uri.empty()) return dm_status::incomplete_command;
    auto at = mo::parse_target(where->loc_uri, settings_.limits);
    if (at) return at;
    // Too long for this device, or no address at all.
    return mo::parse_target(where->loc_uri) ? dm_status::uri_too_long : dm_status::bad_request;
}

bool dm_tree::may(const mo::uri& at, mo::access a) const {
    return mo::effective_acl(root_, at).allows(a, settings_.server);
}

std::optional<dm_status> dm_tree::forbidden(const mo::uri& at, mo::ddf::command c) const {
    return settings_.forbids ? settings_.forbids(at, c) : std::nullopt;
}

bool dm_tree::has_room_for(std::size_t octets) const { return octets_in(root_) + octets <= settings_.capacity; }

dm_status dm_tree::done(syncml::verb what, const mo::uri& at) {
    changes_.push_back({what, at});
    return dm_status::ok;
}

dm_item_outcome dm_tree::run(const syncml::operation& o, const syncml::item& i, syncml::encoding as) {
    now_ = settings_.tstamp ? settings_.tstamp() : std::string();
    dm_item_outcome out;
    const auto code = [&](dm_status s) { out.code = static_cast<std::uint16_t>(s); };
    switch (o.what) {
        case syncml::verb::get: code(get(i, as, out.read)); break;
        case syncml::verb::add: code(add(o, i)); break;
        case syncml::verb::replace: code(replace(o, i)); break;
        case syncml::verb::del: code(remove(i)); break;
        case syncml::verb::copy: code(copy(i)); break;
        case syncml::verb::exec: out.code = exec(o, i); break;
    }
    return out;
}

/// A whole subtree. The document's only node takes the target's name; under ./Inbox, and when there are several, each
/// stands where its Path says [DM TND 1.2, 9; DM Bootstrap 1.2].
dm_status dm_tree::add_document(const mo::target& at, const syncml::item& i) {
    auto document = syncml::tnds_of(i);
    if (!document) return dm_status::unsupported_media_type_or_format;
    auto& nodes = document.value().nodes;
    std::size_t octets = 0;
    for (const auto& each : nodes) octets += octets_in(each.top);
    if (!has_room_for(octets)) return dm_status::device_full;
    const bool placed = at.node.is_within(inbox) || nodes.size() > 1;
    if (placed && at.node.is_within(inbox) && !may(inbox, mo::access::add)) return dm_status::permission_denied;
    auto before = remember();
    for (auto& each : nodes) {
        const auto where = placed ? each.path.value_or(mo::uri{}) / each.top.name : at.node;
        if (auto not_here = forbidden(where, mo::ddf::command::add)) {
            go_back(std::move(before));
            return *not_here;
        }
        const mo::editing how{.server = settings_.server, .tstamp = now_, .limits = settings_.limits};
        if (const auto added = mo::add(root_, where, std::move(each.top), how); !added) {
            go_back(std::move(before));
            return mo::status_for(added.error());
        }
        (void)done(syncml::verb::add, where);
    }
    return dm_status::ok;
}

dm_status dm_tree::add(const syncml::operation& o, const syncml::item& i) {
    const auto at = address(i.target);
    if (!at) return mo::status_for(at.error());
    const auto& node = at.value().node;
    if (!at.value().prop.empty() || !at.value().list.empty()) return dm_status::command_not_allowed;
    if (syncml::is_tnds(i, o.about)) return add_document(at.value(), i);
    if (auto not_here = forbidden(node, mo::ddf::command::add)) return *not_here;
    mo::node added{.format = syncml::format_of(i, o.about), .type = syncml::type_of(i, o.about)};
    if (added.format == mo::node_format::node) {
        const bool told = (i.about && !i.about->type.empty()) || (o.about && !o.about->type.empty());
        if (!told) added.type.clear();
        if (i.data && !i.data->empty()) return dm_status::bad_request;
    } else {
        auto value = syncml::value_of(i, o.about);
        if (!value) return dm_status::unsupported_media_type_or_format;
        added.value = std::move(value).value();
    }
    if (!has_room_for(octets_in(added))) return dm_status::device_full;
    const mo::editing how{.server = settings_.server, .tstamp = now_, .limits = settings_.limits};
    const auto code = outcome_of(mo::add(root_, node, std::move(added), how));
    return code == dm_status::ok ? done(syncml::verb::add, node) : code;
}

dm_status dm_tree::replace(const syncml::operation& o, const syncml::item& i) {
    const auto at = address(i.target);
    if (!at) return mo::status_for(at.error());
    const auto& [node, prop, list] = at.value();
    if (!list.empty()) return dm_status::command_not_allowed;
    if (auto not_here = forbidden(node, mo::ddf::command::replace)) return *not_here;
    const mo::editing how{.server = settings_.server, .tstamp = now_, .limits = settings_.limits};
    if (!prop.empty()) {
        const auto code = outcome_of(mo::replace_property(root_, node, prop, i.data.value_or(""), how));
        return code == dm_status::ok ? done(syncml::verb::replace, node) : code;
    }
    const auto* here = mo::find(root_, node);
    if (here == nullptr) return dm_status::not_found;
    if (syncml::is_tnds(i, o.about)) {
        if (!may(node, mo::access::replace)) return dm_status::permission_denied;
        auto before = remember();
        (void)mo::remove(root_, node);
        const auto code = add_document(at.value(), i);
        if (code != dm_status::ok) go_back(std::move(before));
        return code;
    }
    const bool told = (i.about && !i.about->format.empty()) || (o.about && !o.about->format.empty());
    if (told && here->is_leaf() && syncml::format_of(i, o.about) != here->format)
        return dm_status::unsupported_media_type_or_format;
    auto value = told ? syncml::value_of(i, o.about) : wire::result<std::string>(i.data.value_or(""));
    if (!value) return dm_status::unsupported_media_type_or_format;
    const auto was = here->value.value_or("").size();
    if (value.value().size() > was && !has_room_for(value.value().size() - was)) return dm_status::device_full;
    const auto code = outcome_of(mo::replace(root_, node, std::move(value).value(), how));
    return code == dm_status::ok ? done(syncml::verb::replace, node) : code;
}

dm_status dm_tree::remove(const syncml::item& i) {
    const auto at = address(i.target);
    if (!at) return mo::status_for(at.error());
    const auto& node = at.value().node;
    if (!at.value().prop.empty() || !at.value().list.empty()) return dm_status::command_not_allowed;
    if (auto not_here = forbidden(node, mo::ddf::command::del)) return *not_here;
    const auto code = outcome_of(mo::remove(root_, node, {.server = settings_.server}));
    return code == dm_status::ok ? done(syncml::verb::del, node) : code;
}

dm_status dm_tree::copy(const syncml::item& i) {
    const auto to = address(i.target);
    if (!to) return mo::status_for(to.error());
    const auto from = address(i.source);
    if (!from) return mo::status_for(from.error());
    const auto& [from_node, from_prop, from_list] = from.value();
    const auto& [to_node, to_prop, to_list] = to.value();
    if (!from_prop.empty() || !from_list.empty() || !to_prop.empty() || !to_list.empty())
        return dm_status::command_not_allowed;
    if (auto not_here = forbidden(to_node, mo::ddf::command::add)) return *not_here;
    const auto* source = mo::find(root_, from_node);
    if (source != nullptr && !has_room_for(octets_in(*source))) return dm_status::device_full;
    const mo::editing how{.server = settings_.server, .tstamp = now_, .limits = settings_.limits};
    const auto code = outcome_of(mo::copy(root_, from_node, to_node, how));
    return code == dm_status::ok ? done(syncml::verb::copy, to_node) : code;
}

std::uint16_t dm_tree::exec(const syncml::operation& o, const syncml::item& i) {
    const auto code = [](dm_status s) { return static_cast<std::uint16_t>(s); };
    const auto at = address(i.target);
    if (!at) return code(mo::status_for(at.error()));
    const auto& node = at.value().node;
    if (mo::find(root_, node) == nullptr) return code(dm_status::not_found);
    if (!may(node, mo::access::exec)) return code(dm_status::permission_denied);
    if (auto not_here = forbidden(node, mo::ddf::command::exec)) return code(*not_here);
    if (!settings_.exec) return code(dm_status::command_not_allowed);
    return settings_.exec(node, o.correlator, i.data.value_or(""));
}

}  // namespace ota::sandbox
