#include "queue/embedded/embedded_log.hpp"

#include "queue/embedded/recovery.hpp"
#include "queue/errc.hpp"

#include <fcntl.h>

namespace ota::queue {

using namespace embedded;

wire::result<embedded_log> embedded_log::open(const std::filesystem::path& directory, options o) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error == std::errc::no_space_on_device) return errc::no_space;
    if (error) return error == std::errc::permission_denied ? errc::no_permission : errc::write_failed;
    OTA_TRY(auto end, open_file(directory / end_file, O_RDWR | O_CREAT));
    embedded_log log(directory, std::move(o), std::move(end));
    OTA_TRY(auto lock, writer_lock::take(log.end_));
    OTA_TRY(log.settled_end());
    return log;
}

/// The end of the log, after repairing what a killed writer left. The lock is held.
wire::result<log_end> embedded_log::settled_end() {
    OTA_TRY(const auto mark, read_end(end_));
    OTA_TRY(const auto unsettled, needs_recovery(directory_, mark));
    if (!unsettled) return *mark;
    segment_ = file();
    segment_base_ = -1;
    return recover(options_.disk, directory_, end_, mark);
}

/// Makes segment_ the one to append to, beginning a new one when the last is full.
wire::result<void> embedded_log::open_segment_for(log_end& at) {
    if (at.end - at.base >= options_.segment_octets) {
        OTA_TRY(segment_, create_segment(options_.disk, directory_, at.end));
        at.base = segment_base_ = at.end;
        return write_end(options_.disk, end_, at);
    }
    if (segment_base_ != at.base) {
        segment_base_ = -1;
        OTA_TRY(segment_, open_segment(directory_, at.base, O_RDWR));
        segment_base_ = at.base;
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// Writes batch_ behind the end and waits for the disk. What fails is cut off again, so that no reader ever meets it.
wire::result<void> embedded_log::write_durably(const log_end& before) {
    const auto place = before.end - before.base + segment_header;
    auto written = write_at(options_.disk, segment_, batch_, place);
    if (written) {
        written = sync(options_.disk, segment_);
        sync_failed_ = written.has_error();
    }
    if (written.has_error()) {
        if (cut(segment_, place).has_error()) sync_failed_ = true;
    }
    return written;
}

wire::result<embedded_log::appended> embedded_log::append(std::span<const entry> batch, wall_time now) {
    if (sync_failed_) return errc::sync_failed;
    OTA_TRY(auto lock, writer_lock::take(end_));
    OTA_TRY(auto at, settled_end());
    if (batch.empty()) return appended{at.end, at.end};
    OTA_TRY(open_segment_for(at));

    batch_.clear();
    auto after = at;
    for (const auto& entry : batch) {
        OTA_TRY(append_record(batch_, after.end, after.records, now, entry));
        after.end = at.end + static_cast<std::int64_t>(batch_.size());
        ++after.records;
    }
    OTA_TRY(write_durably(at));
    // Only now do readers see the batch: what they take in can no longer be undone by a power cut.
    OTA_TRY(write_end(options_.disk, end_, after));
    return appended{at.end, after.end};
}

}  // namespace ota::queue
