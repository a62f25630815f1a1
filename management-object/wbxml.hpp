#pragma once

#include "management-object/element.hpp"
#include "secure-channel/wire/octets.hpp"

/// WAP Binary XML 1.3 (W3C note of 24 June 1999) of the DM languages; tables in code_pages.hpp.
namespace ota::management_object {

/// Reads one document: version 1.1 to 1.3, UTF-8 or US-ASCII, strings inline and from the table, OPAQUE, page switches,
/// literal tags. Attributes, entities, extensions and processing instructions do not occur in these languages and are
/// `unknown_token`.
///     | version | public id      | charset | length | string table | body |
///     |    1    | mb (0: mb ref) |   mb    |   mb   |    length    |  n   |
[[nodiscard]] parsed<element> parse_wbxml(wire::octet_view, const document_limits& = {});

/// Writes version 1.3 in UTF-8 with every text inline; opaque texts, and those that are no XML text, as OPAQUE; a
/// name that no page has as a literal tag. Errors: `unknown_document` when the root starts none of our documents.
[[nodiscard]] wire::result<wire::octets> serialize_wbxml(const element&);

}  // namespace ota::management_object
