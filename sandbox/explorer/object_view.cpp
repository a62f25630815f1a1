#include "sandbox/explorer/object_view.hpp"

#include "gateway/profile/object_files.hpp"
#include "management-object/card_image.hpp"
#include "sandbox/device/object_place.hpp"
#include "sandbox/explorer/printed_text.hpp"

#include <functional>

namespace ota::sandbox {

namespace mo = management_object;

namespace {

using lines = std::vector<std::vector<std::string>>;
/// Of a node, relative to the object's own.
using secrecy = std::function<bool(const mo::uri& relative)>;

secrecy secrecy_of(const mo::placed_node& placed, const card_profile& profile) {
    const auto* binding = profile.object(mo::serialize_uri(address_of(placed)));
    return [binding](const mo::uri& relative) {
        return is_secret_name(relative.name()) || (binding != nullptr && is_secret(*binding, relative));
    };
}

std::string value_of(const mo::node& n) {
    if (!n.is_leaf()) return printable(n.type);
    if (!n.value) return {};
    const bool octets = n.format == mo::node_format::bin || n.format == mo::node_format::b64;
    return octets ? wire::to_hex(wire::as_octets(*n.value)) : printable(*n.value);
}

void add_lines(lines& out, const mo::node& n, const mo::uri& relative, const std::string& name, const secrecy& secret) {
    const bool masked = n.is_leaf() && secret(relative);
    const auto acl = n.acl.empty() ? std::string() : "ACL " + printable(mo::serialize_acl(n.acl));
    out.push_back({std::string(2 * relative.segments.size(), ' ') + name, std::string(mo::to_string(n.format)),
                   masked ? "(secret)" : value_of(n), acl});
    for (const auto& child : n.children) add_lines(out, child, relative / child.name, printable(child.name), secret);
}

void strip(mo::node& n, const mo::uri& relative, const secrecy& secret) {
    if (n.is_leaf() && secret(relative)) n.value.reset();
    for (auto& child : n.children) strip(child, relative / child.name, secret);
}

std::string state_of(const object_on_card& o) {
    if (o.doubtful) return "in doubt: the control file is torn";
    if (!o.image) return o.entry.is_private ? "not read: wants the PIN" : "not read: gone or deactivated";
    if (!o.whole()) return "torn: not what the control file says";
    return o.control ? "whole" : "not in the control file";
}

std::string address_text(const object_on_card& o) {
    if (!o.image) return "?";
    const auto placed = mo::read_image(*o.image);
    if (!placed) return "unreadable";
    return placed.value() ? printable(mo::serialize_uri(address_of(*placed.value()))) : "(empty)";
}

}  // namespace

mo::uri address_of(const mo::placed_node& placed) { return placed.path.value_or(mo::uri{}) / placed.top.name; }

std::string tree_of(const mo::placed_node& placed, const card_profile& profile) {
    lines out;
    add_lines(out, placed.top, {}, printable(mo::serialize_uri(address_of(placed))), secrecy_of(placed, profile));
    return columns(out);
}

wire::result<std::string> xml_of(mo::placed_node placed, const card_profile& profile) {
    strip(placed.top, {}, secrecy_of(placed, profile));
    mo::tnds_document document;
    document.nodes.push_back(std::move(placed));
    return mo::serialize_tnds_xml(document);
}

std::string flags_of(const object_on_card& o) {
    std::string out;
    const auto add = [&](bool on, std::string_view what) {
        if (on) out += (out.empty() ? "" : ", ") + std::string(what);
    };
    add(o.entry.user_consent.has_value() || (o.control && o.control->ask), "ask");
    add(o.control && o.control->autonomous, "autonomous");
    add(o.control && o.control->secret, "secret");
    add(o.entry.is_private, "PIN");
    add(o.control && !o.control->active, "inactive");
    return out.empty() ? "-" : out;
}

std::string table_of(const objects_on_card& all) {
    lines out{{"object", "label", "file", "generation", "flags", "octets", "state"}};
    for (const auto& o : all.objects)
        out.push_back({address_text(o), printable(o.entry.label),
                       file_text(o.entry.path.empty() ? 0 : o.entry.path.back()),
                       o.control ? std::to_string(o.control->generation) : "-", flags_of(o),
                       o.image ? std::to_string(mo::used_length(*o.image)) : "-", state_of(o)});
    auto text = columns(out);
    if (all.control) text += "directory in generation " + std::to_string(all.control->generation) + "\n";
    if (!all.control) text += all.control_is_torn ? "the control file is torn\n" : "there is no control file\n";
    return text;
}

}  // namespace ota::sandbox
