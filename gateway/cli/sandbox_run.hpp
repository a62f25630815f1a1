#pragma once

#include "gateway/flow/channel_report.hpp"
#include "queue/event.hpp"
#include "sandbox/device_counts.hpp"
#include "sandbox/peers_options.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ota::cli {

struct sandbox_outcome;

struct sandbox_options {
    sandbox::peers_options peers;
    std::size_t changes = 2000;  ///< of files; besides, the services of every card that has management objects
    double accounts = 0.25;      ///< share of the cards that get an account of the DM server
    std::string events_file;     ///< NDJSON of change events instead of the built-in ones; "-" for stdin
    std::string data_directory;  ///< empty: a fresh one below the system's temporary directory, removed at the end
    bool calm = false;           ///< no faults
    std::chrono::seconds time_limit{600};
    bool quiet = false;
    bool console = false;         ///< stays when all is done, with a change now and then, until it is stopped
    std::uint16_t http_port = 0;  ///< of the gateway; 0: any free one
    /// Asked between steps and while it waits: then it ends early, and cleans up. May be empty.
    std::function<bool()> stopped;
    /// The figures are complete: before a sandbox with console stays. May be empty.
    std::function<void(const sandbox_outcome&)> settled;
};

/// What became of the changes of one kind: of the card's files, or of one management object.
struct kind_outcome {
    std::size_t events = 0, applied = 0, other = 0;  ///< final; by the cards' word
    std::size_t incorporated = 0, declined = 0;      ///< by the word of devices in a session
    std::size_t expected = 0;  ///< of devices that have an account: they should tell one or the other
    /// Applied changes by what the device really makes of them.
    std::size_t held = 0, refused = 0, unanswered = 0, unsupported = 0, unseen = 0, wrong = 0;
};

/// What a run came to.
struct sandbox_outcome {
    std::size_t published = 0, final = 0, sms = 0;
    std::map<std::string, std::size_t> by_state;
    std::map<std::string, std::size_t> by_reason;
    std::map<std::string, kind_outcome> by_kind;
    std::vector<double> latencies_in_ms;  ///< published to final
    double seconds = 0;
    std::size_t files_compared = 0, files_wrong = 0, objects_compared = 0, objects_wrong = 0;
    std::vector<std::string> wrong;  ///< what is not as desired, a sentence each
    sandbox::device_counts devices;
    sandbox::radio_counts radio;
    flow::channel_report channels;
    std::vector<std::pair<std::string, std::uint64_t>> faults;  ///< that the SMSC and the network injected
};

/// Runs gateway, SMSC and cards in this process until every event is final. False with `why` when it cannot.
[[nodiscard]] bool run_in_sandbox(const sandbox_options&, sandbox_outcome&, std::string& why);

/// The closing table.
[[nodiscard]] std::string table_of(const sandbox_outcome&);

/// Change events for cards of the profile: `count` of them, spread over the cards, seeded; each twentieth a get if
/// wanted.
[[nodiscard]] std::vector<queue::change_event> demo_events(const sandbox::population&, const card_profile&,
                                                           std::size_t count, std::uint64_t seed, bool with_gets,
                                                           queue::wall_time now);

}  // namespace ota::cli
