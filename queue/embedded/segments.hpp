#pragma once

#include "queue/embedded/disk.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

/// The segment files of a log. Each is named after the offset of its first octet, in 20 digits:
/// 00000000000000000000.log. An offset counts the octets of all records ever appended; the header of a segment is not
/// counted.
///
///     | "OTAGWLOG" | base | records ... |
///     |     8      |  8   |             |
namespace ota::queue::embedded {

inline constexpr std::int64_t segment_header = 16;

[[nodiscard]] std::filesystem::path segment_path(const std::filesystem::path& directory, std::int64_t base);
/// Bases of the segments that are there, ascending. Other files are left alone. `errc::no_log` without the directory.
[[nodiscard]] wire::result<std::vector<std::int64_t>> list_segments(const std::filesystem::path& directory);
/// For reading, or for writing too. `errc::not_a_log` when its header is not that of this base.
[[nodiscard]] wire::result<file> open_segment(const std::filesystem::path& directory, std::int64_t base, int flags);
/// Creates the segment durably; one that is there without a whole header (its writer was killed) is begun again.
[[nodiscard]] wire::result<file> create_segment(const disk_calls&, const std::filesystem::path& directory,
                                                std::int64_t base);

}  // namespace ota::queue::embedded
