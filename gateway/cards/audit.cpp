#include "gateway/cards/audit.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/flow/audit.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/profile/object_files.hpp"
#include "gateway/store/tools_instance.hpp"

#include <cstdio>
#include <map>
#include <ostream>

namespace ota::cards {

namespace mo = management_object;
using finding = audited_sheet::finding;
using phase = flow::card_audit::phase;
using wire::octets;

namespace {

using leaves = std::map<std::string, std::string>;

void collect(const mo::node& n, const std::string& at, leaves& out) {
    if (n.children.empty() && n.format != mo::node_format::node) out[at] = n.value.value_or("");
    for (const auto& child : n.children) collect(child, at + "/" + child.name, out);
}

std::optional<leaves> leaves_of(const octets& image) {
    const auto read = mo::read_image(image);
    if (!read || !read.value()) return std::nullopt;
    leaves out;
    collect(read.value()->top, ".", out);
    return out;
}

std::optional<std::string> value_at(const std::optional<leaves>& in, const std::string& address) {
    if (!in) return std::nullopt;
    const auto found = in->find(address);
    return found == in->end() ? std::nullopt : std::optional(found->second);
}

std::vector<leaf_difference> compare(const management_object_binding& object, const octets& there,
                                     const flow::node_state& n) {
    const auto card = leaves_of(there);
    const auto reported = n.reported.empty() ? std::nullopt : leaves_of(n.reported);
    const auto desired = n.wanted ? leaves_of(n.desired) : std::nullopt;
    leaves all;
    for (const auto* each : {&card, &reported, &desired}) {
        if (*each) all.insert((*each)->begin(), (*each)->end());
    }
    std::vector<leaf_difference> out;
    for (const auto& [address, value] : all) {
        const auto on_card = value_at(card, address);
        const auto as_reported = reported ? value_at(reported, address) : on_card;
        const auto as_desired = desired ? value_at(desired, address) : on_card;
        if (on_card == as_reported && on_card == as_desired) continue;
        auto& d = out.emplace_back();
        d.address = object.uri + address.substr(1);
        const auto relative = mo::parse_uri(address);
        d.secret = !relative || is_secret(object, relative.value());
        if (d.secret) continue;
        d.there = on_card;
        d.reported = as_reported;
        d.desired = as_desired;
    }
    return out;
}

std::string path_of(const node_binding& file) {
    std::string out = "3f00";
    for (const auto id : file.path) {
        char text[6];
        std::snprintf(text, sizeof text, "/%04x", id);
        out += text;
    }
    return out;
}

octets padded(octets content, std::size_t size) {
    content.resize(std::max(content.size(), size), 0xFF);
    return content;
}

audited_sheet sheet_of(const flow::twin& t, const card_profile& profile, const flow::audited_file& f,
                       const std::optional<mo::control_file>& control) {
    const auto& n = t.nodes[f.node];
    audited_sheet out;
    out.uri = n.uri == flow::control_node ? "control file" : n.uri == flow::directory_node ? "directory" : n.uri;
    if (const auto* file = flow::binding_of(t, profile, n)) out.file = path_of(*file);
    out.octets = f.content.size();
    if (!f.whole) {
        out.found = finding::refused;
        out.refusal = f.refusal;
        out.as_desired = !n.wanted;
        return out;
    }
    const auto expected = flow::expected_of(t, profile, f);
    const auto content = expected ? padded(f.content, expected->size()) : f.content;
    out.found = !expected                                      ? finding::not_known_before
                : content == padded(*expected, content.size()) ? finding::as_reported
                                                               : finding::differs;
    out.as_desired = !n.wanted || padded(f.content, n.desired.size()) == n.desired;
    if (n.uri == flow::control_node && !mo::parse_control_file(f.content)) out.found = finding::torn;
    const auto* object = profile.object(n.uri);
    if (object == nullptr) return out;
    out.label = object->label;
    const auto image = padded(f.content, object->file.size);
    const auto* entry = control ? entry_of(*object, *control) : nullptr;
    if (entry != nullptr) {
        out.generation = entry->generation;
        if (!mo::confirms(*entry, image)) out.found = finding::torn;
    }
    if (out.found != finding::as_reported || !out.as_desired) out.differences = compare(*object, image, n);
    return out;
}

std::string_view name_of(finding f) noexcept {
    switch (f) {
        case finding::as_reported: return "as-reported";
        case finding::differs: return "differs";
        case finding::not_known_before: return "not-known-before";
        case finding::refused: return "refused";
        case finding::torn: return "torn";
    }
    return "";
}

std::string_view name_of(phase p) noexcept {
    switch (p) {
        case phase::asked: return "asked";
        case phase::reading: return "reading";
        case phase::done: return "done";
        case phase::failed: return "failed";
    }
    return "";
}

void put_difference(json_writer& j, const leaf_difference& d) {
    j.open('{').text("address", d.address);
    if (d.secret) j.flag("secret", true);
    if (d.there) j.text("there", *d.there);
    if (d.reported) j.text("reported", *d.reported);
    if (d.desired) j.text("desired", *d.desired);
    j.close('}');
}

std::string hex_of(std::uint16_t word) {
    char text[5];
    std::snprintf(text, sizeof text, "%04X", word);
    return text;
}

}  // namespace

bool audit_sheet::clean() const noexcept {
    for (const auto& s : sheets) {
        if (s.found == finding::differs || s.found == finding::torn || s.found == finding::refused || !s.as_desired)
            return false;
    }
    return is == phase::done;
}

wire::result<void> ask_for_audit(const desk& d, const std::string& iccid, bool repair) {
    store::id_source ids(store::tools_instance);
    return in_transaction(d, [&](store::transaction& tx) -> wire::result<void> {
        OTA_TRY(auto card, take_card(tx, d, iccid));
        if (store::is_gone(card.row.is)) return errc_of_gone(card.row.is);
        flow::ask_for_audit(card.state, repair, d.now());
        return put_card(tx, d, card, true, ids);
    });
}

wire::result<std::optional<audit_sheet>> look_at_audit(const desk& d, const std::string& iccid) {
    std::optional<audit_sheet> out;
    OTA_TRY(in_transaction(d, [&](store::transaction& tx) -> wire::result<void> {
        OTA_TRY(auto card, take_card(tx, d, iccid));
        const auto& t = card.state;
        out.reset();
        if (!t.audit) return BOOST_OUTCOME_V2_NAMESPACE::success();
        out.emplace(audit_sheet{.is = t.audit->is, .repair = t.audit->repair, .why = t.audit->why, .hold = t.hold});
        out->files = t.audit->files.size();
        out->read = t.audit->file;
        if (t.audit->is != phase::done || card.profile == nullptr) return BOOST_OUTCOME_V2_NAMESPACE::success();
        std::optional<mo::control_file> control;
        for (const auto& f : t.audit->files) {
            auto parsed = t.nodes[f.node].uri == flow::control_node && f.whole ? mo::parse_control_file(f.content)
                                                                               : wire::errc::truncated;
            if (parsed) control = std::move(parsed).value();
        }
        for (const auto& f : t.audit->files) out->sheets.push_back(sheet_of(t, *card.profile, f, control));
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }));
    return out;
}

std::string serialize_audit(const audit_sheet& a, const std::string& iccid) {
    json_writer j;
    j.open('{').text("iccid", iccid).text("state", name_of(a.is)).flag("clean", a.clean()).flag("repair", a.repair);
    if (!a.why.empty()) j.text("why", a.why);
    if (!a.hold.empty()) j.text("hold", a.hold);
    j.name("files").open('[');
    for (const auto& s : a.sheets) {
        j.open('{')
            .text("uri", s.uri)
            .text("file", s.file)
            .text("found", name_of(s.found))
            .flag("as_desired", s.as_desired);
        if (!s.label.empty()) j.text("label", s.label);
        if (s.generation) j.number("generation", *s.generation);
        if (s.refusal != 0) j.text("sw", hex_of(s.refusal));
        j.number("octets", static_cast<std::int64_t>(s.octets));
        if (!s.differences.empty()) {
            j.name("differences").open('[');
            for (const auto& d : s.differences) put_difference(j, d);
            j.close(']');
        }
        j.close('}');
    }
    return j.close(']').close('}').str();
}

void print_audit(const audit_sheet& a, std::ostream& out) {
    for (const auto& s : a.sheets) {
        char line[200];
        std::snprintf(line, sizeof line, "%-28s %-20s %-18s %s%s", s.uri.c_str(), s.file.c_str(),
                      std::string(name_of(s.found)).c_str(), s.as_desired ? "as desired" : "not as desired",
                      s.refusal != 0 ? (", SW " + hex_of(s.refusal)).c_str() : "");
        out << line;
        if (s.generation) out << ", generation " << *s.generation;
        out << '\n';
        for (const auto& d : s.differences) {
            out << "    " << d.address;
            if (d.secret) {
                out << "  (a secret differs)\n";
                continue;
            }
            const auto text = [](const std::optional<std::string>& v) { return v ? *v : std::string("-"); };
            out << "  card: " << text(d.there) << "  reported: " << text(d.reported) << "  desired: " << text(d.desired)
                << '\n';
        }
    }
    out << (a.clean()  ? "the card holds what it should\n"
            : a.repair ? "what differs is being written; audit again to see it\n"
                       : "the card does not hold what it should: --repair writes what differs\n");
}

}  // namespace ota::cards
