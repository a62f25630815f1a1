#pragma once

#include "queue/tools/change_writer.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace ota::api {

/// Puts changes into the log or topic that the gateway takes them from, as `otagw publish` does: a writer of its own,
/// which the log's lock keeps apart from others of this and other processes. Any thread; one batch at a time.
class change_intake {
public:
    using opener = std::function<wire::result<std::unique_ptr<queue::tools::change_writer>>()>;
    explicit change_intake(opener open, std::chrono::milliseconds patience = std::chrono::seconds(10))
        : open_(std::move(open)), patience_(patience) {}

    /// After an error the writer is opened anew the next time: only then is it known what the log holds.
    [[nodiscard]] queue::tools::change_writer::appended append(const std::vector<queue::message>&,
                                                               queue::wall_time now);

private:
    opener open_;
    std::chrono::milliseconds patience_;  ///< for those before
    std::timed_mutex one_at_a_time_;
    std::unique_ptr<queue::tools::change_writer> to_;
};

}  // namespace ota::api
