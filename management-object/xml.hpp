#pragma once

#include "management-object/element.hpp"

#include <string>
#include <string_view>

namespace ota::management_object {

/// Reads one XML document in UTF-8: one root element, no internal DTD subset, no entities beyond the five predefined
/// ones and character references; attributes other than `xmlns` are passed over, prefixes of names are dropped.
[[nodiscard]] parsed<element> parse_xml(std::string_view, const document_limits& = {});

struct xml_form {
    std::string_view doctype = {};  ///< what stands between "<!DOCTYPE " and ">", or empty
    bool indented = false;          ///< a line for each element; the text of an element is never touched
};
/// Writes the document with its declaration. `xmlns` appears where it changes; opaque text appears in Base64. Errors:
/// `not_text` when a text holds what XML cannot say.
[[nodiscard]] wire::result<std::string> serialize_xml(const element&, const xml_form& = {});

}  // namespace ota::management_object
