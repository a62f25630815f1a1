#pragma once

#include "gateway/http/event_reader.hpp"

#include <chrono>
#include <string>

namespace ota::cli {

/// What a tap asks for; empty: all.
struct tap_filter {
    std::string card, type, state, reason;
};
/// "/api/v1/events?..". Without a type the rates of each second are left out.
[[nodiscard]] std::string path_of(const tap_filter&);

/// An event as one line for people: time, type, and what it is about, in a fixed order.
[[nodiscard]] std::string line_of(const http::event_reader::event&, std::chrono::system_clock::time_point arrived);
/// The same as one JSON object: the event's own members behind `at` and `type`.
[[nodiscard]] std::string json_line_of(const http::event_reader::event&, std::chrono::system_clock::time_point arrived);

}  // namespace ota::cli
