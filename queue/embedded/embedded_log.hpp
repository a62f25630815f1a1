#pragma once

#include "queue/embedded/log_end.hpp"
#include "queue/embedded/record_format.hpp"

#include <filesystem>
#include <span>

namespace ota::queue {

struct embedded_log_options {
    std::int64_t segment_octets = 64 << 20;  ///< a segment that has reached this gets a successor
    embedded::disk_calls disk = embedded::disk_calls::of_the_system();
};

/// The writing side of a durable local log: a directory of segment files, to which any process may append while others
/// read.
///
/// One object is used by one thread at a time; other objects and processes are kept out by a lock on the file "end" for
/// the length of one batch. A writer that is killed leaves at most records that nobody was told are durable
/// (recovery.hpp).
class embedded_log {
public:
    using options = embedded_log_options;
    struct appended {
        std::int64_t begin = 0;  ///< offset of the first record of the batch
        std::int64_t end = 0;    ///< offset behind its last
    };

    /// Opens the log, creating the directory and an empty log where there is none. Repairs the end that a killed writer
    /// left.
    [[nodiscard]] static wire::result<embedded_log> open(const std::filesystem::path& directory, options = {});

    /// Durable (fdatasync) when it returns without error; otherwise nothing of the batch is in the log. Errors:
    /// `record_too_large`, `no_space`, `write_failed`, and `sync_failed`, after which this object refuses everything:
    /// what the system still holds in memory may differ from the disk, so only opening the log again tells what is in
    /// it.
    [[nodiscard]] wire::result<appended> append(std::span<const embedded::entry> batch, wall_time now);

    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

private:
    embedded_log(std::filesystem::path directory, options o, embedded::file end)
        : directory_(std::move(directory)), options_(std::move(o)), end_(std::move(end)) {}

    wire::result<embedded::log_end> settled_end();
    wire::result<void> open_segment_for(embedded::log_end&);
    wire::result<void> write_durably(const embedded::log_end& before);

    std::filesystem::path directory_;
    options options_;
    embedded::file end_;
    embedded::file segment_;
    std::int64_t segment_base_ = -1;
    wire::octets batch_;
    bool sync_failed_ = false;
};

}  // namespace ota::queue
