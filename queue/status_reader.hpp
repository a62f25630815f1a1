#pragma once

#include "queue/event.hpp"

#include <optional>
#include <string_view>

namespace ota::queue {

/// A status event as serialize_status writes it: which event, what became of it, and when. Its value, detail, operation
/// and revision are left out.
[[nodiscard]] std::optional<status_event> parse_status(std::string_view json);

/// The state with this name, as name_of gives it.
[[nodiscard]] std::optional<event_state> state_named(std::string_view name) noexcept;

}  // namespace ota::queue
