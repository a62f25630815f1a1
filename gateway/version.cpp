#include "gateway/version.hpp"

namespace ota {

std::string_view program_version() noexcept { return OTAGW_VERSION; }

}  // namespace ota
