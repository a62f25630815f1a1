#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace ota::audit {

/// Checks files that follow on each other, oldest first. Tells on `out` what they hold and where they end, or the first
/// line that breaks the chain. `expected_head`: a hash noted earlier, which must be there. 0 or 1.
[[nodiscard]] int verify(const std::vector<std::string>& files, const std::optional<std::string>& expected_head,
                         std::ostream& out);

}  // namespace ota::audit
