#include "gateway/object-tool/object_documents.hpp"

#include "management-object/control_file.hpp"
#include "management-object/dm_status.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace ota::object_tool {

namespace mo = management_object;

namespace {

constexpr std::size_t longest_input = 4u << 20, largest_file = 32'767;
constexpr std::uint8_t last_version = 0x03, first_tag = 0x80, byte_order_mark = 0xEF;

wire::octet_view octets_of(const input& in) noexcept { return wire::as_octets(in.octets); }

complaint complain(const input& in, const std::string& why) { return {in.name + ": " + why}; }

/// The text is judged as a whole: the first line that is none.
std::ptrdiff_t line_of_no_text(std::string_view text) {
    for (std::ptrdiff_t line = 1;; ++line) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos || !mo::is_xml_text(text.substr(0, end))) return line;
        text.remove_prefix(end + 1);
    }
}

/// "imps.xml:12: a required element is missing"
complaint at_line(const input& in, const mo::fault& f) {
    const auto before = in.octets.begin() + static_cast<std::ptrdiff_t>(std::min(f.offset, in.octets.size()));
    auto line = 1 + std::count(in.octets.begin(), before, '\n');
    if (f.code == mo::document_errc::not_text && f.offset == 0) line = line_of_no_text(in.octets);
    return {in.name + ":" + std::to_string(line) + ": " + make_error_code(f).message()};
}

mo::tnds_document document_of(mo::placed_node placed) {
    mo::tnds_document out;
    out.nodes.push_back(std::move(placed));
    return out;
}

answered<wire::octets> encode_for_card(const input& in, mo::tnds_document document, const mo::image_form& form) {
    OTA_TRY(auto placed, one_object(in, std::move(document)));
    if (!placed) return complain(in, "holds no object");
    auto image = mo::make_image(placed->top, address_of(*placed), form);
    if (!image) return too_large_or(in, image.error(), *placed, form);
    return std::move(image).value();
}

}  // namespace

answered<input> read_input(const std::string& file, std::istream& standard) {
    input out{file == "-" ? "standard input" : file, {}};
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened) return complain(out, "cannot be read");
    }
    std::istream& in = file == "-" ? standard : opened;
    char part[4096];
    while (out.octets.size() <= longest_input && (in.read(part, sizeof part) || in.gcount() > 0))
        out.octets.append(part, static_cast<std::size_t>(in.gcount()));
    if (in.bad()) return complain(out, "cannot be read");
    if (out.octets.size() > longest_input) return complain(out, "is longer than any document or file of a card");
    return out;
}

answered<input> from_hex(const input& in) {
    std::string digits;
    constexpr std::string_view spaces = " \t\r\n";
    std::ranges::copy_if(in.octets, std::back_inserter(digits),
                         [&](char c) { return spaces.find(c) == std::string_view::npos; });
    const auto octets = wire::from_hex(digits);
    if (!octets) return complain(in, octets.error().message());
    return input{in.name, std::string(wire::as_text(octets.value()))};
}

bool is_image(const input& in) noexcept {
    if (in.octets.empty()) return false;
    const auto first = static_cast<std::uint8_t>(in.octets.front());
    return first <= last_version || (first >= first_tag && first != byte_order_mark);
}

answered<mo::tnds_document> parse_xml_document(const input& in) {
    auto document = mo::parse_tnds_xml(in.octets);
    if (!document) return at_line(in, document.error());
    return std::move(document).value();
}

answered<mo::tnds_document> parse_image(const input& in) {
    const auto used = octets_of(in).first(mo::used_length(octets_of(in)));
    if (used.empty()) return mo::tnds_document{};
    if (used.front() >= first_tag) {
        auto placed = mo::read_image(octets_of(in));
        if (!placed) return complain(in, placed.error().message());
        if (!placed.value()) return mo::tnds_document{};
        return document_of(std::move(*placed.value()));
    }
    auto document = mo::parse_tnds_wbxml(used);
    if (!document) return complain(in, sentence(document.error()));
    return std::move(document).value();
}

answered<mo::tnds_document> parse_either(const input& in) {
    return is_image(in) ? parse_image(in) : parse_xml_document(in);
}

answered<std::optional<mo::placed_node>> one_object(const input& in, mo::tnds_document document) {
    if (document.nodes.empty()) return std::optional<mo::placed_node>();
    if (document.nodes.size() > 1)
        return complain(in, "holds " + std::to_string(document.nodes.size()) + " objects; a file of a card holds one");
    if (document.nodes.front().top.name.empty()) return complain(in, "its topmost node has no name");
    return std::optional(std::move(document.nodes.front()));
}

mo::uri address_of(const mo::placed_node& placed) { return placed.path.value_or(mo::uri{}) / placed.top.name; }

answered<wire::octets> encode(const input& in, mo::image_layout layout, std::optional<std::size_t> size) {
    OTA_TRY(auto document, parse_xml_document(in));
    if (size) return encode_for_card(in, std::move(document), {.size = *size, .layout = layout});
    if (layout == mo::image_layout::ber_tlv) {
        OTA_TRY(auto image, encode_for_card(in, std::move(document), {.size = largest_file, .layout = layout}));
        image.resize(mo::used_length(image));
        return image;
    }
    auto octets =
        layout == mo::image_layout::slotted ? mo::serialize_tnds_slotted(document) : mo::serialize_tnds_wbxml(document);
    if (!octets) return complain(in, octets.error().message());
    return std::move(octets).value();
}

complaint too_large_or(const input& in, const std::error_code& error, const mo::placed_node& placed,
                       const mo::image_form& form) {
    if (error != make_error_code(mo::dm_status::device_full)) return complain(in, error.message());
    auto least = form;
    least.size = longest_input;
    if (least.layout == mo::image_layout::slotted) least.layout = mo::image_layout::plain;
    const auto image = mo::make_image(placed.top, address_of(placed), least);
    const auto needed = image ? std::to_string(mo::used_length(image.value())) : std::string("more");
    return complain(in, "the object takes " + needed + " octets at least, the file has " + std::to_string(form.size));
}

}  // namespace ota::object_tool
