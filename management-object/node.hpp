#pragma once

#include "management-object/acl.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ota::management_object {

/// Formats of a node (OMA-TS-DM_TND 1.2), named as the standard names them where C++ lets us.
enum class node_format : std::uint8_t { node, chr, integer, boolean, b64, bin, null, xml, floating, date, time };
[[nodiscard]] std::string_view to_string(node_format) noexcept;  ///< "node", "chr", "int", "bool", ...
[[nodiscard]] std::optional<node_format> format_named(std::string_view) noexcept;
/// Does the value have the form of the format: int is a decimal number, bool "true" or "false", float, date and time as
/// in XML Schema (date and time also in the basic form), chr and xml UTF-8 text, null and node nothing, b64 and bin any
/// octets.
[[nodiscard]] bool is_value_of(node_format, std::string_view value) noexcept;
/// "YYYYMMDDThhmmssZ"; the Z may be missing.
[[nodiscard]] bool is_time_stamp(std::string_view) noexcept;

/// A node of a management tree, with all below it.
struct node {
    std::string name;  ///< "." for the root of a whole tree; may be empty in a document: whoever adds it names it
    node_format format = node_format::node;
    std::string type;  ///< leaf: MIME type; interior: identifier of the management object (DDFName), or empty
    /// Leaf: octets; UTF-8 for text formats, the decoded octets for b64 and bin. Nothing: the document told none.
    std::optional<std::string> value;
    access_control_list acl;  ///< empty: inherited
    std::optional<std::uint16_t> ver_no;
    std::string tstamp;
    std::string title;
    std::vector<node> children;  ///< in document order; names are unique

    [[nodiscard]] bool is_leaf() const noexcept { return format != node_format::node; }
    [[nodiscard]] const node* child(std::string_view child_name) const noexcept;
    [[nodiscard]] node* child(std::string_view child_name) noexcept;
    bool operator==(const node&) const = default;
};

[[nodiscard]] node interior(std::string name, std::vector<node> children = {}, std::string ddf_name = {});
/// A leaf of format chr, text/plain.
[[nodiscard]] node text_leaf(std::string name, std::string value);
[[nodiscard]] node leaf(std::string name, node_format format, std::string value, std::string mime = "text/plain");

/// Index of the first node whose name an earlier one has; nodes without a name aside.
[[nodiscard]] std::optional<std::size_t> name_twice(const std::vector<node>&);
/// Levels of nodes, itself included.
[[nodiscard]] std::size_t depth_of(const node&) noexcept;

}  // namespace ota::management_object
