#include "management-object/slotted.hpp"

#include "management-object/code_pages.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/wbxml_body.hpp"
#include "management-object/wbxml_tokens.hpp"

#include <algorithm>
#include <map>

namespace ota::management_object {
namespace {

constexpr std::uint32_t two_octets = 1u << 14, three_octets = 1u << 21;  // what mb_u_int32 says in so many
constexpr std::size_t version_slot = 8, stamp_slot = 24;  // "65535" and "20050830T120000Z"; neither ever grows beyond

bool has_slot(const element& e) {
    return e.children.empty() && (e.name == "Value" || e.name == "VerNo" || e.name == "TStamp");
}

std::size_t capacity_for(const element& e, const slot_sizes& sizes) {
    const auto needed = e.text.size() + 1;
    if (e.name != "Value") return std::max(e.name == "VerNo" ? version_slot : stamp_slot, needed);
    // The slack counts beside the terminator: 20 characters get a slot in which 24 fit.
    const auto round = std::max<std::size_t>(sizes.round, 1);
    return std::max(sizes.least, (needed + sizes.slack + round - 1) / round * round);
}

template <class Visit>
void each(const element& e, const Visit& visit) {
    visit(e);
    for (const auto& child : e.children) each(child, visit);
}

/// Lays out the string table: identifier, strings worth sharing, slots.
class table {
public:
    table(const element& root, const document_type& type, const slot_sizes& sizes) {
        if (type.number == 0) add(type.public_id);
        share(root);
        each(root, [&](const element& e) {
            if (!has_slot(e)) return;
            const auto at = out_.size();
            slots_.emplace(&e, static_cast<std::uint32_t>(at));
            out_.put(wire::as_octets(e.text)).fill(capacity_for(e, sizes) - e.text.size(), 0);
        });
    }

    [[nodiscard]] std::size_t size() const { return out_.size(); }
    [[nodiscard]] std::size_t width() const { return out_.size() < two_octets ? 2 : 3; }
    [[nodiscard]] wire::octets take() { return out_.take(); }

    /// Where the text stands, or nothing: then it goes inline.
    [[nodiscard]] const std::uint32_t* find(const element& e) const {
        if (const auto own = slots_.find(&e); own != slots_.end()) return &own->second;
        const auto common = shared_.find(e.text);
        return common == shared_.end() || e.opaque ? nullptr : &common->second;
    }

private:
    std::uint32_t add(std::string_view text) {
        const auto at = static_cast<std::uint32_t>(out_.size());
        out_.put(wire::as_octets(text)).u8(0);
        return at;
    }

    void share(const element& root) {
        std::map<std::string_view, std::size_t> uses;
        each(root, [&](const element& e) {
            if (!has_slot(e) && e.children.empty() && !e.opaque && is_xml_text(e.text) && !e.text.empty())
                ++uses[e.text];
        });
        for (const auto& [text, count] : uses) {
            // Inline: STR_I, text, NUL each time. Shared: text and NUL once, STR_T and two octets each time.
            if (count * (text.size() + 2) > text.size() + 1 + count * 3) shared_.emplace(text, add(text));
        }
    }

