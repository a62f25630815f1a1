#include "queue/tools/arguments.hpp"

#include "queue/kafka/errc.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace ota::queue::tools {

void add_log_option(CLI::App& app, std::filesystem::path& into) {
    app.add_option("--log", into, "directory of the logs (one directory per topic below it)")->type_name("DIR");
    const auto misplaced = [](const std::string&) {
        throw CLI::ValidationError("--config", "is read by `otagw` before these options");
    };
    app.add_option_function<std::string>("--config,-c", misplaced, "settings file: its queue is used")
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

int failure_code(const std::error_code& why) { return why == kafka::errc::bad_setting ? 78 : 1; }

std::optional<std::int64_t> read_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [stop, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (bad != std::errc() || stop != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

std::optional<std::pair<std::int32_t, std::int64_t>> read_topic_place(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto partition = read_number(text.substr(0, colon)), offset = read_number(text.substr(colon + 1));
    if (!partition || !offset || *partition > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    return std::pair(static_cast<std::int32_t>(*partition), *offset);
}

int without_log(streams s) {
    s.err << "no directory of logs: give --log DIR, or a configuration\n";
    return 2;
}

}  // namespace ota::queue::tools
