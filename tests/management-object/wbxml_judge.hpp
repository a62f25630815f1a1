#pragma once

#include "management-object/element.hpp"
#include "secure-channel/wire/octets.hpp"

#include <optional>
#include <string>

/// libwbxml2, an implementation of others, as a judge of WBXML.
namespace ota::management_object::judge {

/// What it reads in a WBXML document, or nothing when it refuses it.
[[nodiscard]] std::optional<std::string> to_xml(wire::octet_view wbxml);
/// What it writes for an XML document; with `string_table` repeated strings are shared.
[[nodiscard]] std::optional<wire::octets> to_wbxml(const std::string& xml, bool string_table);

/// Outer white space of each text removed, opaque texts as Base64: what is left of a document in its hands.
[[nodiscard]] element as_it_sees(element);

}  // namespace ota::management_object::judge
