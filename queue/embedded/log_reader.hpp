#pragma once

#include "queue/embedded/log_end.hpp"
#include "queue/embedded/record_format.hpp"

#include <optional>

namespace ota::queue {

/// A record as the log holds it; the views live until the reader's next call.
struct log_record {
    std::int64_t offset = 0;
    std::int64_t next_offset = 0;
    embedded::record_view
        content;           ///< of a damaged record: the payload is the octets as they lie there, all else is empty
    bool damaged = false;  ///< no good record starts here; the reader goes on at the next one (or after 1 MiB)
};

/// The reading side of a durable local log. Sees only what is durable, keeps one bounded buffer, never waits, takes no
/// lock.
class log_reader {
public:
    /// Stands at the oldest record. `errc::no_log` when the directory holds none.
    [[nodiscard]] static wire::result<log_reader> open(const std::filesystem::path& directory,
                                                       std::size_t buffer_octets = 1u << 20);

    /// The next record; empty at the end of the log. A failure leaves the reader where it was. Errors: `read_failed`,
    /// `not_a_log`, `offset_removed` (retention was faster), `no_permission`; `where()` says where.
    [[nodiscard]] wire::result<std::optional<log_record>> next();

    /// `errc::offset_removed` before the oldest segment, `errc::offset_beyond_end` behind the end; the reader stays
    /// then.
    [[nodiscard]] wire::result<void> seek(std::int64_t offset);
    [[nodiscard]] std::int64_t position() const noexcept { return position_; }
    [[nodiscard]] wire::result<std::int64_t> oldest_offset() const;
    [[nodiscard]] wire::result<embedded::log_end> end() const;
    /// Records between the position and the end; -1 when the record at the position cannot tell.
    [[nodiscard]] std::int64_t lag();

    /// "FILE at octet N" of the reader's position.
    [[nodiscard]] std::string where() const;
    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

private:
    log_reader(std::filesystem::path directory, embedded::file end, std::size_t buffer_octets)
        : directory_(std::move(directory)), end_(std::move(end)), window_(buffer_octets) {}

    wire::result<bool> more();
    wire::result<void> enter_segment();
    wire::result<void> fill(std::size_t wanted);
    wire::result<log_record> damage();
    [[nodiscard]] std::int64_t buffered_to() const noexcept;
    [[nodiscard]] wire::octet_view ahead() const noexcept;

    std::filesystem::path directory_;
    embedded::file end_;
    embedded::log_end known_{};  ///< the mark as last read
    embedded::file segment_;
    std::int64_t base_ = -1;        ///< of segment_
    std::int64_t segment_end_ = 0;  ///< first offset that is not in segment_, as far as known
    std::size_t window_;
    wire::octets buffer_;
    std::int64_t buffer_offset_ = 0;  ///< offset of the buffer's first octet
    std::int64_t position_ = 0;
    std::optional<std::uint64_t> ordinal_;  ///< of the record at position_
};

}  // namespace ota::queue
