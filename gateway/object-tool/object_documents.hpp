#pragma once

#include "gateway/object-tool/complaint.hpp"
#include "management-object/card_image.hpp"

#include <iosfwd>
#include <optional>
#include <string>

/// What the tool is given: TNDS documents in XML, and the files of cards.
namespace ota::object_tool {

/// The octets of a file, and how complaints name it.
struct input {
    std::string name;
    std::string octets;
};
/// "-": all of `in`.
[[nodiscard]] answered<input> read_input(const std::string& file, std::istream& in);
/// From hexadecimal digits, white space between them.
[[nodiscard]] answered<input> from_hex(const input&);

/// Is it the file of a card, as no XML begins?
[[nodiscard]] bool is_image(const input&) noexcept;

/// A TNDS document in XML. Complaints name the line.
[[nodiscard]] answered<management_object::tnds_document> parse_xml_document(const input&);
/// The file of a card in any layout, padded or not; without nodes when it holds nothing but padding. Complaints name
/// the octet.
[[nodiscard]] answered<management_object::tnds_document> parse_image(const input&);
/// Either of them, told apart by their first octet.
[[nodiscard]] answered<management_object::tnds_document> parse_either(const input&);

/// The one object of the document, or nothing. A complaint when there are several, or its node has no name.
[[nodiscard]] answered<std::optional<management_object::placed_node>> one_object(const input&,
                                                                                 management_object::tnds_document);
[[nodiscard]] management_object::uri address_of(const management_object::placed_node&);

/// The document as WBXML, as it stands. With a size, its one object as the gateway makes the file of a card: a slotted
/// layout that is too large gives up slack, then slots; padding to the size. A BER-TLV layout has one object in any
/// case.
[[nodiscard]] answered<wire::octets> encode(const input&, management_object::image_layout,
                                            std::optional<std::size_t> size);

/// Why an image could not be made: of an object too large, how large it is at least.
[[nodiscard]] complaint too_large_or(const input&, const std::error_code&, const management_object::placed_node&,
                                     const management_object::image_form&);

}  // namespace ota::object_tool
