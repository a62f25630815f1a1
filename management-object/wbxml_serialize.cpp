#include "management-object/code_pages.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/wbxml_body.hpp"
#include "management-object/wbxml_tokens.hpp"

#include <algorithm>
#include <optional>

namespace ota::management_object {
namespace {

struct place {
    std::uint8_t page, tag;
};

/// By the element's namespace; without one, the current page first.
std::optional<place> place_of(const element& e, std::uint8_t current) {
    if (const auto page = page_of(e.xmlns)) {
        const auto tag = tag_token(*page, e.name);
        return tag ? std::optional<place>({*page, *tag}) : std::nullopt;
    }
    if (const auto tag = tag_token(current, e.name)) return place{current, *tag};
    for (std::uint8_t page = 0; page < code_page_count; ++page) {
        if (const auto tag = tag_token(page, e.name)) return place{page, *tag};
    }
    return std::nullopt;
}

void collect_literals(const element& e, std::vector<std::string>& names) {
    // Whether a name is literal does not depend on the current page: every page is searched.
    if (!place_of(e, 0) && std::ranges::find(names, e.name) == names.end()) names.push_back(e.name);
    for (const auto& child : e.children) collect_literals(child, names);
}

}  // namespace

void wbxml_body::write(const element& e) {
    const bool content = !e.children.empty() || !e.text.empty() || (always_text_ != nullptr && always_text_(e));
    const std::uint8_t flag = content ? token::has_content : 0;
    if (const auto at = place_of(e, page_)) {
        if (at->page != page_) out_.u8(token::switch_page).u8(page_ = at->page);
        out_.u8(at->tag | flag);
    } else {
        out_.u8(token::literal | flag);
        token::put_number(out_, literal_(e.name));
    }
    if (!content) return;
    if (e.children.empty()) text_(out_, e);
    for (const auto& child : e.children) write(child);
    out_.u8(token::end);
}

void put_inline(wire::writer& out, const element& e) {
    const auto text = wire::as_octets(e.text);
    if (e.opaque || !is_xml_text(e.text)) {
        out.u8(token::opaque);
        token::put_number(out, static_cast<std::uint32_t>(text.size()));
        out.put(text);
    } else {
        out.u8(token::str_i).put(text).u8(0);
    }
}

std::vector<std::string> literal_names(const element& root) {
    std::vector<std::string> names;
    collect_literals(root, names);
    return names;
}

wire::result<wire::octets> serialize_wbxml(const element& root) {
    const auto* type = document_with_root(root.name);
    if (type == nullptr) return document_errc::unknown_document;

    wire::writer table;
    if (type->number == 0) table.put(wire::as_octets(type->public_id)).u8(0);
    std::vector<std::pair<std::string, std::uint32_t>> literals;
    for (auto& name : literal_names(root)) {
        const auto at = static_cast<std::uint32_t>(table.size());
        table.put(wire::as_octets(name)).u8(0);
        literals.emplace_back(std::move(name), at);
    }
    wbxml_body body(put_inline, [&](std::string_view name) {
        return std::ranges::find(literals, name, [](const auto& l) { return std::string_view(l.first); })->second;
    });
    body.write(root);

    wire::writer out;
    out.u8(token::version_1_3);
    token::put_number(out, type->number);
    if (type->number == 0) token::put_number(out, 0);
    token::put_number(out, token::utf_8);
    token::put_number(out, static_cast<std::uint32_t>(table.size()));
    return out.put(table.take()).put(body.take()).take();
}

}  // namespace ota::management_object
