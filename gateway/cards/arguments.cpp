#include "gateway/cards/arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace ota::cards {

std::optional<int> parse_arguments(CLI::App& app, const arguments& args, streams s) {
    try {
        app.parse(arguments(args.rbegin(), args.rend()));  // as CLI11 wants them
        return std::nullopt;
    } catch (const CLI::ParseError& e) {
        return app.exit(e, s.out, s.err) == 0 ? good : wrong_usage;
    }
}

void add_config_option(CLI::App& app, std::string& into) {
    app.add_option("--config", into, "settings file")->type_name("FILE");
}

}  // namespace ota::cards
