#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Tag tokens of the DM languages: SyncML Representation Protocol 1.2, MetInf 1.2, DM TND (DDF and TNDS) 1.2.
namespace ota::management_object {

inline constexpr std::uint8_t code_page_count = 3;  ///< 0 SyncML, 1 MetInf, 2 DDF and TNDS

/// The tag's name, or "" when the page has no such token. The token is without the content and attribute flags.
[[nodiscard]] std::string_view tag_name(std::uint8_t page, std::uint8_t token) noexcept;
[[nodiscard]] std::optional<std::uint8_t> tag_token(std::uint8_t page, std::string_view name) noexcept;

[[nodiscard]] std::string_view page_namespace(std::uint8_t page) noexcept;
/// The page of a namespace; SyncML 1.0 and 1.1 count as SyncML.
[[nodiscard]] std::optional<std::uint8_t> page_of(std::string_view xmlns) noexcept;

/// What a WBXML document says that it is.
struct document_type {
    std::string_view root;       ///< name of the root element
    std::string_view public_id;  ///< formal public identifier
    std::uint32_t number;        ///< WAP-assigned number, or 0: the identifier stands in the string table
    std::string_view system_id;
};
inline constexpr document_type syncml_document{
    "SyncML", "-//SYNCML//DTD SyncML 1.2//EN", 0x1201,
    "http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd"};
inline constexpr document_type ddf_document{"MgmtTree", "-//OMA//DTD-DM-DDF 1.2//EN", 0,
                                            "http://www.openmobilealliance.org/tech/DTD/dm_ddf-v1_2.dtd"};
/// What stands in its DOCTYPE: root, PUBLIC, both identifiers.
[[nodiscard]] std::string doctype_of(const document_type&);
/// By the name of the root element; null when it starts none of our documents.
[[nodiscard]] const document_type* document_with_root(std::string_view) noexcept;

}  // namespace ota::management_object
