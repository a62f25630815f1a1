#pragma once

#include "queue/event.hpp"

#include <optional>
#include <string>
#include <variant>

namespace ota::queue::tools {

/// An event as the options of `otagw publish` give it; texts that are empty are absent.
struct event_options {
    std::string card, op, node, from, format, type, source = "otagw-publish", id, not_before, expires_at, bearer;
    std::optional<std::string> value;
    std::optional<std::int64_t> revision;
    int priority = 0;
};

/// The event's JSON, which parse_event takes; or why it is no event ("bad-op: data.op is not ..").
[[nodiscard]] std::variant<std::string, unreadable> build_event(const event_options&);

}  // namespace ota::queue::tools
