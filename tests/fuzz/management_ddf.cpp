// A device description from anyone: whatever is taken is the same after writing and reading it again, and can be looked
// up in.

#include "management-object/ddf_check.hpp"

#include <cstdlib>

using namespace ota::management_object;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto document = ddf::parse_xml(text, {.octets = 64 * 1024, .depth = 32});
    if (!document) return 0;
    if (ddf::parse_xml(ddf::serialize_xml(document.value()).value()).value() != document.value()) std::abort();
    if (ddf::parse_wbxml(ddf::serialize_wbxml(document.value()).value()).value() != document.value()) std::abort();
    for (const auto& described : document.value().nodes) {
        (void)ddf::check(interior("x", {text_leaf("y", "")}), described);
        (void)ddf::allows(described, uri{{"y"}}, ddf::command::add);
    }
    return 0;
}
