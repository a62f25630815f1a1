#pragma once

#include <system_error>

namespace ota::queue {

/// Failures of the durable log.
enum class errc {
    no_log = 1,         ///< the directory holds no log
    not_a_log,          ///< a segment file does not start with the log's header, or belongs at another offset
    no_space,           ///< the disk, a quota or a file size limit is full; nothing of the batch was taken
    write_failed,       ///< writing failed; nothing of the batch was taken
    sync_failed,        ///< the disk did not confirm the batch; the log must be opened again
    read_failed,        ///< reading failed
    no_permission,      ///< the directory or a file in it may not be opened
    record_too_large,   ///< key, headers or payload exceed the format's limits
    offset_removed,     ///< retention has removed the segment of this offset
    offset_beyond_end,  ///< the offset lies behind the end of the log: was the directory replaced?
    unknown_partition,  ///< the embedded log has partition 0 only
    bad_dead_letter,    ///< not the JSON of a dead letter
};

const std::error_category& category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

}  // namespace ota::queue

template <>
struct std::is_error_code_enum<ota::queue::errc> : std::true_type {};
