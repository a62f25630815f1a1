#pragma once

#include "queue/tools/commands.hpp"
#include "tests/queue/scratch.hpp"

#include <sstream>

namespace ota::queue::testing {

/// One run of a tool, with what it printed.
struct tool_run {
    int code = -1;
    std::string out, err;
};

inline tools::surroundings around(const std::filesystem::path& root) {
    tools::surroundings a;
    a.root = root;
    a.now = [] { return wall_time(std::chrono::milliseconds(1'772'323'200'000)); };  // 2026-03-01T00:00:00Z
    a.new_id = [] { return std::string("fresh-1"); };
    return a;
}

template <class Tool>
tool_run run(Tool tool, const tools::arguments& args, const tools::surroundings& a, const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream out, err;
    tool_run r;
    r.code = tool(args, tools::streams{in, out, err}, a);
    r.out = out.str();
    r.err = err.str();
    return r;
}

}  // namespace ota::queue::testing
