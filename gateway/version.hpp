#pragma once

#include <string_view>

namespace ota {

/// Of the program: the project's in CMakeLists.txt.
[[nodiscard]] std::string_view program_version() noexcept;

}  // namespace ota
