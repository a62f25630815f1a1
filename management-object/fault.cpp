#include "management-object/fault.hpp"

namespace ota::management_object {
namespace {

class category_of_documents final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "management-object-document"; }
    [[nodiscard]] std::string message(int code) const override {
        switch (static_cast<document_errc>(code)) {
            case document_errc::too_large: return "the document is longer than allowed";
            case document_errc::too_deep: return "the document is nested deeper than allowed";
            case document_errc::malformed_xml: return "the XML is not well-formed";
            case document_errc::not_text: return "the text is not UTF-8 of characters that XML allows";
            case document_errc::entity: return "entities of an own DTD are not allowed";
            case document_errc::truncated: return "the document ends too early";
            case document_errc::trailing_octets: return "the input goes on after the document";
            case document_errc::unknown_version: return "not WBXML 1.1, 1.2 or 1.3";
            case document_errc::unknown_document: return "public identifier or character set is not known";
            case document_errc::unknown_token: return "the code page has no such token";
            case document_errc::bad_string: return "the string has no end, or lies outside the string table";
            case document_errc::bad_number: return "the multi-byte integer is too long";
            case document_errc::unexpected_element: return "the element has no place here";
            case document_errc::missing_element: return "a required element is missing";
            case document_errc::bad_value: return "the text of the element is not of its type";
            case document_errc::bad_uri: return "not a node address";
            case document_errc::slot_overflow: return "the value does not fit its slot";
            case document_errc::other_structure: return "the image has another structure than the tree";
        }
        return "unknown document error";
    }
};

}  // namespace

const std::error_category& document_category() noexcept {
    static const category_of_documents instance;
    return instance;
}

std::string sentence(const fault& f) {
    return make_error_code(f.code).message() + ", at octet " + std::to_string(f.offset);
}

}  // namespace ota::management_object
