#pragma once

#include "queue/embedded/disk.hpp"

#include <optional>

/// The file "end" of a log: where the log durably ends. Whoever writes to the log holds a lock on it; whoever reads
/// watches it.
///
///     | "OTAE" | end | base of the last segment | records | CRC-32C |
///     |   4    |  8  |            8             |    8    |    4    |
namespace ota::queue::embedded {

struct log_end {
    std::int64_t end = 0;       ///< offset behind the last durable record; readers go no further
    std::int64_t base = 0;      ///< offset at which the last segment starts
    std::uint64_t records = 0;  ///< ever appended
    auto operator<=>(const log_end&) const = default;
};

inline constexpr const char* end_file = "end";

/// Empty when the file holds no valid mark (new, or damaged): `recover` then finds the end in the segments.
[[nodiscard]] wire::result<std::optional<log_end>> read_end(const file&);
[[nodiscard]] wire::result<void> write_end(const disk_calls&, const file&, const log_end&);

/// The lock of the one writer, across processes and across objects of one process; released when it goes or the process
/// dies.
class writer_lock {
public:
    /// Waits until the lock is free.
    [[nodiscard]] static wire::result<writer_lock> take(const file&);
    /// Empty when another holds it.
    [[nodiscard]] static std::optional<writer_lock> try_to_take(const file&);
    writer_lock(writer_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    writer_lock& operator=(writer_lock&&) = delete;
    ~writer_lock();

private:
    explicit writer_lock(int descriptor) noexcept : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace ota::queue::embedded
