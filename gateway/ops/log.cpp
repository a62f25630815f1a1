#include "gateway/ops/log.hpp"

#include "queue/json_text.hpp"
#include "queue/timestamp.hpp"

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>

namespace ota::ops {
namespace {

constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warning", "error", "off"};

void write_to_stderr(std::string_view line) {
    while (!line.empty()) {
        const auto written = ::write(STDERR_FILENO, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;  // nobody reads the log any more: the gateway goes on
        line.remove_prefix(static_cast<std::size_t>(written));
    }
}

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    out.append(text.data(), end);
}

struct value_writer {
    std::string& out;
    bool masked;

    void operator()(std::string_view text) const {
        if (!masked) return queue::append_json_string(out, text);
        std::string shown(text.size(), '*');
        const auto open = std::min<std::size_t>(4, text.size());
        shown.replace(shown.size() - open, open, text.substr(text.size() - open));
        queue::append_json_string(out, shown);
    }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(double value) const {
        if (std::isfinite(value))
            append_number(out, value);
        else
            out += "null";  // JSON has no infinity
    }
    void operator()(std::int64_t value) const { append_number(out, value); }
    void operator()(std::uint64_t value) const { append_number(out, value); }
};

}  // namespace

std::optional<level> parse_level(std::string_view name) {
    const auto found = std::ranges::find(level_names, name);
    if (found == level_names.end()) return std::nullopt;
    return static_cast<level>(found - level_names.begin());
}

log::log(level lowest) : log(lowest, write_to_stderr, [] { return std::chrono::system_clock::now(); }) {}

log::log(level lowest, sink to, clock now) : lowest_(lowest), sink_(std::move(to)), clock_(std::move(now)) {}

void log::write(level at, std::string_view message, fields f) {
    thread_local std::string line;
    line.assign("{\"time\":\"");
    line += queue::serialize_timestamp(std::chrono::floor<std::chrono::milliseconds>(clock_()));
    line += "\",\"level\":\"";
    line += level_names.at(static_cast<std::size_t>(at));
    line += "\",\"message\":";
    queue::append_json_string(line, message);
    const bool mask = mask_cards_.load(std::memory_order_relaxed);
    for (const auto& each : f) {
        line += ',';
        queue::append_json_string(line, each.key);
        line += ':';
        std::visit(value_writer{line, mask && (each.key == "card" || each.key == "msisdn")}, each.value);
    }
    line += "}\n";
    const std::lock_guard lock(writing_);
    sink_(line);
}

}  // namespace ota::ops
