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

constexpr std::size_t shown_digits = 4;
constexpr std::size_t shortest_number = 8;  ///< digits of an MSISDN
constexpr std::size_t shortest_iccid = 18;
constexpr std::size_t whole_text = 0;  ///< masked from its beginning, whatever it is made of
constexpr std::size_t nothing = std::string_view::npos;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// With stars in place of all but the last digits of runs that are so long.
std::string masked(std::string_view text, std::size_t shortest) {
    std::string shown(text);
    const auto hide = [&](std::size_t from, std::size_t to) {
        if (to - from > shown_digits)
            std::fill(shown.begin() + static_cast<std::ptrdiff_t>(from),
                      shown.begin() + static_cast<std::ptrdiff_t>(to - shown_digits), '*');
    };
    if (shortest == whole_text) {
        hide(0, text.size());
        return shown;
    }
    for (std::size_t from = 0; from < text.size();) {
        auto to = from;
        while (to < text.size() && is_digit(text[to])) ++to;
        if (to - from >= shortest) hide(from, to);
        from = to + 1;
    }
    return shown;
}

/// Digits that a run in this field must have to be masked.
std::size_t shortest_run_in(std::string_view key) {
    if (key == "card" || key == "msisdn" || key == "device") return whole_text;
    if (key == "head") return nothing;  // a hash of the audit log
    return key == "event" || key == "source" ? shortest_iccid : shortest_number;
}

struct value_writer {
    std::string& out;
    std::size_t mask;  ///< shortest run that is masked

    void operator()(std::string_view text) const {
        if (mask == nothing) return queue::append_json_string(out, text);
        queue::append_json_string(out, masked(text, mask));
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
    const bool mask = mask_cards_.load(std::memory_order_relaxed);
    value_writer{line, mask ? shortest_number : nothing}(message);
    for (const auto& each : f) {
        line += ',';
        queue::append_json_string(line, each.key);
        line += ':';
        std::visit(value_writer{line, mask ? shortest_run_in(each.key) : nothing}, each.value);
    }
    line += "}\n";
    const std::lock_guard lock(writing_);
    sink_(line);
}

}  // namespace ota::ops
