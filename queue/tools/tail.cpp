#include "queue/tools/tail.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/embedded/log_reader.hpp"
#include "queue/embedded/log_watch.hpp"
#include "queue/tools/arguments.hpp"
#include "queue/tools/redact.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <charconv>
#include <ostream>

namespace ota::queue::tools {
namespace {

void declare(CLI::App& app, tail_options& o) {
    add_log_option(app, o.root);
    app.add_option("--topic", o.topic, "changes, status, dlq or states")
        ->check(CLI::IsMember({"changes", "status", "dlq", "states"}));
    app.add_option("--from", o.from, "start, end or an offset (of a topic: PARTITION:OFFSET, and only that partition)");
    app.add_option("--count", o.count, "stop after so many records");
    app.add_flag("--follow", o.follow, "wait for more at the end");
    app.add_flag("--values", o.values, "show the values of nodes too");
    app.add_flag("--offsets", o.offsets, "put offset and key before each record");
}

const char* topic_of(const std::string& name) {
    if (name == "status") return topic_status;
    if (name == "states") return topic_card_state;
    return name == "dlq" ? topic_dead_letters : topic_changes;
}

/// Stands the reader at --from; the exit code when that cannot be.
std::optional<int> stand_at(log_reader& reader, const std::string& from, streams s) {
    std::int64_t offset = reader.position();
    if (from == "end") {
        const auto end = reader.end();
        if (end) offset = end.value().end;
    } else if (from != "start") {
        const auto [stop, bad] = std::from_chars(from.data(), from.data() + from.size(), offset);
        if (bad != std::errc() || stop != from.data() + from.size()) {
            s.err << "--from is neither start, end nor an offset\n";
            return 2;
        }
    }
    const auto placed = reader.seek(offset);
    if (placed) return std::nullopt;
    s.err << reader.directory().string() << ": " << placed.error().message() << '\n';
    return 1;
}

void print(const log_record& r, const tail_options& o, streams s) {
    if (o.offsets) s.out << r.offset << '\t' << r.content.key << '\t';
    s.out << (o.values ? std::string(r.content.payload) : redact(r.content.payload)) << '\n';
}

int print_all(log_reader& reader, const tail_options& o, streams s, const surroundings& around) {
    embedded::log_watch watch(reader.directory());
    bool damaged = false;
    for (std::size_t printed = 0; o.count == 0 || printed < o.count;) {
        const auto next = reader.next();
        if (!next) {
            s.err << reader.where() << ": " << next.error().message() << '\n';
            return 1;
        }
        if (!next.value()) {
            s.out.flush();
            if (!o.follow || (around.stopped && around.stopped())) break;
            watch.wait(std::chrono::milliseconds(200));
        } else if (next.value()->damaged) {
            damaged = true;
            s.err << "damaged octets from offset " << next.value()->offset << " to " << next.value()->next_offset
                  << '\n';
        } else {
            print(*next.value(), o, s);
            ++printed;
        }
    }
    return damaged ? 1 : 0;
}

}  // namespace

int run_events_tail(const arguments& args, streams s, const surroundings& around) {
    tail_options o;
    o.root = around.root;
    CLI::App app("Prints the records of a topic", "otagw events tail");
    declare(app, o);
    if (const auto code = parse_arguments(app, args, s)) return *code;
    if (o.root.empty() && around.kafka) return tail_topic(o, topic_of(o.topic), *around.kafka, s, around);
    if (o.root.empty()) return without_log(s);
    const auto directory = topic_directory(o.root, topic_of(o.topic));
    auto reader = log_reader::open(directory);
    if (!reader) {
        s.err << directory.string() << ": " << reader.error().message() << '\n';
        return 1;
    }
    if (const auto code = stand_at(reader.value(), o.from, s)) return *code;
    return print_all(reader.value(), o, s, around);
}

}  // namespace ota::queue::tools
