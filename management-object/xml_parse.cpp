#include "management-object/xml.hpp"

#include <pugixml.hpp>

#include <charconv>
#include <cstring>

namespace ota::management_object {
namespace {

// Entities are left alone by the library and expanded here, so that an unknown one is an error and not a text. Its own
// parser is iterative: depth costs it no stack, ours is bounded by the limit.
constexpr unsigned options = pugi::parse_cdata | pugi::parse_eol | pugi::parse_ws_pcdata | pugi::parse_wconv_attribute |
                             pugi::parse_doctype | pugi::parse_fragment;

std::size_t offset_of(const pugi::xml_node& node) {
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, node.offset_debug()));
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        tail(6), tail(0);
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        tail(12), tail(6), tail(0);
    }
}

/// What stands between & and ; - the five of XML 1.0 clause 4.6, or a character reference.
bool append_entity(std::string& out, std::string_view name) {
    if (name == "lt") return out += '<', true;
    if (name == "gt") return out += '>', true;
    if (name == "amp") return out += '&', true;
    if (name == "quot") return out += '"', true;
    if (name == "apos") return out += '\'', true;
    if (name.size() < 2 || name[0] != '#') return false;
    const bool hex = name[1] == 'x';
    const auto digits = name.substr(hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, code, hex ? 16 : 10);
    if (read.ec != std::errc() || read.ptr != end || code > 0x10FFFF) return false;
    append_utf8(out, code);
    return true;
}

parsed<std::string> expanded(std::string_view raw, std::size_t offset) {
    std::string out;
    for (std::size_t at = 0; at < raw.size();) {
        const auto amp = raw.find('&', at);
        out += raw.substr(at, amp - at);
        if (amp == std::string_view::npos) break;
        const auto end = raw.find(';', amp);
        if (end == std::string_view::npos) return fault{document_errc::malformed_xml, offset};
        if (!append_entity(out, raw.substr(amp + 1, end - amp - 1))) return fault{document_errc::entity, offset};
        at = end + 1;
    }
    if (!is_xml_text(out)) return fault{document_errc::not_text, offset};
    return out;
}

std::string_view local_name(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// What stands behind a prefix is a name of its own [Namespaces in XML 1.0, 4]; it is written without its prefix.
bool begins_as_name(std::string_view name) {
    if (name.empty()) return false;
    const auto c = static_cast<unsigned char>(name.front());
    return c >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/// The namespace that the element declares for its own prefix, else the one around it.
std::string namespace_of(const pugi::xml_node& node, std::string_view around) {
    const std::string_view name = node.name();
    const auto colon = name.rfind(':');
    const auto wanted =
        colon == std::string_view::npos ? std::string("xmlns") : "xmlns:" + std::string(name.substr(0, colon));
    const auto declared = node.attribute(wanted.c_str());
    return declared ? declared.value() : std::string(around);
}

parsed<element> convert(const pugi::xml_node& node, std::string_view around, std::size_t depth) {
    element out{
        .name = std::string(local_name(node.name())), .xmlns = namespace_of(node, around), .offset = offset_of(node)};
    if (depth == 0) return fault{document_errc::too_deep, out.offset};
    if (!begins_as_name(out.name)) return fault{document_errc::malformed_xml, out.offset};
    for (const auto& child : node.children()) {
        if (child.type() == pugi::node_element) {
            OTA_TRY(auto converted, convert(child, out.xmlns, depth - 1));
            out.children.push_back(std::move(converted));
        } else if (child.type() == pugi::node_cdata) {
            out.text += child.value();
        } else if (child.type() == pugi::node_pcdata) {
            OTA_TRY(auto text, expanded(child.value(), offset_of(child)));
            out.text += text;
        } else {
            return fault{document_errc::malformed_xml, out.offset};
        }
    }
    if (out.children.empty()) return out;
    if (!trimmed(out.text).empty()) return fault{document_errc::unexpected_element, out.offset};
    out.text.clear();
    return out;
}

parsed<pugi::xml_node> root_of(const pugi::xml_document& document) {
    pugi::xml_node root;
    for (const auto& child : document.children()) {
        const auto offset = offset_of(child);
        if (child.type() == pugi::node_doctype && std::strchr(child.value(), '[') != nullptr)
            return fault{document_errc::entity, offset};
        if (child.type() == pugi::node_pcdata && !trimmed(child.value()).empty())
            return fault{document_errc::malformed_xml, offset};
        if (child.type() == pugi::node_cdata || (child.type() == pugi::node_element && root))
            return fault{document_errc::malformed_xml, offset};
        if (child.type() == pugi::node_element) root = child;
    }
    if (!root) return fault{document_errc::malformed_xml, 0};
    return root;
}

}  // namespace

parsed<element> parse_xml(std::string_view text, const document_limits& limits) {
    if (text.size() > limits.octets) return fault{document_errc::too_large, limits.octets};
    if (!is_xml_text(text)) return fault{document_errc::not_text, 0};
    pugi::xml_document document;
    const auto read = document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
    if (!read)
        return fault{document_errc::malformed_xml, static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, read.offset))};
    OTA_TRY(auto root, root_of(document));
    return convert(root, {}, limits.depth);
}

}  // namespace ota::management_object
