#include "queue/embedded/embedded_source.hpp"

#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/retention.hpp"
#include "queue/errc.hpp"

namespace ota::queue {
namespace {

constexpr auto retention_interval = std::chrono::seconds(10);

record to_record(const log_record& in) {
    record out;
    out.offset = in.offset;
    out.next_offset = in.next_offset;
    out.key = in.content.key;
    out.payload = in.content.payload;
    out.damaged = in.damaged;
    return out;
}

}  // namespace

wire::result<std::unique_ptr<embedded_source>> embedded_source::open(const std::filesystem::path& directory,
                                                                     options o) {
    OTA_TRY(embedded_log::open(directory));
    OTA_TRY(auto reader, log_reader::open(directory));
    if (!o.now) o.now = [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); };
    return std::unique_ptr<embedded_source>(new embedded_source(std::move(reader), std::move(o)));
}

reassignment embedded_source::reassigned() {
    reassignment first;
    if (!std::exchange(assigned_, true)) first.gained = {0};
    return first;
}

wire::result<void> embedded_source::seek(std::int32_t partition, std::optional<position> to) {
    if (partition != 0) return errc::unknown_partition;
    if (to) {  // else it was never read and stands at the oldest record
        OTA_TRY(reader_.seek(to->offset));
    }
    position_ = reader_.position();
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<std::vector<record>> embedded_source::pull(std::size_t limit) {
    std::vector<record> out;
    std::size_t octets = 0;
    while (out.size() < limit && octets < options_.pull_octets) {
        auto next = reader_.next();
        if (!next) {
            if (out.empty()) return next.error();
            break;  // the reader stays where it failed: the next pull reports it
        }
        if (!next.value()) break;
        out.push_back(to_record(*next.value()));
        octets += out.back().payload.size();
    }
    position_ = reader_.position();
    return out;
}

bool embedded_source::wait(int milliseconds) {
    const auto ready = [this] {
        const auto end = reader_.end();
        return !end || end.value().end > position_;  // a failure is for pull to report
    };
    if (ready()) return true;
    watch_.wait(std::chrono::milliseconds(milliseconds));
    return ready();
}

void embedded_source::commit(std::int32_t partition, std::int64_t next_offset) {
    const auto now = options_.now();
    if (partition != 0 || now < retention_due_) return;
    retention_due_ = now + retention_interval;
    // Removal is housekeeping: what could not be removed now is removed after a later commit.
    (void)remove_segments(reader_.directory(), next_offset, now - options_.keep);
}

}  // namespace ota::queue
