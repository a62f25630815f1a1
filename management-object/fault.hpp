#pragma once

#include "secure-channel/wire/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace ota::management_object {

/// Why a document (XML or WBXML) could not be read or written.
enum class document_errc : std::uint8_t {
    too_large = 1,       ///< longer than the limit
    too_deep,            ///< elements or nodes nested deeper than the limit
    malformed_xml,       ///< not well-formed, or no single root element
    not_text,            ///< not UTF-8, or characters that XML does not allow
    entity,              ///< an internal DTD subset, or an entity beyond the five predefined ones
    truncated,           ///< WBXML ended inside the document
    trailing_octets,     ///< WBXML went on after the document
    unknown_version,     ///< not WBXML 1.1, 1.2 or 1.3
    unknown_document,    ///< public identifier or character set that we do not read
    unknown_token,       ///< a token that the code page does not define, or that we do not read (extensions, PI)
    bad_string,          ///< a string reference outside the table, or a string without its end
    bad_number,          ///< a multi-byte integer of more than 32 bits
    unexpected_element,  ///< an element that has no place here
    missing_element,     ///< a required element is not there
    bad_value,           ///< the text of an element is not of its type
    bad_uri,             ///< not a node address of OMA DM
    slot_overflow,       ///< a value does not fit its slot
    other_structure,     ///< the image to be updated has another structure than the tree
};
const std::error_category& document_category() noexcept;
inline std::error_code make_error_code(document_errc e) noexcept { return {static_cast<int>(e), document_category()}; }

/// A failure and where: octets from the start of the input.
struct fault {
    document_errc code = document_errc::malformed_xml;
    std::size_t offset = 0;

    // Implicit, so that OTA_TRY passes a fault on in a function that returns wire::result.
    operator std::error_code() const noexcept { return make_error_code(code); }  // NOLINT
    auto operator<=>(const fault&) const = default;
};
inline std::error_code make_error_code(const fault& f) noexcept { return make_error_code(f.code); }
/// "the text is not of its type, at octet 17"
[[nodiscard]] std::string sentence(const fault&);

/// A value, or a failure with its position.
template <class T>
using parsed = BOOST_OUTCOME_V2_NAMESPACE::std_result<T, fault>;

}  // namespace ota::management_object

template <>
struct std::is_error_code_enum<ota::management_object::document_errc> : std::true_type {};
