#pragma once

#include "queue/tools/commands.hpp"

namespace ota::queue::tools {

struct tail_options {
    std::filesystem::path root;
    std::string topic = "changes";
    std::string from = "start";
    std::size_t count = 0;
    bool follow = false, values = false, offsets = false;
};

/// The topic of a cluster; records of different partitions come as they arrive.
[[nodiscard]] int tail_topic(const tail_options&, const std::string& topic, const cluster&, streams,
                             const surroundings&);

}  // namespace ota::queue::tools
