// The short texts of the tree: addresses, access control lists, Base64. Whatever is taken is the same after writing and
// reading it again.

#include "management-object/acl.hpp"
#include "management-object/base64.hpp"
#include "management-object/uri.hpp"

#include <cstdlib>

using namespace ota::management_object;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto address = parse_target(text)) {
        if (parse_target(serialize_target(address.value())).value() != address.value()) std::abort();
    }
    (void)parse_uri(text, {.max_depth = 3, .max_tot_len = 40, .max_seg_len = 10});
    if (const auto list = parse_acl(text)) {
        if (parse_acl(serialize_acl(list.value())).value() != list.value()) std::abort();
    }
    if (from_base64(to_base64(text)) != text) std::abort();
    if (const auto octets = from_base64(text)) {
        if (from_base64(to_base64(*octets)) != *octets) std::abort();
    }
    return 0;
}
