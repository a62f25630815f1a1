#pragma once

#include "queue/dead_letter.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// `otagw publish`, `otagw events tail` and `otagw dlq`, over embedded logs or Apache Kafka. Each takes the arguments
/// behind its name and gives the exit code: 0 good, 1 failed, 2 wrong usage, 78 a Kafka property that cannot be taken.
/// `main` binds them to the real streams, clock and settings.
namespace ota::queue::tools {

struct streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
};

/// A Kafka cluster in place of the logs.
struct cluster {
    std::map<std::string, std::string, std::less<>> properties;  ///< librdkafka's; they may hold secrets
    std::chrono::milliseconds patience{15'000};                  ///< for one answer of a broker
};

struct surroundings {
    std::filesystem::path root;           ///< directory of all logs, unless --log names another; may be empty
    std::optional<cluster> kafka;         ///< the topics of this cluster, unless --log names a directory
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
/// Prints the records of a topic, values hidden unless asked for.
[[nodiscard]] int run_events_tail(const arguments&, streams, const surroundings&);
/// `list`, `show WHICH`, `replay WHICH...`: by the place that `list` prints, or by the event's id.
[[nodiscard]] int run_dlq(const arguments&, streams, const surroundings&);

}  // namespace ota::queue::tools
