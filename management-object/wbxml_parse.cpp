#include "management-object/code_pages.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/wbxml_tokens.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

// A short document may refer to one long string of its table many times: its texts together may be this many times the
// limit on its size.
constexpr std::size_t text_factor = 4;

/// What XML can show as a tag: letters and all beyond ASCII, then digits, "-" and "." too.
bool is_element_name(std::string_view name) noexcept {
    const auto starts = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    };
    const auto follows = [&](char c) { return starts(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return !name.empty() && starts(name[0]) && std::ranges::all_of(name, follows) && is_xml_text(name);
}

class wbxml_reader {
public:
    wbxml_reader(wire::octet_view in, const document_limits& limits)
        : whole_(in), in_(in), text_left_(limits.octets * text_factor), depth_(limits.depth) {}

    parsed<element> document() {
        OTA_TRY(header());
        OTA_TRY(auto first, token_after_switches());
        OTA_TRY(auto root, tag(first, depth_));
        if (in_.remaining() != 0) return fail(document_errc::trailing_octets);
        return root;
    }

private:
    [[nodiscard]] fault fail(document_errc code) const {
        return {in_.failed() ? document_errc::truncated : code, in_.offset()};
    }

    parsed<std::uint32_t> number() {
        std::uint64_t value = 0;
        for (int i = 0; i < 5; ++i) {
            const auto octet = in_.u8();
            value = value << 7 | (octet & 0x7F);
            if (in_.failed() || value > UINT32_MAX) break;
            if ((octet & 0x80) == 0) return static_cast<std::uint32_t>(value);
        }
        return fail(document_errc::bad_number);
    }

    parsed<void> header() {
        const auto version = in_.u8();
        if (in_.failed() || version < token::version_1_1 || version > token::version_1_3)
            return fail(document_errc::unknown_version);
        OTA_TRY(auto public_id, number());
        std::uint32_t identifier = 0;
        if (public_id == 0) {
            OTA_TRY(identifier, number());
        }
        OTA_TRY(auto charset, number());
        if (charset != token::utf_8 && charset != token::us_ascii) return fail(document_errc::unknown_document);
        OTA_TRY(auto length, number());
        table_offset_ = in_.offset();
        table_ = in_.take(length);
        if (in_.failed()) return fail(document_errc::truncated);
        if (public_id == 0) {
            OTA_TRY(auto text, from_table(identifier));
            if (text != syncml_document.public_id && text != ddf_document.public_id)
                return fail(document_errc::unknown_document);
        } else if (public_id != syncml_document.number && public_id != 1) {  // 1: not told; the root tells
            return fail(document_errc::unknown_document);
        }
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }

    parsed<std::string_view> from_table(std::uint32_t at) {
        if (at >= table_.size()) return fail(document_errc::bad_string);
        const auto rest = table_.subspan(at);
        const auto end = std::ranges::find(rest, std::uint8_t{0});
        if (end == rest.end()) return fail(document_errc::bad_string);
        return wire::as_text(rest.first(static_cast<std::size_t>(end - rest.begin())));
    }

    parsed<std::string_view> inline_string() {
        const auto rest = whole_.subspan(in_.offset());
        const auto end = std::ranges::find(rest, std::uint8_t{0});
        if (end == rest.end()) {
            in_.fail();
            return fail(document_errc::truncated);
        }
        const auto text = in_.take(static_cast<std::size_t>(end - rest.begin()));
        in_.u8();
        return wire::as_text(text);
    }

    parsed<std::uint8_t> token_after_switches() {
        for (;;) {
            const auto next = in_.u8();
            if (in_.failed()) return fail(document_errc::truncated);
            if (next != token::switch_page) return next;
            page_ = in_.u8();
            if (in_.failed() || page_ >= code_page_count) return fail(document_errc::unknown_token);
        }
    }

    parsed<element> tag(std::uint8_t octet, std::size_t depth) {
        element out{.offset = in_.offset() - 1};
        if (depth == 0) return fail(document_errc::too_deep);
        const auto id = static_cast<std::uint8_t>(octet & token::tag_mask);
        if ((octet & token::has_attributes) != 0) return fail(document_errc::unknown_token);
        if (id == token::literal) {
            OTA_TRY(auto index, number());
            OTA_TRY(auto name, from_table(index));
            out.name = name;
            if (!is_element_name(name)) return fail(document_errc::bad_string);
        } else {
            out.name = tag_name(page_, id);
            if (out.name.empty()) return fail(document_errc::unknown_token);
        }
        out.xmlns = page_namespace(page_);
        if ((octet & token::has_content) != 0) {
            OTA_TRY(content(out, depth));
        }
        return out;
    }

    parsed<void> content(element& out, std::size_t depth) {
        std::size_t strings = 0;
        for (;;) {
            OTA_TRY(auto next, token_after_switches());
            if (next == token::end) break;
            if (next == token::str_i || next == token::str_t || next == token::opaque) {
                ++strings;
                OTA_TRY(text(out, next));
            } else if (next == token::entity) {
                return fail(document_errc::unknown_token);
            } else {
                OTA_TRY(auto child, tag(next, depth - 1));
                out.children.push_back(std::move(child));
            }
        }
        if (strings != 1) out.text_offset = 0;
        if (out.children.empty()) return BOOST_OUTCOME_V2_NAMESPACE::success();
        if (!trimmed(out.text).empty()) return fault{document_errc::unexpected_element, out.offset};
        out.text.clear();
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }

    parsed<void> text(element& out, std::uint8_t kind) {
        std::string_view part;
        if (kind == token::str_i) {
            out.text_offset = in_.offset();
            OTA_TRY(part, inline_string());
        } else if (kind == token::str_t) {
            OTA_TRY(auto index, number());
            OTA_TRY(part, from_table(index));
            out.text_offset = table_offset_ + index;
        } else {
            OTA_TRY(auto length, number());
            part = wire::as_text(in_.take(length));
            if (in_.failed()) return fail(document_errc::truncated);
            out.opaque = true;
        }
        if (kind != token::opaque && !is_xml_text(part)) return fail(document_errc::not_text);
        if (part.size() > text_left_) return fail(document_errc::too_large);
        text_left_ -= part.size();
        out.text += part;
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }

    wire::octet_view whole_;
    wire::reader in_;
    wire::octet_view table_;
    std::size_t table_offset_ = 0;
    std::size_t text_left_;
    std::size_t depth_;
    std::uint8_t page_ = 0;
};

}  // namespace

parsed<element> parse_wbxml(wire::octet_view in, const document_limits& limits) {
    if (in.size() > limits.octets) return fault{document_errc::too_large, limits.octets};
    return wbxml_reader(in, limits).document();
}

}  // namespace ota::management_object
