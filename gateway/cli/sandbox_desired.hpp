#pragma once

#include "gateway/cli/sandbox_run.hpp"

#include <unordered_map>

namespace ota::sandbox {
class peers;
}

namespace ota::cli {

/// Change events from a file of lines, or standard input ("-"). False with `why` naming the first bad line.
[[nodiscard]] bool read_events(const std::string& file, std::vector<queue::change_event>&, std::string& why);

/// Holds what the cards hold against the last change of each node that was applied.
void compare_files(const sandbox::peers&, const std::vector<queue::change_event>&,
                   const std::unordered_map<std::string, std::string>& state_by_id, sandbox_outcome&);

}  // namespace ota::cli
