#pragma once

#include "management-object/dm_message.hpp"
#include "management-object/node.hpp"
#include "management-object/tnds.hpp"

/// What the data of an item mean: a value of some format, or a subtree.
namespace ota::management_object::dm {

/// The octets of the value: Base64 is undone for the format b64, and for bin unless the data came opaque. The item's
/// own Meta decides, else that of its command. Error: `bad_value`.
[[nodiscard]] wire::result<std::string> value_of(const item&, const std::optional<meta>& of_command = {});
/// Format and type of the item: its own Meta, else its command's; chr and text/plain when nothing is told.
[[nodiscard]] node_format format_of(const item&, const std::optional<meta>& of_command = {});
[[nodiscard]] std::string type_of(const item&, const std::optional<meta>& of_command = {});

enum class encoding : std::uint8_t { xml, wbxml };
/// An item for a node's value: bin goes opaque in WBXML and in Base64 in XML, b64 in Base64.
[[nodiscard]] item value_item(std::string target, node_format, std::string type, std::string_view value, encoding);

/// Is the data a TNDS document (format xml, type dmtnds+xml or +wbxml)?
[[nodiscard]] bool is_tnds(const item&, const std::optional<meta>& of_command = {});
/// The document, whether it came as a text, as elements, or as a WBXML document of its own in OPAQUE.
[[nodiscard]] parsed<tnds_document> tnds_of(const item&, const document_limits& = {});
/// An item that adds the subtree: a WBXML document in OPAQUE, or an XML text.
[[nodiscard]] wire::result<item> tnds_item(std::string target, const tnds_document&, encoding);

}  // namespace ota::management_object::dm
