#include "gateway/profile/profile_reader.hpp"

#include <algorithm>

namespace ota::profile_reader {
namespace {

using config::fault;
using management_object::file_form;

constexpr std::string_view forms[] = {"raw", "spn", "oplmn_wact", "plmn_list", "smsp", "text_utf8"};

struct read_node {
    config::node at;
    node_binding binding;
};

std::vector<std::string_view> steps(std::string_view uri) {
    std::vector<std::string_view> out;
    for (std::size_t begin = 0; begin <= uri.size();) {
        const auto end = std::min(uri.find('/', begin), uri.size());
        out.push_back(uri.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

/// ./SC/<application>/.. of an application that the profile has.
void read_uri(const config::node& at, const card_profile& p, node_binding& n) {
    n.uri = at.required_text("uri");
    if (n.uri.empty()) return;
    const auto names = steps(n.uri);
    const bool shaped = names.size() >= 4 && names[0] == "." && names[1] == "SC" &&
                        std::none_of(names.begin(), names.end(), [](auto name) {
                            return name.empty() || name.find_first_of(" \t?#*") != std::string_view::npos;
                        });
    if (!shaped) return at.at("uri").complain("should be ./SC/<application>/<name>, without empty steps");
    const auto found =
        std::find_if(p.applications.begin(), p.applications.end(), [&](auto& a) { return a.name == names[2]; });
    if (found == p.applications.end())
        return at.at("uri").complain("names an application that the profile does not have");
    n.application = static_cast<std::size_t>(found - p.applications.begin());
}

void read_access(const config::node& at, node_binding& n) {
    if (!at.at("access").exists()) return;
    n.readable = n.writable = false;
    for (const auto& item : at.at("access").items()) {
        const auto name = item.scalar().value_or("");
        if (name == "get")
            n.readable = true;
        else if (name == "replace")
            n.writable = true;
        else
            item.complain("should be get or replace");
    }
    if (!n.readable && !n.writable) at.at("access").complain("allows nothing");
}

void check_form(const config::node& at, const node_binding& n) {
    const auto size = at.at("size");
    if (n.form == file_form::spn && n.size < 2) size.complain("EF.SPN has 17 octets");
    if (n.form == file_form::oplmn_wact && n.size % 5 != 0)
        size.complain("should be a multiple of 5: one entry has 5 octets");
    if (n.form == file_form::plmn_list && n.size % 3 != 0)
        size.complain("should be a multiple of 3: one entry has 3 octets");
    if (n.form == file_form::smsp && n.size < 28)
        size.complain("should be 28 or more: that is a record without a name");
    // R19: what the terminal or the user writes too is never compared with what we last wrote.
    const bool shared = n.form == file_form::smsp || n.form == file_form::plmn_list;
    if (shared && !n.volatile_file) {
        at.complain("the terminal or the user writes this file too: it should be `volatile: true`",
                    fault::severity::warning);
    }
}

void read_file(const config::node& at, node_binding& n) {
    n.is = node_binding::kind::file;
    n.path = file_identifiers_at(at, "path");
    if (!at.at("path").exists()) at.at("path").complain("is missing");
    if (at.at("path").exists() && (n.path.empty() || n.path.size() > 8))
        at.at("path").complain("should have 1 to 8 file identifiers");
    n.structure = static_cast<file_structure>(at.choice("structure", {"transparent", "linear-fixed"}, 0));
    const bool records = n.structure == file_structure::linear_fixed;
    n.record = static_cast<std::uint8_t>(at.integer("record", 0, 1, 254));
    if (records && !at.at("record").exists()) at.at("record").complain("is missing: a linear fixed file needs it");
    if (!records && at.at("record").exists()) at.at("record").complain("goes with `structure: linear-fixed` only");
    // READ and UPDATE BINARY address 15 bits, records have one octet of length [TS 102 221, 11.1].
    n.size = static_cast<std::size_t>(at.integer("size", 0, 1, records ? 255 : 32'767));
    if (!at.at("size").exists()) at.at("size").complain("is missing");
    n.form = static_cast<file_form>(at.choice("form", {std::begin(forms), std::end(forms)}, 0));
    n.volatile_file = at.flag("volatile", false);
    read_access(at, n);
    if (n.size > 0) check_form(at, n);
}

void read_script(const config::node& at, const card_profile& p, node_binding& n) {
    n.is = node_binding::kind::script;
    n.readable = n.writable = false;
    const auto format =
        p.applications.empty() ? secure_channel::script_format::compact : p.applications[n.application].format;
    n.commands = commands_at(at, "exec", format);
    if (at.at("exec").items().empty()) at.at("exec").complain("should list the commands to run");
    for (auto key : {"path", "structure", "record", "size", "form", "volatile", "access"}) {
        if (at.at(key).exists()) at.at(key).complain("does not go with exec");
    }
    const auto mode = p.spi.counter();
    if (mode == secure_channel::counter_mode::ignored || mode == secure_channel::counter_mode::not_checked) {
        // R11
        at.at("exec").complain(
            "exec would run again with every copy of its packet: it needs an SPI whose counter is checked");
    }
}

/// Octets of script that the node's whole write needs, selection of its file included.
std::size_t script_length(const card_profile& p, const node_binding& n) {
    const auto& a = p.applications[n.application];
    const std::size_t envelope = a.format == secure_channel::script_format::compact ? 0 : 3;
    std::size_t length = envelope == 0 ? 0 : 4;
    if (n.is == node_binding::kind::script) {
        for (const auto& command : n.commands) length += command.size() + envelope;
        return length;
    }
    // As the corridor selects: by file identifier where the directory is current already, level by level on a SIM, else
    // by path.
    const bool current =
        std::equal(a.directory.begin(), a.directory.end(), n.path.begin(), n.path.end() - (n.path.empty() ? 0 : 1));
    const bool by_level = !current && a.class_octet == 0xA0;
    const auto selects = by_level ? n.path.size() + 1 : 1;
    const auto select = current || by_level ? std::size_t{7} : 5 + 2 * n.path.size();
    return length + selects * (select + envelope) + 5 + envelope + n.size;
}

void check_fit(const config::node& at, const card_profile& p, const node_binding& n) {
    const auto need = script_length(p, n), room = script_room(p);
    // A transparent file is written in pieces where it must; a record and an exec go whole.
    const bool whole = n.is == node_binding::kind::script || n.structure == file_structure::linear_fixed;
    if (whole && need > room) {
        at.complain("needs a script of " + std::to_string(need) + " octets, and " + std::to_string(p.max_segments) +
                    " segments carry " + std::to_string(room));
    }
    if (n.is == node_binding::kind::file && n.structure == file_structure::linear_fixed && n.readable &&
        n.size > p.max_response) {
        at.at("size").complain("a record longer than max_response (" + std::to_string(p.max_response) +
                               ") cannot be read: leave get out of its access");
    }
}

/// The same file is named from another application too, unless it is below an ADF (7FFF), which each has its own of.
bool same_file(const node_binding& a, const node_binding& b) {
    if (a.is != node_binding::kind::file || b.is != node_binding::kind::file || a.path.empty() || a.path != b.path)
        return false;
    return a.application == b.application || a.path.front() != 0x7FFF;
}

void check_pair(const read_node& earlier, const read_node& later) {
    const auto &a = earlier.binding, &b = later.binding;
    const auto there = " in line " + std::to_string(earlier.at.line());
    if (a.uri.empty() || b.uri.empty()) return;
    if (a.uri == b.uri) return later.at.at("uri").complain("is the URI of another node" + there);
    if (b.uri.starts_with(a.uri + "/") || a.uri.starts_with(b.uri + "/")) {
        later.at.at("uri").complain("lies above or below the node" + there + ": a node with a value has no children");
    }
    if (!same_file(a, b)) return;
    if (a.structure != b.structure) return later.at.at("path").complain("is a file of another structure" + there);
    if (a.record == b.record)
        return later.at.at("path").complain("is the file of another node" + there +
                                            ": two nodes would overwrite each other");
    if (a.size != b.size) later.at.at("size").complain("differs from another record of this file" + there);
}

}  // namespace

void read_nodes(const config::node& list, card_profile& p) {
    std::vector<read_node> all;
    for (const auto& item : list.items()) {
        node_binding n;
        read_uri(item, p, n);
        if (item.at("exec").exists())
            read_script(item, p, n);
        else
            read_file(item, n);
        item.finish();
        if (!p.applications.empty()) check_fit(item, p, n);
        all.push_back({item, std::move(n)});
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) check_pair(all[j], all[i]);
    }
    for (auto& one : all) {
        auto uri = one.binding.uri;
        if (!uri.empty()) p.nodes.emplace(std::move(uri), std::move(one.binding));
    }
}

}  // namespace ota::profile_reader
