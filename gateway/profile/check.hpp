#pragma once

#include "gateway/profile/gateway_settings.hpp"

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace ota {

/// Looks at settings without an error for what this room cannot see.
using further_check = std::function<void(const gateway_settings&, config::faults&)>;

/// Everything wrong or risky in a settings file and the files that it names, by file and line. `also` may be empty.
[[nodiscard]] std::vector<config::fault> check(const std::string& file, const further_check& also = {});

/// `otagw check --config F`: prints the faults, one a line, and a closing line. 0 when good, 78 (EX_CONFIG) on an
/// error, or on a warning too when those are denied.
[[nodiscard]] int run_check(const std::string& file, bool deny_warnings, std::ostream& out,
                            const further_check& also = {});

}  // namespace ota
