#pragma once

#include "gateway/cli/sandbox_run.hpp"

#include <unordered_map>

namespace ota::sandbox {
class peers;
}

namespace ota::cli {

/// The line of the closing table that the event belongs to.
[[nodiscard]] std::string kind_of(const card_profile&, const queue::change_event&);

/// Holds the management objects of the cards, and what the cards' devices took over of them, against what the applied
/// events made of the objects of a new card. `events`: those of one card in the order of their publication.
void compare_objects(sandbox::peers&, const std::vector<queue::change_event>& events,
                     const std::unordered_map<std::string, std::string>& state_by_id, sandbox_outcome&);

}  // namespace ota::cli
