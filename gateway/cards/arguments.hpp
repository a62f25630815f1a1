#pragma once

#include "gateway/cards/commands.hpp"

#include <optional>

namespace CLI {
class App;
}

namespace ota::cards {

/// Empty when the arguments are good; else the exit code (help has been printed: 0, wrong usage: 2).
[[nodiscard]] std::optional<int> parse_arguments(CLI::App&, const arguments&, streams);

/// --config FILE.
void add_config_option(CLI::App&, std::string& into);

}  // namespace ota::cards
