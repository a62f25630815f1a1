#pragma once

#include "config/settings.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace ota {

/// Everything wrong or risky in a settings file and the files that it names, by file and line.
[[nodiscard]] std::vector<config::fault> check(const std::string& file);

/// `otagw check --config F`: prints the faults, one a line, and a closing line. 0 when good, 78 (EX_CONFIG) on an
/// error, or on a warning too when those are denied.
[[nodiscard]] int run_check(const std::string& file, bool deny_warnings, std::ostream& out);

}  // namespace ota
