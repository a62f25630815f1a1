#include "management-object/elementary_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace ota;
using namespace ota::management_object;

namespace {

void make(const std::uint8_t* data, std::size_t size) {
    image_request request;
    request.form = static_cast<file_form>(data[0] % 6);
    request.size = data[1];
    request.value_is_json = (data[2] & 1) != 0;
    if ((data[2] & 2) != 0) request.type = "application/x-hex";
    request.value = {reinterpret_cast<const char*>(data + 3), size - 3};
    const auto image = make_image(request);
    if (image && image.value().size() != request.size) std::abort();
}

void compare(const std::uint8_t* data, std::size_t size) {
    const auto half = (size - 2) / 2;
    const wire::octets from(data + 2, data + 2 + half), to(data + 2 + half, data + 2 + 2 * half);
    auto image = from;
    for (const auto& run : difference(from, to, data[0], data[1])) {
        std::copy(run.octets.begin(), run.octets.end(), image.begin() + static_cast<std::ptrdiff_t>(run.offset));
    }
    if (image != to) std::abort();
}

}  // namespace

/// A value becomes an image of exactly the file's size or an error; the difference of two images leads from one to the
/// other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3 || size > 16 * 1024) return 0;
    make(data, size);
    compare(data, size);
    return 0;
}
