#pragma once

#include "queue/dead_letter.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

/// `otagw publish`, `otagw events tail` and `otagw dlq` over embedded logs. Each takes the arguments behind its name
/// and gives the exit code: 0 good, 1 failed, 2 wrong usage. `main` binds them to the real streams, clock and settings.
namespace ota::queue::tools {

struct streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
};

struct surroundings {
    std::filesystem::path root;           ///< directory of all logs, unless --log names another; may be empty
    std::function<wall_time()> now;       ///< required
    std::function<std::string()> new_id;  ///< a fresh event id, for `publish` without --id; required there
    std::function<bool()> stopped;        ///< polled by --follow; never stopped when empty
    /// R24: opens the sealed payload of a dead letter. Without it `show` tells the rest and `replay` refuses.
    std::function<wire::result<std::string>(const dead_letter&)> open_payload;
    /// The same under the key in this file: a rewrap leaves dead letters under the key that they were written with.
    std::function<wire::result<std::string>(const dead_letter&, const std::string& key_file)> open_payload_under;
};

using arguments = std::vector<std::string>;

/// Events from a file of lines, from standard input, or one from options; prints an id per event once it is durable.
[[nodiscard]] int run_publish(const arguments&, streams, const surroundings&);
/// Prints the records of a topic's log, values hidden unless asked for.
[[nodiscard]] int run_events_tail(const arguments&, streams, const surroundings&);
/// `list`, `show OFFSET`, `replay OFFSET...`.
[[nodiscard]] int run_dlq(const arguments&, streams, const surroundings&);

}  // namespace ota::queue::tools
