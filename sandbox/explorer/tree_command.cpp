#include "management-object/control_file.hpp"
#include "sandbox/explorer/card_explorer.hpp"
#include "sandbox/explorer/object_view.hpp"
#include "sandbox/explorer/printed_text.hpp"
#include "sandbox/uicc/card_files.hpp"

#include <map>
#include <ostream>

// tree: the card's files as the card itself knows them.

namespace ota::sandbox {

namespace mo = management_object;

namespace {

using path = std::vector<std::uint16_t>;
constexpr std::uint16_t ef_dir = 0x2F00, ef_iccid = 0x2FE2, ef_odf = 0x5031, ef_token = 0x5032;

/// What files are, by their paths below the MF.
std::map<path, std::string> names_of(const card_profile& profile) {
    std::map<path, std::string> out{{{}, "MF"}, {{ef_dir}, "EF(DIR)"}, {{ef_iccid}, "EF(ICCID)"}};
    const auto put = [&](path at, std::string name) {
        if (!at.empty() && at.front() == master_file) at.erase(at.begin());
        out.emplace(std::move(at), std::move(name));
    };
    for (const auto& application : profile.applications)
        if (!application.directory.empty()) put(application.directory, "application " + application.name);
    if (const auto& at = profile.objects_at) {
        const auto below = [&](std::uint16_t file) {
            auto whole = at->path;
            whole.push_back(file);
            return whole;
        };
        put(at->path, "PKCS#15");
        put(below(ef_odf), "EF(ODF)");
        put(below(ef_token), "EF(TokenInfo)");
        put(at->list.path, "EF(DODF)");
        put(at->control.path, "control file");
    }
    for (const auto& [uri, node] : profile.nodes)
        if (node.is == node_binding::kind::file) put(node.path, uri);
    for (const auto& object : profile.management_objects) {
        put(object.file.path, object.uri + (object.mirror ? " (mirror of the device)" : ""));
        if (object.spare) put(object.spare->path, object.uri + " (its other file)");
    }
    return out;
}

class lister {
public:
    lister(explored_card& card, const std::optional<objects_on_card>& seen)
        : files_(card.model.tree, card.one.files, card.iccid),
          tree_(card.model.tree),
          names_(names_of(*card.profile)),
          seen_(seen) {}

    std::string text() {
        lines_.push_back({"file", "what", "content", "used", "read", "update", "object"});
        add(0, {});
        return columns(lines_);
    }

private:
    void add(file_id id, const path& at) {
        const auto& f = tree_.at(id);
        const auto name = names_.find(at);
        std::vector<std::string> line{
            std::string(2 * at.size(), ' ') + file_text(id == 0 ? master_file : files_.identifier(id)),
            name == names_.end() ? (f.spare ? "created over the air" : "") : printable(name->second)};
        if (f.directory) {
            if (!f.aid.empty()) line.push_back("AID " + wire::to_hex(f.aid));
        } else {
            describe(id, line);
        }
        lines_.push_back(std::move(line));
        for (std::size_t i = 1; i < tree_.size(); ++i) {
            const auto child = static_cast<file_id>(i);
            if (tree_.at(child).parent != id || !files_.exists(child)) continue;
            auto below = at;
            below.push_back(files_.identifier(child));
            add(child, below);
        }
    }

    void describe(file_id id, std::vector<std::string>& line) {
        const auto& f = tree_.at(id);
        const bool records = f.structure == file_structure::linear_fixed;
        const auto size = std::to_string(files_.size(id));
        line.push_back((records ? std::to_string(f.records) + " x " + size : size) + " octets" +
                       (f.structure == file_structure::ber_tlv ? ", BER-TLV" : "") +
                       (files_.deactivated(id) ? ", deactivated" : ""));
        line.push_back(records ? "" : std::to_string(mo::used_length(files_.content(f.first_slot))));
        line.emplace_back(f.pin ? "PIN" : f.readable ? "always" : "never");
        line.emplace_back(f.terminal_writable ? "terminal" : f.writable ? "issuer" : "never");
        line.push_back(object_in(files_.identifier(id)));
    }

    /// What the directory and the control file say about the file.
    [[nodiscard]] std::string object_in(std::uint16_t identifier) const {
        if (!seen_) return {};
        for (const auto& o : seen_->objects) {
            if (o.entry.path.empty() || o.entry.path.back() != identifier) continue;
            const auto generation = o.control ? ", generation " + std::to_string(o.control->generation) : std::string();
            const auto flags = flags_of(o);
            return "\"" + printable(o.entry.label) + "\"" + generation + (flags == "-" ? "" : ", " + flags);
        }
        return {};
    }

    card_files files_;
    const file_tree& tree_;
    std::map<path, std::string> names_;
    const std::optional<objects_on_card>& seen_;
    std::vector<std::vector<std::string>> lines_;
};

}  // namespace

card_explorer::outcome card_explorer::tree(words) {
    const auto seen = card_.profile->objects_at ? look() : std::nullopt;
    out_ << "card " << card_.iccid << ", profile " << printable(card_.profile->name) << '\n'
         << lister(card_, seen).text();
    if (seen && seen->control) out_ << "directory in generation " << seen->control->generation << '\n';
    return outcome::good;
}

}  // namespace ota::sandbox
