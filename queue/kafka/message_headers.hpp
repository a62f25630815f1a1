#pragma once

#include "queue/event_sink.hpp"

#include <optional>

namespace ota::queue::kafka {

using headers = std::vector<std::pair<std::string, std::string>>;

/// The record headers of a message: its own, and by its topic and content
///     statuses, card states   content-type (structured mode of the CloudEvents Kafka binding), traceparent
///     dead letters            content-type, reason, origin-topic, origin-partition, origin-offset
[[nodiscard]] headers headers_of(const message&);

/// What goes to the topic instead of a message that is too long for it: the same without what makes it long, saying so.
/// A dead letter loses its sealed payload (the record still lies at its origin), a status its value. Nothing for any
/// other message, and when nothing could be left out.
[[nodiscard]] std::optional<message> note_instead_of(const message&);

}  // namespace ota::queue::kafka
