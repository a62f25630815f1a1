#pragma once

#include <cstddef>
#include <string_view>

namespace ota::queue {

/// Offset of the value at a dotted path ("data.options.priority") in a text that is known to be valid JSON; of a member
/// that stands twice the last, as the parser takes it. A missing member gives the offset of the object that lacks it.
[[nodiscard]] std::size_t place_of(std::string_view json, std::string_view path) noexcept;

}  // namespace ota::queue
