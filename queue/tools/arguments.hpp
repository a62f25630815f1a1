#pragma once

#include "queue/tools/commands.hpp"

#include <optional>

namespace CLI {
class App;
}

namespace ota::queue::tools {

/// Adds --log DIR, the directory of all logs, and --config, which `otagw` has read before and is here for the help.
void add_log_option(CLI::App&, std::filesystem::path& into);
/// Empty when the arguments are good; else the exit code (help has been printed: 0, wrong usage: 2).
[[nodiscard]] std::optional<int> parse_arguments(CLI::App&, const arguments&, streams);
/// The exit code of a failure: 78 when a setting must be changed, else 1.
[[nodiscard]] int failure_code(const std::error_code&);
/// A number without sign; empty for anything else.
[[nodiscard]] std::optional<std::int64_t> read_number(std::string_view text);
/// "PARTITION:OFFSET"; empty for anything else.
[[nodiscard]] std::optional<std::pair<std::int32_t, std::int64_t>> read_topic_place(std::string_view text);
/// Says on the error stream that no log directory is known; gives 2.
[[nodiscard]] int without_log(streams);

}  // namespace ota::queue::tools