    wire::writer out_;
    std::map<std::string, std::uint32_t, std::less<>> shared_;
    std::map<const element*, std::uint32_t> slots_;
};

parsed<void> collect_slots(const element& e, std::vector<const element*>& found) {
    if (has_slot(e)) {
        if (e.text_offset == 0 || e.opaque) return fault{document_errc::other_structure, e.offset};
        found.push_back(&e);
    }
    for (const auto& child : e.children) {
        OTA_TRY(collect_slots(child, found));
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

struct table_place {
    std::size_t identifier, end;  ///< offsets of the public identifier and of the first octet after the table
};

/// The header has been read before: it is sound.
table_place place_of_table(wire::octet_view document) {
    wire::reader in(document.subspan(1));
    const auto number = [&in] {
        std::uint32_t value = 0;
        for (std::uint32_t octet = 0x80; (octet & 0x80) != 0 && !in.failed();)
            value = value << 7 | ((octet = in.u8()) & 0x7F);
        return value;
    };
    const auto identifier = number() == 0 ? number() : 0;
    (void)number();
    const auto length = number();
    const auto start = 1 + in.offset();
    return {start + identifier, start + length};
}

parsed<std::vector<slot>> slots_in(wire::octet_view document, const element& root) {
    std::vector<const element*> holders;
    OTA_TRY(collect_slots(root, holders));
    // Names of literal tags stand in the table too, at places that are not known here.
    if (!literal_names(root).empty()) return fault{document_errc::other_structure, 0};
    const auto table = place_of_table(document);
    std::vector<std::size_t> starts{table.identifier, table.end};
    each(root, [&](const element& e) {
        if (e.text_offset != 0 && e.text_offset < table.end) starts.push_back(e.text_offset);
    });
    std::ranges::sort(starts);
    std::vector<slot> slots;
    for (const auto* holder : holders) {
        const auto own = std::ranges::equal_range(starts, holder->text_offset);
        if (own.size() != 1 || own.end() == starts.end()) return fault{document_errc::other_structure, holder->offset};
        slots.push_back({holder->text_offset, *own.end() - holder->text_offset});
    }
    return slots;
}

bool same_but_slots(const element& a, const element& b) {
    if (a.name != b.name) return false;
    if (has_slot(a) && has_slot(b)) return true;
    return a.text == b.text && std::ranges::equal(a.children, b.children, same_but_slots);
}

bool fits_slots(const element& root) {
    bool fits = true;
    each(root, [&](const element& e) { fits = fits && (!has_slot(e) || (!e.opaque && is_xml_text(e.text))); });
    return fits;
}

}  // namespace

wire::result<wire::octets> serialize_slotted(const element& root, const slot_sizes& sizes) {
    if (root.name != ddf_document.root) return document_errc::unknown_document;
    if (!literal_names(root).empty()) return document_errc::unexpected_element;
    if (!fits_slots(root)) return document_errc::not_text;
    table strings(root, ddf_document, sizes);
    if (strings.size() >= three_octets) return document_errc::too_large;
    const auto width = strings.width();

    wbxml_body body(
        [&](wire::writer& out, const element& e) {
            const auto* at = strings.find(e);
            if (at == nullptr) return put_inline(out, e);
            out.u8(token::str_t);
            token::put_number(out, *at, width);
        },
        nullptr, has_slot);
    body.write(root);

    wire::writer out;
    out.u8(token::version_1_3).u8(0).u8(0);
    token::put_number(out, token::utf_8);
    token::put_number(out, static_cast<std::uint32_t>(strings.size()), width);
    return out.put(strings.take()).put(body.take()).take();
}

parsed<std::vector<slot>> slots_of(wire::octet_view document) {
    OTA_TRY(auto root, parse_wbxml(document));
    return slots_in(document, root);
}

wire::result<wire::octets> update_slotted(wire::octet_view document, const element& root) {
    if (!fits_slots(root)) return document_errc::not_text;
    OTA_TRY(auto old, parse_wbxml(document));
    OTA_TRY(auto slots, slots_in(document, old));
    if (!same_but_slots(old, root)) return document_errc::other_structure;
    wire::octets updated(document.begin(), document.end());
    auto next = slots.begin();
    bool fits = true;
    each(root, [&](const element& e) {
        if (!has_slot(e)) return;
        const auto at = *next++;
        if (e.text.size() >= at.capacity) return void(fits = false);
        const auto to = updated.begin() + static_cast<std::ptrdiff_t>(at.offset);
        std::fill_n(std::ranges::copy(e.text, to).out, at.capacity - e.text.size(), std::uint8_t{0});
    });
    if (!fits) return document_errc::slot_overflow;
    // A foreign layout may hold one string inside another, or use a slot's octets elsewhere: the proof is in the
    // reading.
    const auto proof = parse_wbxml(updated);
    if (!proof || !same(proof.value(), root)) return document_errc::other_structure;
    return updated;
}

}  // namespace ota::management_object
