#include "queue/tools/arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>

namespace ota::queue::tools {

void add_log_option(CLI::App& app, std::filesystem::path& into) {
    app.add_option("--log", into, "directory of the logs (one directory per topic below it)")->type_name("DIR");
    const auto misplaced = [](const std::string&) {
        throw CLI::ValidationError("--config", "is read by `otagw` before these options");
    };
    app.add_option_function<std::string>("--config,-c", misplaced, "settings file: its queue's directory is used")
        ->type_name("FILE");
}

std::optional<int> parse_arguments(CLI::App& app, const arguments& args, streams s) {
    try {
        arguments reversed(args.rbegin(), args.rend());  // as CLI11 wants them
        app.parse(std::move(reversed));
        return std::nullopt;
    } catch (const CLI::ParseError& e) {
        return app.exit(e, s.out, s.err) == 0 ? 0 : 2;
    }
}

int without_log(streams s) {
    s.err << "no directory of logs: give --log DIR, or a configuration with an embedded queue\n";
    return 2;
}

}  // namespace ota::queue::tools
