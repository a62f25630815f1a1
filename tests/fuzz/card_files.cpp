#include "management-object/card_directory.hpp"
#include "management-object/card_image.hpp"
#include "management-object/control_file.hpp"
#include "management-object/tlv_layout.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace ota;
using namespace ota::management_object;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void directory(wire::octet_view file) {
    if (const auto read = parse_application(file)) {
        require(parse_application(serialize_application(read.value())).has_value());
    }
    if (const auto read = parse_data_objects(file)) {
        const auto again = parse_data_objects(serialize_data_objects(read.value()));
        require(again && again.value().size() == read.value().size());
    }
    if (const auto read = parse_object_directory(file)) {
        require(parse_object_directory(serialize_object_directory(read.value())).value() == read.value());
    }
    if (const auto read = parse_token_info(file)) (void)serialize_token_info(read.value());
    (void)oid_text(file);
}

}  // namespace

/// What a card's files may hold: read without harm, and what was read is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const wire::octet_view file(data, size);
    directory(file);
    if (const auto read = parse_control_file(file)) {
        require(parse_control_file(serialize_control_file(read.value()).value()).value() == read.value());
    }
    if (const auto read = parse_tlv_image(file)) {
        require(parse_tlv_image(serialize_tlv_image(read.value(), size).value()).value() == read.value());
    }
    (void)read_image(file);
    return 0;
}
