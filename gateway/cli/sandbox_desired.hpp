#pragma once

#include "gateway/cli/sandbox_run.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>

namespace ota::sandbox {
class peers;
}

namespace ota::cli {

/// Change events from a file of lines, or standard input ("-"). False with `why` naming the first bad line.
[[nodiscard]] bool read_events(const std::string& file, std::vector<queue::change_event>&, std::string& why);

struct seen_status {
    std::string event_id, state, reason;
    bool final = false;
    queue::wall_time at{};
};
[[nodiscard]] std::optional<seen_status> parse_status(std::string_view json);

/// Holds what the cards hold against the last change of each node that was applied.
void compare_files(const sandbox::peers&, const std::vector<queue::change_event>&,
                   const std::unordered_map<std::string, std::string>& state_by_id, sandbox_outcome&);

}  // namespace ota::cli
