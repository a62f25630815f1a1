#pragma once

#include "gateway/campaigns/operate.hpp"

/// A campaign as people and programs see it. The value that cards get is never part of it.
namespace ota::campaigns {

/// {"name":..,"state":..,"why":..,"document":{..},"cards":..,"outcomes":{..},"reasons":{..},"created_by":..,"created_at":..,..}
[[nodiscard]] std::string serialize_sheet(const sheet&, wall_time now);
[[nodiscard]] std::string serialize_mark(const card_mark&);

/// One line: name, state, progress.
void print_line(const sheet&, wall_time now, std::ostream&);
/// All of it, in text.
void print_sheet(const sheet&, wall_time now, std::ostream&);

}  // namespace ota::campaigns
