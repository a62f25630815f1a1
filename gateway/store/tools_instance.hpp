#pragma once

#include <cstdint>

namespace ota::store {

/// The instance in the ids (id_source) of what did not pass a corridor: the operator's tools, the API's deeds and DM
/// sessions. They share it; of a collision the later one tries again.
inline constexpr std::uint16_t tools_instance = 255;

}  // namespace ota::store
