#pragma once

#include "queue/event.hpp"
#include "queue/event_sink.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// The body of POST /changes: one event, or one a line.
namespace ota::api {

/// A change that may go into the log.
struct good_change {
    std::size_t line = 0;
    std::string id, source;
    queue::message message;
};
struct refused_change {
    std::size_t line = 0;        ///< from 1; of one event: 1
    std::string reason, detail;  ///< as parse_event tells them: never a value
};
struct read_changes {
    std::vector<good_change> good;
    std::vector<refused_change> refused;
};

/// What an event may leave out.
struct change_defaults {
    std::string source;
    std::function<std::string()> new_id;
};

/// `by_line`: NDJSON, where empty lines do not count; else the whole body is one event. What parse_event would not take
/// is refused here and never reaches the log.
[[nodiscard]] read_changes read_change_lines(std::string_view body, bool by_line, const change_defaults&);

}  // namespace ota::api
