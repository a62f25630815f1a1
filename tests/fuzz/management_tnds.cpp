// A TNDS document in XML from anyone: read within bounds; whatever is taken is the same after writing and reading it
// again.

#include "management-object/tnds.hpp"
#include "management-object/xml.hpp"

#include <cstdlib>

using namespace ota::management_object;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const document_limits limits{.octets = 64 * 1024, .depth = 32};
    if (const auto root = parse_xml(text, limits)) {
        if (!same(parse_xml(serialize_xml(root.value()).value()).value(), root.value())) std::abort();
    } else if (root.error().offset > size + 3) {  // 3: a byte order mark
        std::abort();
    }
    const auto document = parse_tnds_xml(text, limits);
    if (!document) return 0;
    if (parse_tnds_xml(serialize_tnds_xml(document.value()).value()).value() != document.value()) std::abort();
    if (parse_tnds_wbxml(serialize_tnds_wbxml(document.value()).value()).value() != document.value()) std::abort();
    return 0;
}
