// A DM message from anyone, in XML or in WBXML: whatever is taken is the same after writing and reading it again.

#include "management-object/dm_content.hpp"
#include "management-object/dm_message.hpp"

#include <cstdlib>

using namespace ota;
using namespace ota::management_object;

namespace {

void look_at(const dm::message& m) {
    for (const auto& each : m.body) {
        const auto* operation = std::get_if<dm::operation>(&each.is);
        if (operation == nullptr) continue;
        for (const auto& item : operation->items) {
            (void)dm::value_of(item, operation->about);
            (void)dm::tnds_of(item, {.octets = 4096, .depth = 16});
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const document_limits limits{.octets = 64 * 1024, .depth = 32};
    const wire::octet_view input(data, size);
    if (const auto m = dm::parse_xml(wire::as_text(input), limits)) {
        look_at(m.value());
        if (dm::parse_xml(dm::serialize_xml(m.value()).value()).value() != m.value()) std::abort();
        if (dm::parse_wbxml(dm::serialize_wbxml(m.value()).value()).value() != m.value()) std::abort();
    } else if (const auto w = dm::parse_wbxml(input, limits)) {
        look_at(w.value());
        if (dm::parse_wbxml(dm::serialize_wbxml(w.value()).value()).value() != w.value()) std::abort();
    }
    return 0;
}
