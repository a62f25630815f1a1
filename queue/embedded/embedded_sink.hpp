#pragma once

#include "queue/embedded/embedded_log.hpp"
#include "queue/event_sink.hpp"

#include <functional>
#include <map>
#include <memory>

namespace ota::queue {

/// Where the embedded log of a topic lies below the directory of all logs.
[[nodiscard]] std::filesystem::path topic_directory(const std::filesystem::path& root, std::string_view topic);

struct embedded_sink_options {
    /// Segments of a topic that are older than this are removed; topics that are not named (dead letters) are kept for
    /// good.
    std::map<std::string, std::chrono::milliseconds, std::less<>> keep = {{topic_status, std::chrono::hours(24 * 7)}};
    std::function<wall_time()> now;  ///< the system's clock when empty
    embedded_log::options log;
};

/// Statuses, dead letters and card states into durable local logs, one directory per topic below `root`.
class embedded_sink final : public event_sink {
public:
    using options = embedded_sink_options;

    [[nodiscard]] static wire::result<std::unique_ptr<embedded_sink>> open(const std::filesystem::path& root,
                                                                           options = {});

    /// One durable append per topic. After an error of one topic the others may have been written: at-least-once.
    [[nodiscard]] wire::result<void> publish(const std::vector<message>&) override;

private:
    struct topic_log {
        embedded_log log;
        wall_time retention_due{};
    };

    embedded_sink(std::filesystem::path root, options o) : root_(std::move(root)), options_(std::move(o)) {}
    wire::result<topic_log*> log_of(const std::string& topic);
    void retain(const std::string& topic, topic_log&, std::int64_t end, wall_time now);

    std::filesystem::path root_;
    options options_;
    std::map<std::string, topic_log, std::less<>> logs_;
};

}  // namespace ota::queue
