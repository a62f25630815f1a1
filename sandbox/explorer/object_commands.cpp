#include "gateway/profile/object_files.hpp"
#include "sandbox/explorer/card_explorer.hpp"
#include "sandbox/explorer/object_view.hpp"
#include "sandbox/explorer/printed_text.hpp"

#include <ostream>

// objects, show, xml.

namespace ota::sandbox {

namespace mo = management_object;

namespace {

std::string joined(std::span<const std::string> words) {
    std::string out;
    for (const auto& each : words) out += (out.empty() ? "" : " ") + each;
    return out;
}

bool is_meant(const object_on_card& o, const std::string& name) {
    if (o.entry.label == name || (!o.entry.path.empty() && file_text(o.entry.path.back()) == name)) return true;
    const auto placed =
        o.image ? mo::read_image(*o.image) : wire::result<std::optional<mo::placed_node>>(wire::errc::truncated);
    const auto uri = mo::parse_uri(name);
    return placed && placed.value() && uri && address_of(*placed.value()) == uri.value();
}

}  // namespace

std::optional<objects_on_card> card_explorer::look() {
    auto terminal = card_.beside();
    auto seen = read_objects([&](wire::octet_view asked) { return terminal.transmit(asked); }, nullptr,
                             pin_.empty() ? std::nullopt : std::optional<std::string_view>(pin_));
    if (!seen) complain("the card has no directory of management objects (profile " + card_.profile->name + ")");
    return seen;
}

std::optional<wire::octets> card_explorer::read_mirror(const std::string& name) {
    for (const auto& object : card_.profile->management_objects) {
        if (!object.mirror ||
            (object.uri != name && object.label != name && file_text(object.file_identifier()) != name))
            continue;
        auto terminal = card_.beside();
        card_dialogue reader(terminal, false);
        auto image = reader.select(object.file.path).good() ? reader.read(0, std::nullopt) : card_reply{};
        if (image.good()) return std::move(image.data);
    }
    return std::nullopt;
}

std::optional<mo::placed_node> card_explorer::find_object(words said) {
    const auto name = joined(said);
    const auto seen = look();
    if (!seen) return std::nullopt;
    std::optional<wire::octets> image;
    for (const auto& o : seen->objects) {
        if (image || !is_meant(o, name)) continue;
        if (!o.image) {
            complain(o.entry.is_private ? name + ": is read after the PIN; pin DIGITS shows it"
                                        : name + ": cannot be read");
            return std::nullopt;
        }
        image = o.image;
    }
    if (!image) image = read_mirror(name);
    if (!image) {
        complain(printable(name) + ": no such object; objects lists them" +
                 (pin_.empty() ? ", some after pin DIGITS" : ""));
        return std::nullopt;
    }
    auto placed = mo::read_image(*image);
    if (!placed) complain(name + ": " + placed.error().message());
    if (placed && !placed.value()) complain(name + ": its file holds no object, nothing but padding");
    if (!placed) return std::nullopt;
    return std::move(placed).value();
}

card_explorer::outcome card_explorer::objects(words) {
    const auto seen = look();
    if (!seen) return outcome::failed;
    out_ << table_of(*seen);
    return outcome::good;
}

card_explorer::outcome card_explorer::show(words said) {
    const auto placed = find_object(said);
    if (!placed) return outcome::failed;
    out_ << tree_of(*placed, *card_.profile);
    return outcome::good;
}

card_explorer::outcome card_explorer::xml(words said) {
    auto placed = find_object(said);
    if (!placed) return outcome::failed;
    const auto text = xml_of(*std::move(placed), *card_.profile);
    if (!text) return complain("xml: " + text.error().message());
    out_ << text.value();
    if (!text.value().ends_with('\n')) out_ << '\n';
    return outcome::good;
}

}  // namespace ota::sandbox
