#pragma once

#include "management-object/element.hpp"
#include "management-object/node.hpp"
#include "management-object/uri.hpp"
#include "secure-channel/wire/octets.hpp"

/// Device Description Framework: what trees of a kind look like (OMA-TS-DM_TND 1.2, DTD-DM-DDF 1.2).
///     MgmtTree(VerDTD, Man?, Mod?, Node+)   Node(NodeName, Path?, RTProperties?, DFProperties, (Node* | Value?))
///     DFProperties(AccessType, DefaultValue?, Description?, DFFormat, Occurrence?, Scope?, DFTitle?, DFType,
///     CaseSense?)
namespace ota::management_object::ddf {

/// Commands that a node answers to. Copy is a command here, unlike in an access control list.
enum class command : std::uint8_t { add, copy, del, exec, get, replace };
inline constexpr std::size_t command_count = 6;
[[nodiscard]] std::string_view to_string(command) noexcept;

class access_type {
public:
    [[nodiscard]] bool has(command c) const noexcept { return (bits_ >> static_cast<unsigned>(c) & 1u) != 0; }
    void allow(command c) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | 1u << static_cast<unsigned>(c)); }
    bool operator==(const access_type&) const = default;

private:
    std::uint8_t bits_ = 0;
};

/// How many nodes of the kind there may be beside each other.
struct occurrence {
    bool required = true;                      ///< One, OneOrMore, OneOrN
    std::optional<std::uint32_t> at_most = 1;  ///< nothing: any number
    bool operator==(const occurrence&) const = default;
};

enum class scope : std::uint8_t { dynamic, permanent };

struct description {
    std::string name;         ///< empty: whoever adds the node names it, <x> in the standards' drawings
    std::optional<uri> path;  ///< topmost nodes only
    access_type access;
    node_format format = node_format::node;
    std::vector<std::string> mime_types;  ///< of a leaf; none: any
    std::string ddf_name;                 ///< of an interior node: identifier of the management object
    std::optional<std::string> default_value;
    std::string title, text;
    occurrence occurs;
    ddf::scope scope = ddf::scope::dynamic;
    bool case_sensitive = true;
    std::vector<description> children;

    [[nodiscard]] bool is_leaf() const noexcept { return format != node_format::node; }
    bool operator==(const description&) const = default;
};

struct document {
    std::string man, mod;
    std::vector<description> nodes;
    bool operator==(const document&) const = default;
};

[[nodiscard]] parsed<document> parse(const element& mgmt_tree);
[[nodiscard]] parsed<document> parse_xml(std::string_view, const document_limits& = {});
[[nodiscard]] parsed<document> parse_wbxml(wire::octet_view, const document_limits& = {});

[[nodiscard]] element to_element(const document&);
/// Indented, with its DOCTYPE. Error: `not_text`.
[[nodiscard]] wire::result<std::string> serialize_xml(const document&);
[[nodiscard]] wire::result<wire::octets> serialize_wbxml(const document&);

}  // namespace ota::management_object::ddf
