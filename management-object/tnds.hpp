#pragma once

#include "management-object/element.hpp"
#include "management-object/node.hpp"
#include "management-object/slotted.hpp"
#include "management-object/uri.hpp"

/// Tree and Description Serialization: subtrees as documents, in XML and in WBXML (OMA-TS-DM_TNDS 1.2).
///     MgmtTree(VerDTD, Man?, Mod?, Node+)   Node(NodeName, Path?, RTProperties?, (Node* | Value?))
///     RTProperties(ACL?, Format?, Name?, Size?, Title?, TStamp?, Type, VerNo?)
namespace ota::management_object {

inline constexpr std::string_view type_tnds_xml = "application/vnd.syncml.dmtnds+xml";
inline constexpr std::string_view type_tnds_wbxml = "application/vnd.syncml.dmtnds+wbxml";

/// A subtree and where it belongs.
struct placed_node {
    std::optional<uri> path;  ///< the node around it; nothing: whoever adds the document says
    node top;
    bool operator==(const placed_node&) const = default;
};

struct tnds_document {
    std::string man, mod;  ///< maker and model of the device, or empty
    std::vector<placed_node> nodes;
    bool operator==(const tnds_document&) const = default;
};

/// Which optional properties are written; Format and Type always are.
struct tnds_properties {
    bool acl = true, title = true, tstamp = true, ver_no = true, size = false;
};

/// Each parser checks names, formats and values, and takes a document without RTProperties too, as it is met in the
/// field: the format then follows from what the node holds. Errors tell the octet.
[[nodiscard]] parsed<tnds_document> parse_tnds(const element& mgmt_tree);
[[nodiscard]] parsed<tnds_document> parse_tnds_xml(std::string_view, const document_limits& = {});
[[nodiscard]] parsed<tnds_document> parse_tnds_wbxml(wire::octet_view, const document_limits& = {});

/// How a bin value is written: as WBXML OPAQUE (which in XML is Base64), or as a Base64 text also in WBXML. Either is
/// read.
enum class bin_form : std::uint8_t { opaque, base64 };
[[nodiscard]] element to_element(const tnds_document&, const tnds_properties& = {}, bin_form = bin_form::opaque);
/// Indented, with its DOCTYPE. Error: `not_text`.
[[nodiscard]] wire::result<std::string> serialize_tnds_xml(const tnds_document&, const tnds_properties& = {});
/// Every text inline: the shortest without sharing.
[[nodiscard]] wire::result<wire::octets> serialize_tnds_wbxml(const tnds_document&, const tnds_properties& = {});

/// The slotted layout of slotted.hpp; bin values are Base64 text, so that they have slots like all others.
[[nodiscard]] wire::result<wire::octets> serialize_tnds_slotted(const tnds_document&, const tnds_properties& = {},
                                                                const slot_sizes& = {});
/// See update_slotted; `properties` as when the image was made.
[[nodiscard]] wire::result<wire::octets> update_tnds_slotted(wire::octet_view image, const tnds_document&,
                                                             const tnds_properties& = {});

}  // namespace ota::management_object
