#pragma once

#include "gateway/profile/gateway_settings.hpp"
#include "gateway/store/store.hpp"
#include "queue/event_sink.hpp"
#include "queue/event_source.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

/// The store and the queue that the settings name.
namespace ota::cli {

struct backends {
    std::unique_ptr<store::store> state;
    std::unique_ptr<queue::event_source> source;
    std::unique_ptr<queue::event_sink> sink;
    /// To be called once a second, by the thread that does not pull: what the store keeps about the source.
    std::function<void()> tick;
};

/// Why they could not be opened.
struct backend_fault {
    std::string sentence;
    bool misconfigured = false;  ///< an operator must act: exit code 78
    bool passing = false;        ///< a server does not answer now: worth another try
};

/// Named value of the store: partitions of dm.mo.changes.
inline constexpr std::string_view partitions_value = "partitions/dm.mo.changes";

/// What the store keeps about the topic that it was filled from.
struct source_memory {
    std::int32_t partitions = 0;  ///< order per card rests on their number: the first that was seen; 0 none yet
    std::int64_t epoch = 0;       ///< R3: when the store was recovered last; 0 never
};
[[nodiscard]] wire::result<source_memory> remembered(store::transaction&);
[[nodiscard]] wire::result<source_memory> remembered(store::store&);

/// Of librdkafka; holds secrets.
[[nodiscard]] std::map<std::string, std::string, std::less<>> properties_of(const kafka_settings&);

using log_line = std::function<void(int level, std::string_view line)>;  ///< syslog levels

[[nodiscard]] bool open_store(const gateway_settings&, backends&, backend_fault&);
[[nodiscard]] bool open_queue(const gateway_settings&, backends&, log_line, backend_fault&);

/// What the last tool that had the store for itself left there.
[[nodiscard]] wire::result<std::string> mark_of_tools(store::store&);

}  // namespace ota::cli
