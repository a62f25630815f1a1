#pragma once

#include "secure-channel/wire/result.hpp"

#include <string>
#include <utility>
#include <vector>

namespace ota::queue {

inline constexpr const char* topic_changes = "dm.mo.changes";
inline constexpr const char* topic_status = "dm.mo.status";
inline constexpr const char* topic_dead_letters = "dm.mo.changes.dlq";
inline constexpr const char* topic_card_state = "dm.card.state";

struct message {
    std::string topic;
    std::string key;
    std::string value;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// Where statuses, dead letters and card states go. Ordered per key.
class event_sink {
public:
    virtual ~event_sink() = default;
    /// Durable when it returns without error; at-least-once, so a failed batch is published again whole.
    [[nodiscard]] virtual wire::result<void> publish(const std::vector<message>&) = 0;
};

}  // namespace ota::queue
