#pragma once

#include "queue/embedded/log_end.hpp"
#include "queue/embedded/segments.hpp"

namespace ota::queue::embedded {

/// Whether the segments hold octets behind the mark, or there is no mark: a writer died, or the machine did.
[[nodiscard]] wire::result<bool> needs_recovery(const std::filesystem::path& directory,
                                                const std::optional<log_end>& mark);

/// Finds where the log ends, makes it durable and writes the mark. The caller holds the writer's lock.
///
/// Whole records behind the mark are kept: their writer had no answer yet, and their ids tell repeats. Only what
/// provably never was a record is cut from the end: a record that the file ends inside, and octets that are all zero (a
/// file grown by a power cut). Anything else that cannot be read stays where it is, for readers to report: a flipped
/// bit is never cut away.
[[nodiscard]] wire::result<log_end> recover(const disk_calls&, const std::filesystem::path& directory,
                                            const file& end_file, const std::optional<log_end>& mark);

}  // namespace ota::queue::embedded
