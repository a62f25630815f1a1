#pragma once

#include <string>
#include <string_view>

namespace ota::queue::tools {

/// R24: an event, a status or a dead letter fit for a screen. In `data` only the members that are known to hold no
/// value are kept; everything else there reads "(hidden)". What is not a JSON object becomes a note of its size.
[[nodiscard]] std::string redact(std::string_view json);

}  // namespace ota::queue::tools
