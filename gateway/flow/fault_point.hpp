#pragma once

#include <string_view>

namespace ota::flow {

/// A named place where a test may kill the process: OTAGW_KILL_AT="<name>:<n>" sends SIGKILL at the n-th passing. Does
/// nothing without the variable. Names: after-reserve, after-commit, after-write, before-acknowledge.
void fault_point(std::string_view name) noexcept;

}  // namespace ota::flow
