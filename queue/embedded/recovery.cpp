#include "queue/embedded/recovery.hpp"

#include "queue/embedded/record_format.hpp"
#include "queue/errc.hpp"

#include <fcntl.h>

#include <algorithm>

namespace ota::queue::embedded {
namespace {

/// Scans the records of one segment from a place on.
class tail_scan {
public:
    tail_scan(const file& segment, std::int64_t base, std::int64_t size)
        : segment_(segment), base_(base), size_(size) {}

    /// `at.end` moves behind the last octet that must stay, `at.records` counts on.
    wire::result<void> run(log_end& at) {
        std::size_t wanted = window;
        while (at.end < limit()) {
            OTA_TRY(fill(at.end, wanted));
            const auto seen = look_at(buffer_, at.end);
            if (seen.is == sighting::kind::whole) {
                at.records = seen.record.ordinal + 1;
                at.end += static_cast<std::int64_t>(seen.size);
                wanted = window;
            } else if (seen.is == sighting::kind::incomplete &&
                       at.end + static_cast<std::int64_t>(buffer_.size()) < limit()) {
                wanted = std::max(seen.size, 2 * wanted);
            } else if (seen.is == sighting::kind::incomplete) {
                break;  // torn: the file ends inside this record
            } else {
                OTA_TRY(const auto zero, zero_from(at.end));
                if (zero) break;
                if (seen.is == sighting::kind::damaged_body) ++at.records;
                OTA_TRY(at.end, next_record(at.end + 1));
            }
        }
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }

private:
    static constexpr std::size_t window = 1u << 16;

    [[nodiscard]] std::int64_t limit() const noexcept { return base_ + size_ - segment_header; }

    wire::result<void> fill(std::int64_t offset, std::size_t wanted) {
        buffer_.resize(std::min<std::uint64_t>(wanted, static_cast<std::uint64_t>(limit() - offset)));
        OTA_TRY(const auto n, read_at(segment_, buffer_, offset - base_ + segment_header));
        buffer_.resize(n);
        if (n == 0) return errc::read_failed;
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    wire::result<bool> zero_from(std::int64_t offset) {
        for (; offset < limit(); offset += static_cast<std::int64_t>(buffer_.size())) {
            OTA_TRY(fill(offset, window));
            if (std::ranges::any_of(buffer_, [](std::uint8_t octet) { return octet != 0; })) return false;
        }
        return true;
    }
    /// The first offset from here on at which a record can start; the end of the file when there is none.
    wire::result<std::int64_t> next_record(std::int64_t offset) {
        while (offset < limit()) {
            OTA_TRY(fill(offset, window));
            for (std::size_t i = 0; i < buffer_.size(); ++i) {
                const auto here = offset + static_cast<std::int64_t>(i);
                const auto rest = wire::octet_view(buffer_).subspan(i);
                if (rest.size() < head_octets && here + static_cast<std::int64_t>(head_octets) < limit()) break;
                const auto seen = look_at(rest, here);
                if (seen.size != 0) return here;
            }
            if (buffer_.size() < head_octets || offset + static_cast<std::int64_t>(buffer_.size()) >= limit())
                return limit();
            offset += static_cast<std::int64_t>(buffer_.size() - head_octets + 1);
        }
        return limit();
    }

    const file& segment_;
    std::int64_t base_;
    std::int64_t size_;
    wire::octets buffer_;
};

/// Without a mark: the last segment that holds a record gives the count, so start there.
wire::result<log_end> start_of_scan(const std::filesystem::path& directory, const std::vector<std::int64_t>& bases) {
    log_end at{bases.front(), bases.front(), 0};
    for (auto base = bases.rbegin(); base != bases.rend(); ++base) {
        OTA_TRY(auto segment, open_segment(directory, *base, O_RDONLY));
        OTA_TRY(const auto size, size_of(segment));
        at = {*base, *base, at.records};
        if (size > segment_header) break;
    }
    return at;
}

}  // namespace

wire::result<bool> needs_recovery(const std::filesystem::path& directory, const std::optional<log_end>& mark) {
    if (!mark) return true;
    auto segment = open_segment(directory, mark->base, O_RDONLY);
    if (!segment)
        return segment.error() == errc::no_permission ? wire::result<bool>(segment.error()) : wire::result<bool>(true);
    OTA_TRY(const auto size, size_of(segment.value()));
    return size != mark->end - mark->base + segment_header;
}

wire::result<log_end> recover(const disk_calls& calls, const std::filesystem::path& directory, const file& end,
                              const std::optional<log_end>& mark) {
    OTA_TRY(auto bases, list_segments(directory));
    // Offsets never run backwards: when the last segment is gone, the log goes on behind what the mark remembers.
    if (mark && !std::ranges::binary_search(bases, mark->base)) {
        bases.push_back(mark->end);
        std::ranges::sort(bases);
    }
    if (bases.empty()) bases.push_back(0);
    // The newest file may be one that its writer had no time to begin.
    OTA_TRY(auto newest, create_segment(calls, directory, bases.back()));
    OTA_TRY(auto at, start_of_scan(directory, bases));
    if (mark) at = {mark->end, std::ranges::binary_search(bases, mark->base) ? mark->base : mark->end, mark->records};
    for (;;) {
        OTA_TRY(auto segment, open_segment(directory, at.base, O_RDWR));
        OTA_TRY(const auto size, size_of(segment));
        // A file shorter than the mark says was cut by someone else; the log goes on behind the mark, where offsets are
        // new.
        OTA_TRY((tail_scan(segment, at.base, size).run(at)));
        const auto next = std::ranges::upper_bound(bases, at.base);
        if (next == bases.end()) {
            const auto keep = at.end - at.base + segment_header;
            if (keep < size) {
                OTA_TRY(cut(segment, keep));
            }
            OTA_TRY(sync(calls, segment));
            break;
        }
        OTA_TRY(sync(calls, segment));
        at.base = *next;
        at.end = std::max(at.end, *next);
    }
    OTA_TRY(write_end(calls, end, at));
    return at;
}

}  // namespace ota::queue::embedded
