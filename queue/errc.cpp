#include "queue/errc.hpp"

#include <string>

namespace ota::queue {
namespace {

const char* sentence(errc e) noexcept {
    switch (e) {
        case errc::no_log: return "the directory holds no log";
        case errc::not_a_log: return "a file in the directory is not a segment of this log";
        case errc::no_space: return "no space left for the log";
        case errc::write_failed: return "writing to the log failed";
        case errc::sync_failed: return "the disk did not confirm what was written to the log";
        case errc::read_failed: return "reading the log failed";
        case errc::no_permission: return "the log may not be opened: permission denied";
        case errc::record_too_large: return "the record is too large for the log";
        case errc::offset_removed:
            return "the offset lies before the oldest segment of the log: retention has removed it";
        case errc::offset_beyond_end: return "the offset lies behind the end of the log: was its directory replaced?";
        case errc::unknown_partition: return "the embedded log has partition 0 only";
        case errc::bad_dead_letter: return "the record is not a dead letter";
    }
    return "unknown failure of the queue";
}

class queue_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "queue"; }
    std::string message(int code) const override { return sentence(static_cast<errc>(code)); }
};

}  // namespace

const std::error_category& category() noexcept {
    static const queue_category instance;
    return instance;
}

}  // namespace ota::queue
