#pragma once

#include "management-object/fault.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ota::management_object {

/// Namespaces of the vocabularies; each is one WBXML code page of the DM languages.
inline constexpr std::string_view ns_syncml = "SYNCML:SYNCML1.2";
inline constexpr std::string_view ns_metinf = "syncml:metinf";
inline constexpr std::string_view ns_dmddf = "syncml:dmddf1.2";

/// How much a parser takes.
struct document_limits {
    std::size_t octets = 1 << 20;
    std::size_t depth = 64;
};

/// An element of a document, in XML and in WBXML alike. It holds elements or text, never both: none of the vocabularies
/// has mixed content. The text is UTF-8, or any octets when `opaque`.
struct element {
    std::string name;
    std::string xmlns;  ///< the namespace in force, inherited ones included; empty when none was declared
    std::string text;
    std::vector<element> children;
    bool opaque = false;     ///< came as WBXML OPAQUE, or is to be written so; XML shows it in Base64
    std::size_t offset = 0;  ///< where it was found; no part of its identity
    /// WBXML: where the text stands when it is one string; 0 otherwise.
    std::size_t text_offset = 0;

    /// The first child of that name, or null.
    [[nodiscard]] const element* child(std::string_view child_name) const noexcept;
    /// Its text, or "" when there is none.
    [[nodiscard]] std::string_view text_of(std::string_view child_name) const noexcept;
    /// Appends an element of the same namespace and gives it back; valid until the next one is appended.
    element& add(std::string_view child_name, std::string_view child_text = {});
};
/// Same names, texts and structure; offsets, namespaces and the opaque mark aside.
[[nodiscard]] bool same(const element&, const element&);

/// Without outer white space (space, tab, CR, LF).
[[nodiscard]] std::string_view trimmed(std::string_view) noexcept;
/// UTF-8 of characters that XML 1.0 allows (clause 2.2): nothing below U+0020 but tab, CR and LF, no surrogates.
[[nodiscard]] bool is_xml_text(std::string_view) noexcept;

}  // namespace ota::management_object
