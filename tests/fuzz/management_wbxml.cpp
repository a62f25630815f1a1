// A WBXML document from anyone: read within bounds; whatever is taken can be written and read again as the same
// document, and a slotted one can be updated in place without touching anything but its slots.

#include "management-object/slotted.hpp"
#include "management-object/tnds.hpp"
#include "management-object/wbxml.hpp"

#include <cstdlib>

using namespace ota;
using namespace ota::management_object;

namespace {

void update(wire::octet_view image, element root) {
    const auto slots = slots_of(image);
    if (!slots) return;
    const auto same_again = update_slotted(image, root);
    if (!same_again) return;  // a foreign layout may put one string inside another
    if (same_again.value().size() != image.size() || !same(parse_wbxml(same_again.value()).value(), root)) std::abort();
}

void as_tree(const element& root) {
    const auto document = parse_tnds(root);
    if (!document) return;
    const auto plain = serialize_tnds_wbxml(document.value());
    if (!plain || parse_tnds_wbxml(plain.value()).value() != document.value()) std::abort();
    const auto slotted = serialize_tnds_slotted(document.value());
    if (!slotted) std::abort();
    if (parse_tnds_wbxml(slotted.value()).value() != document.value()) std::abort();
    if (update_tnds_slotted(slotted.value(), document.value()).value() != slotted.value()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const wire::octet_view input(data, size);
    const auto root = parse_wbxml(input, {.octets = 64 * 1024, .depth = 32});
    if (!root) {
        if (root.error().offset > size) std::abort();
        return 0;
    }
    if (const auto written = serialize_wbxml(root.value())) {
        if (!same(parse_wbxml(written.value()).value(), root.value())) std::abort();
    }
    update(input, root.value());
    as_tree(root.value());
    return 0;
}
