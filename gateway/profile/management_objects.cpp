#include "gateway/profile/object_files.hpp"
#include "gateway/profile/profile_reader.hpp"
#include "management-object/ddf_check.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace ota::profile_reader {
namespace {

namespace mo = management_object;
using config::fault;

constexpr std::uint16_t usual_directory = 0x7F50, usual_list = 0x6430, usual_control = 0x6440;
constexpr std::size_t largest_file = 32'767;  // READ and UPDATE BINARY address 15 bits
constexpr std::size_t largest_label = 60;

std::optional<std::uint16_t> file_identifier_at(const config::node& at, std::string_view key,
                                                std::optional<std::uint16_t> otherwise = {}) {
    const auto child = at.at(key);
    if (!child.exists()) {
        if (!otherwise) child.complain("is missing");
        return otherwise;
    }
    const auto octets = wire::from_hex(child.scalar().value_or(""));
    if (octets && octets.value().size() == 2) return wire::reader(octets.value()).u16();
    child.complain("should be a file identifier of 4 hexadecimal digits");
    return otherwise;
}

/// The text of a file that the profile names.
std::optional<std::string> text_of_file(const config::node& named) {
    auto name = named.scalar().value_or("");
    if (name.empty()) return std::nullopt;
    if (!name.starts_with('/') && !named.folder().empty()) name = named.folder() + "/" + name;
    std::ifstream in(name, std::ios::binary);
    if (!in) {
        named.complain("names a file that cannot be read");
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(in), {});
}

node_binding file_below(const object_directory& at, std::uint16_t identifier, std::size_t size) {
    node_binding out;
    out.application = at.application;
    out.path = at.path;
    out.path.push_back(identifier);
    out.size = size;
    return out;
}

void read_directory(const config::node& at, const card_profile& p, object_directory& out) {
    const auto name = at.required_text("application");
    const auto found = std::ranges::find(p.applications, name, &card_application::name);
    if (found != p.applications.end()) {
        out.application = static_cast<std::size_t>(found - p.applications.begin());
    } else if (!name.empty()) {
        at.at("application").complain("names an application that the profile does not have");
    }
    out.path = at.at("directory").exists() ? file_identifiers_at(at, "directory") : std::vector{usual_directory};
    if (out.path.empty() || out.path.size() > 4) at.at("directory").complain("should have 1 to 4 file identifiers");
    out.list = file_below(out, file_identifier_at(at, "list_file", usual_list).value_or(usual_list), 0);
    out.control = file_below(out, file_identifier_at(at, "control_file", usual_control).value_or(usual_control), 0);
}

void read_uri(const config::node& at, management_object_binding& o) {
    const auto text = at.required_text("uri");
    if (text.empty()) return;
    const auto uri = mo::parse_uri(text);
    const bool placed = uri && !uri.value().is_root() && text.starts_with("./");
    if (!placed) return at.at("uri").complain("should be the address of a node that begins with ./");
    if (uri.value().segments.front() == "SC")
        return at.at("uri").complain("lies below ./SC, where the files of the card are");
    o.uri = mo::serialize_uri(uri.value());
}

/// The description that has the object's identifier, or the only one.
void read_description(const config::node& at, management_object_binding& o) {
    const auto named = at.at("ddf");
    o.object_id = at.text("object", "");
    const auto text = named.exists() ? text_of_file(named) : std::nullopt;
    if (!text) return;
    auto document = mo::ddf::parse_xml(*text);
    if (!document) return named.complain("is no description: " + sentence(document.error()));
    const auto& nodes = document.value().nodes;
    const auto found =
        o.object_id.empty() ? nodes.begin() : std::ranges::find(nodes, o.object_id, &mo::ddf::description::ddf_name);
    if (found == nodes.end()) return named.complain("describes no object " + o.object_id);
    o.object_id = found->ddf_name;
    o.description = std::make_shared<const mo::ddf::description>(*found);
    if (const auto octets = mo::ddf::serialize_wbxml({.nodes = {*found}}))
        o.description_hash = wire::reader(secure_channel::sha256(octets.value())).u64();
}

void check_against_description(const config::node& named, const management_object_binding& o, const mo::node& top) {
    if (!o.description) return;
    for (const auto& f : mo::ddf::check(top, *o.description)) {
        named.complain("does not follow the description: " + mo::serialize_uri(f.node) + ", " +
                       std::string(to_string(f.what)));
    }
}

/// What a new card holds: nothing, or a document of TNDS.
void read_initial(const config::node& at, management_object_binding& o) {
    o.factory_image = mo::empty_image(o.file.size);
    const auto named = at.at("initial");
    const auto text = named.exists() ? text_of_file(named) : std::nullopt;
    if (!text || o.uri.empty()) return;
    auto document = mo::parse_tnds_xml(*text);
    if (!document) return named.complain("is no TNDS document: " + sentence(document.error()));
    if (document.value().nodes.size() != 1) return named.complain("should hold one topmost node");
    const auto& top = document.value().nodes.front().top;
    check_against_description(named, o, top);
    auto image = mo::make_image(top, mo::parse_uri(o.uri).value(), form_of(o));
    if (!image) return named.complain("does not fit the file: " + image.error().message());
    o.factory_image = std::move(image).value();
}

void read_secrets(const config::node& at, management_object_binding& o) {
    for (const auto& item : at.at("secrets").items()) {
        const auto uri = mo::parse_uri(item.scalar().value_or(""));
        if (!uri || uri.value().is_root()) {
            item.complain("should be the address of a node, from the object's own on");
            continue;
        }
        o.secrets.push_back(mo::serialize_uri(uri.value()).substr(2));
    }
    std::ranges::sort(o.secrets);
}

management_object_binding read_object(const config::node& at, const object_directory& directory) {
    management_object_binding o;
    read_uri(at, o);
    o.label = at.text("label", o.uri.substr(o.uri.empty() ? 0 : o.uri.rfind('/') + 1));
    if (o.label.size() > largest_label) at.at("label").complain("should have 60 octets at most");
    const auto size = static_cast<std::size_t>(at.integer("size", 0, 16, largest_file));
    if (!at.at("size").exists()) at.at("size").complain("is missing");
    o.file = file_below(directory, file_identifier_at(at, "file").value_or(0), size);
    if (at.at("pair").exists()) {
        if (const auto spare = file_identifier_at(at, "pair")) o.spare = file_below(directory, *spare, size);
    }
    o.layout = static_cast<object_layout>(at.choice("layout", {"slotted", "plain", "ber_tlv"}, 0));
    if (o.layout == object_layout::ber_tlv) o.file.structure = file_structure::ber_tlv;
    if (o.layout == object_layout::ber_tlv && o.spare) at.at("pair").complain("does not go with layout: ber_tlv");
    o.ask = at.flag("ask", false);
    o.autonomous = at.flag("autonomous", false);
    o.pin = at.flag("pin", false);
    o.mirror = at.flag("mirror", false);
    o.file.writable = !o.mirror;
    if (o.mirror && (o.ask || o.autonomous || o.spare))
        at.at("mirror").complain("does not go with ask, autonomous or pair");
    read_description(at, o);
    read_secrets(at, o);
    read_initial(at, o);
    if (o.object_id.empty()) {
        at.at("object").complain("is missing, and there is no description that tells it: devices know objects by it",
                                 fault::severity::warning);
    }
    at.finish();
    return o;
}

/// Two objects, or an object and a node, must not share an address or a file.
class taken {
public:
    taken(const card_profile& p, const object_directory& at) : directory_(at.path) {
        for (const auto id : {object_directory_file, token_info_file, at.list.path.back(), at.control.path.back()})
            files_.insert(id);
        for (const auto& [uri, node] : p.nodes) {
            const bool here = node.path.size() == directory_.size() + 1 &&
                              std::equal(directory_.begin(), directory_.end(), node.path.begin());
            if (here) files_.insert(node.path.back());
        }
    }
    void take(const config::node& at, const management_object_binding& o) {
        for (const auto& uri : uris_) {
            const bool above = o.uri.starts_with(uri + "/") || uri.starts_with(o.uri + "/") || o.uri == uri;
            if (above && !o.uri.empty())
                at.at("uri").complain("is, or lies above or below, the address of another object: " + uri);
        }
        uris_.push_back(o.uri);
        if (o.file_identifier() != 0 && !files_.insert(o.file_identifier()).second) at.at("file").complain(twice);
        if (o.spare && !files_.insert(o.spare_identifier()).second) at.at("pair").complain(twice);
    }

private:
    static constexpr auto twice = "is a file that something else is kept in";
    std::vector<std::uint16_t> directory_;
    std::set<std::uint16_t> files_;
    std::vector<std::string> uris_;
};

}  // namespace

void read_management_objects(const config::node& at, card_profile& p) {
    if (!at.exists()) return;
    object_directory directory;
    read_directory(at, p, directory);
    taken places(p, directory);
    for (const auto& item : at.at("objects").items()) {
        auto object = read_object(item, directory);
        places.take(item, object);
        if (!object.uri.empty()) p.management_objects.push_back(std::move(object));
    }
    const auto needed = mo::control_file_octets(p.management_objects.size());
    if (needed > p.max_response) {
        at.at("objects").complain("needs a control file of " + std::to_string(needed) +
                                  " octets, and max_response is " + std::to_string(p.max_response) +
                                  ": it is read in one answer");
    }
    if (p.management_objects.empty() && at.at("objects").items().empty())
        at.at("objects").complain("should list at least one");
    at.finish();
    // Room for a few more: a card is made once.
    constexpr std::size_t spare_entries = 4, spare_octets = 64;
    p.objects_at = std::move(directory);
    p.objects_at->control.size = mo::control_file_octets(p.management_objects.size() + spare_entries);
    p.objects_at->list.size = data_objects_of(p, factory_control(p)).size() + spare_octets;
}

}  // namespace ota::profile_reader
