#pragma once

#include "queue/event.hpp"
#include "secure-channel/wire/result.hpp"

#include <cstdint>
#include <filesystem>

namespace ota::queue {

/// Removes the segments that lie wholly before `before` and were last written before `older_than`, oldest first; never
/// the last one. Gives the oldest offset that is left. Keeps writers out meanwhile.
[[nodiscard]] wire::result<std::int64_t> remove_segments(const std::filesystem::path& directory, std::int64_t before,
                                                         wall_time older_than);

}  // namespace ota::queue
