#pragma once

#include "queue/embedded/log_reader.hpp"
#include "queue/embedded/log_watch.hpp"
#include "queue/event_source.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

namespace ota::queue {

struct embedded_source_options {
    /// Segments whose records were all committed are removed when they are older than this.
    std::chrono::milliseconds keep = std::chrono::hours(24 * 7);
    std::function<wall_time()> now;      ///< the system's clock when empty
    std::size_t pull_octets = 4u << 20;  ///< a pull ends early at this many octets: memory stays bounded
};

/// Change events from a durable local log. Partition 0; an offset is a position in octets over all segments of the log.
///
/// Octets that fail their checksum come as records with `damaged` set: the corridor goes on behind them.
class embedded_source final : public event_source {
public:
    using options = embedded_source_options;

    /// Opens the log, creating it where there is none, and repairs the end that a killed writer left.
    [[nodiscard]] static wire::result<std::unique_ptr<embedded_source>> open(const std::filesystem::path& directory,
                                                                             options = {});

    [[nodiscard]] std::string name() const override { return "embedded"; }
    [[nodiscard]] reassignment reassigned() override;
    /// `errc::offset_removed` before the oldest record that is left, `errc::offset_beyond_end`,
    /// `errc::unknown_partition`.
    [[nodiscard]] wire::result<void> seek(std::int32_t partition, std::optional<position>) override;
    [[nodiscard]] wire::result<std::vector<record>> pull(std::size_t limit) override;
    [[nodiscard]] bool wait(int milliseconds) override;
    void commit(std::int32_t partition, std::int64_t next_offset) override;
    [[nodiscard]] std::int64_t lag() const override { return reader_.lag(); }

    [[nodiscard]] wire::result<std::int64_t> oldest_offset() const { return reader_.oldest_offset(); }
    /// "FILE at octet N" of the next record: for the message that goes with a failed pull.
    [[nodiscard]] std::string where() const { return reader_.where(); }

private:
    embedded_source(log_reader reader, options o)
        : reader_(std::move(reader)),
          watch_(reader_.directory()),
          position_(reader_.position()),
          options_(std::move(o)) {}

    mutable log_reader reader_;  // to tell the lag it may read one record ahead
    embedded::log_watch watch_;
    bool assigned_ = false;
    std::atomic<std::int64_t> position_;  ///< of the reader, for `wait`, which another thread may call
    options options_;
    wall_time retention_due_{};
};

}  // namespace ota::queue
