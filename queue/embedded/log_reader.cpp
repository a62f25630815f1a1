#include "queue/embedded/log_reader.hpp"

#include "queue/embedded/segments.hpp"
#include "queue/errc.hpp"

#include <fcntl.h>

#include <algorithm>

namespace ota::queue {

using namespace embedded;

namespace {
constexpr std::int64_t largest_damage = 1 << 20;  // octets reported as one damaged record
}

wire::result<log_reader> log_reader::open(const std::filesystem::path& directory, std::size_t buffer_octets) {
    OTA_TRY(auto end, open_file(directory / end_file, O_RDONLY));
    log_reader out(directory, std::move(end), std::max<std::size_t>(buffer_octets, 4096));
    OTA_TRY(out.position_, out.oldest_offset());
    return out;
}

wire::result<std::int64_t> log_reader::oldest_offset() const {
    OTA_TRY(const auto bases, list_segments(directory_));
    if (bases.empty()) return errc::no_log;
    return bases.front();
}

wire::result<log_end> log_reader::end() const {
    OTA_TRY(const auto mark, read_end(end_));
    // Without a mark (the log is being created, or the file was damaged) nothing is known to be durable yet.
    return mark.value_or(log_end{});
}

wire::result<void> log_reader::seek(std::int64_t offset) {
    OTA_TRY(const auto oldest, oldest_offset());
    if (offset < oldest) return errc::offset_removed;
    OTA_TRY(known_, end());
    if (offset > std::max(known_.end, oldest)) return errc::offset_beyond_end;
    position_ = offset;
    segment_ = file();
    base_ = -1;
    segment_end_ = 0;
    buffer_.clear();
    ordinal_.reset();
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// Whether there is something durable at the position.
wire::result<bool> log_reader::more() {
    if (position_ < known_.end) return true;
    OTA_TRY(known_, end());
    return position_ < known_.end;
}

/// Makes segment_ the one that holds the position, and segment_end_ what is known of its end.
wire::result<void> log_reader::enter_segment() {
    const bool was_last = base_ >= 0 && base_ == known_.base;
    if (was_last) segment_end_ = known_.end;
    if (base_ >= 0 && position_ < segment_end_) return BOOST_OUTCOME_V2_NAMESPACE::success();
    OTA_TRY(const auto bases, list_segments(directory_));
    const auto next = std::ranges::upper_bound(bases, position_);
    if (next == bases.begin()) return errc::offset_removed;
    const auto base = *std::prev(next);
    if (base != base_) {
        OTA_TRY(segment_, open_segment(directory_, base, O_RDONLY));
        base_ = base;
        buffer_.clear();
    }
    segment_end_ = base == known_.base || next == bases.end() ? known_.end : std::min(known_.end, *next);
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

std::int64_t log_reader::buffered_to() const noexcept {
    return buffer_offset_ + static_cast<std::int64_t>(buffer_.size());
}

wire::octet_view log_reader::ahead() const noexcept {
    if (position_ < buffer_offset_ || position_ >= buffered_to()) return {};
    return wire::octet_view(buffer_).subspan(static_cast<std::size_t>(position_ - buffer_offset_));
}

/// Reads on from the position, at least `wanted` octets where the segment has them.
wire::result<void> log_reader::fill(std::size_t wanted) {
    const auto available = static_cast<std::uint64_t>(segment_end_ - position_);
    buffer_.resize(std::min<std::uint64_t>(std::max(wanted, window_), available));
    buffer_offset_ = position_;
    auto read = read_at(segment_, buffer_, position_ - base_ + segment_header);
    buffer_.resize(read ? read.value() : 0);
    OTA_TRY(read);
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// What lies at the position up to the next good record, as one damaged record.
wire::result<log_record> log_reader::damage() {
    const auto rest = segment_end_ - position_;
    const auto here = static_cast<std::int64_t>(look_at(ahead(), position_).size);
    // The next good head ends the damage. A good head here bounds it, but is not trusted alone: of a torn record that
    // had to be kept, the octets it claims belong to the record that was appended behind it.
    auto size = here != 0 && here <= rest ? here : std::min(rest, largest_damage);
    OTA_TRY(
        fill(static_cast<std::size_t>(std::min<std::int64_t>(rest, size + static_cast<std::int64_t>(head_octets)))));
    const auto view = ahead();
    if (view.empty()) size = rest;  // the file has been cut by someone else
    for (std::size_t i = 1; i < std::min<std::size_t>(view.size(), static_cast<std::size_t>(size)); ++i)
        if (look_at(view.subspan(i), position_ + static_cast<std::int64_t>(i)).size != 0)
            size = static_cast<std::int64_t>(i);
    log_record out{position_, position_ + size, {}, true};
    out.content.payload = wire::as_text(view.first(std::min<std::size_t>(view.size(), static_cast<std::size_t>(size))));
    position_ = out.next_offset;
    ordinal_.reset();
    return out;
}

wire::result<std::optional<log_record>> log_reader::next() {
    OTA_TRY(const auto any, more());
    if (!any) return std::optional<log_record>();
    OTA_TRY(enter_segment());
    auto seen = look_at(ahead(), position_);
    while (seen.is == sighting::kind::incomplete) {
        const auto rest = static_cast<std::size_t>(segment_end_ - position_);
        const auto needed = std::min(std::max(seen.size, head_octets), rest);
        const auto had = ahead().size();
        if (had >= needed) break;
        OTA_TRY(fill(needed));
        if (ahead().size() <= had) break;
        seen = look_at(ahead(), position_);
    }
    if (seen.is != sighting::kind::whole) {
        OTA_TRY(auto damaged, damage());
        return std::optional<log_record>(damaged);
    }
    log_record out{position_, position_ + static_cast<std::int64_t>(seen.size), seen.record, false};
    position_ = out.next_offset;
    ordinal_ = seen.record.ordinal + 1;
    return std::optional<log_record>(out);
}

std::int64_t log_reader::lag() {
    const auto mark = end();
    if (!mark) return -1;
    if (position_ >= mark.value().end) return 0;
    if (!ordinal_) {
        const auto before = position_;
        const auto peeked = next();
        if (peeked && peeked.value() && !peeked.value()->damaged) ordinal_ = peeked.value()->content.ordinal;
        position_ = before;
    }
    return ordinal_ ? static_cast<std::int64_t>(mark.value().records - *ordinal_) : -1;
}

std::string log_reader::where() const {
    if (base_ < 0) return directory_.string() + " at offset " + std::to_string(position_);
    return segment_path(directory_, base_).string() + " at octet " + std::to_string(position_ - base_ + segment_header);
}

}  // namespace ota::queue
