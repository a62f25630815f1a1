#include "gateway/api/change_intake.hpp"

namespace ota::api {

queue::tools::change_writer::appended change_intake::append(const std::vector<queue::message>& batch,
                                                            queue::wall_time now) {
    const auto none = [&](std::error_code why) {
        return queue::tools::change_writer::appended{std::vector<bool>(batch.size(), false), why};
    };
    const std::unique_lock lock(one_at_a_time_, patience_);
    if (!lock) return none(std::make_error_code(std::errc::timed_out));
    if (!to_) {
        auto opened = open_();
        if (!opened) return none(opened.error());
        to_ = std::move(opened.value());
    }
    auto did = to_->append(batch, now);
    if (did.why) to_.reset();
    return did;
}

}  // namespace ota::api
