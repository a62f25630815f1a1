#pragma once

#include "queue/event_sink.hpp"
#include "queue/tools/commands.hpp"

#include <memory>

namespace ota::queue::tools {

/// Where `otagw publish` puts change events: an embedded log, or a topic of Apache Kafka.
class change_writer {
public:
    virtual ~change_writer() = default;
    struct appended {
        std::vector<bool> durable;  ///< of each message
        std::error_code why;        ///< why not all of them are
    };
    [[nodiscard]] virtual appended append(const std::vector<message>& batch, wall_time now) = 0;
};

[[nodiscard]] wire::result<std::unique_ptr<change_writer>> open_change_log(const std::filesystem::path& root);
[[nodiscard]] wire::result<std::unique_ptr<change_writer>> open_change_topic(const cluster&);

}  // namespace ota::queue::tools
