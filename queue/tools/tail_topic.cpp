#include "queue/content_mode.hpp"
#include "queue/kafka/errc.hpp"
#include "queue/kafka/topic_reader.hpp"
#include "queue/tools/arguments.hpp"
#include "queue/tools/redact.hpp"
#include "queue/tools/tail.hpp"

#include <ostream>

namespace ota::queue::tools {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;
using kafka::topic_reader;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class tailing {
public:
    tailing(const tail_options& o, const cluster& c, topic_reader& reader, streams s, const surroundings& around)
        : options_(o), cluster_(c), reader_(reader), streams_(s), around_(around) {}

    /// Starts every partition that has something to give; the exit code when that cannot be.
    std::optional<int> stand() {
        const auto only = read_topic_place(options_.from);
        if (!only && options_.from != "start" && options_.from != "end") {
            streams_.err << "--from is neither start, end nor PARTITION:OFFSET\n";
            return 2;
        }
        const auto partitions = reader_.partition_count(cluster_.patience);
        if (!partitions) return fail(partitions.error());
        if (only && only->first >= partitions.value()) {
            streams_.err << "--from: there are " << partitions.value() << " partitions, 0 is the first\n";
            return 1;
        }
        for (auto p = only ? only->first : 0; p < (only ? only->first + 1 : partitions.value()); ++p)
            if (const auto begun = begin(p, only ? std::optional(only->second) : std::nullopt); !begun)
                return fail(begun.error());
        return std::nullopt;
    }

    int run() {
        auto until = clock::now() + cluster_.patience;
        while (options_.follow || !ends_.empty()) {
            auto item = reader_.next();
            if (std::holds_alternative<std::monostate>(item)) {
                streams_.out.flush();
                if (around_.stopped && around_.stopped()) break;
                reader_.serve();
                if (clock::now() >= until) {
                    if (!options_.follow) return fail(reader_.silence());
                    if (const auto gone = look()) return fail(*gone);
                    until = clock::now() + cluster_.patience;
                }
                (void)reader_.wait(milliseconds(200));
                continue;
            }
            until = clock::now() + cluster_.patience;
            if (const auto* bad = std::get_if<topic_reader::trouble>(&item)) return fail(bad->why);
            if (const auto* at = std::get_if<topic_reader::ended>(&item)) finish(at->partition);
            if (const auto* next = std::get_if<record>(&item); next != nullptr && !take(*next)) break;
        }
        streams_.out.flush();
        return 0;
    }

private:
    wire::result<void> begin(std::int32_t partition, std::optional<std::int64_t> offset) {
        OTA_TRY(const auto there, reader_.extent_of(partition, cluster_.patience));
        const auto from = offset ? *offset : options_.from == "end" ? there.high : there.low;
        if (from < there.low || from > there.high)
            return kafka::fault(kafka::errc::offset_removed, "--from: partition " + std::to_string(partition) +
                                                                 " goes from " + std::to_string(there.low) + " to " +
                                                                 std::to_string(there.high));
        if (from == there.high && !options_.follow) return success();
        ends_[partition] = there.high;
        return reader_.start(partition, from);
    }
    /// False when enough was printed.
    bool take(const record& r) {
        const auto end = ends_.find(r.partition);
        if (end == ends_.end()) return true;
        if (options_.follow || r.offset < end->second) {
            print(r);
            if (++printed_ == options_.count) return false;
        }
        if (r.next_offset >= end->second) finish(r.partition);
        return true;
    }
    void finish(std::int32_t partition) {
        if (options_.follow) return;
        reader_.stop(partition);
        ends_.erase(partition);
    }
    void print(const record& r) {
        if (options_.offsets) streams_.out << r.partition << ':' << r.offset << '\t' << r.key << '\t';
        if (r.payload.empty() && !in_binary_mode(r.headers)) {
            streams_.out << "(tombstone of " << r.key << ")\n";
            return;
        }
        const auto text = in_binary_mode(r.headers) ? to_structured_mode(r.payload, r.headers) : r.payload;
        streams_.out << (options_.values ? text : redact(text)) << '\n';
    }
    /// Nothing came for long: says so when the reason is that no broker answers, and goes on; an error that does not
    /// pass.
    std::optional<std::error_code> look() {
        const auto there = reader_.partition_count(cluster_.patience);
        if (there) return std::nullopt;
        if (!(there.error() == kafka::errc::unreachable)) return there.error();
        streams_.err << there.error().message() << "; still waiting\n";
        return std::nullopt;
    }
    int fail(const std::error_code& why) {
        streams_.out.flush();
        streams_.err << why.message() << '\n';
        return failure_code(why);
    }

    const tail_options& options_;
    const cluster& cluster_;
    topic_reader& reader_;
    streams streams_;
    const surroundings& around_;
    std::map<std::int32_t, std::int64_t> ends_;  ///< of the partitions that are read, as they were at the start
    std::size_t printed_ = 0;
};

}  // namespace

int tail_topic(const tail_options& o, const std::string& topic, const cluster& c, streams s,
               const surroundings& around) {
    const auto reader = topic_reader::open({topic, c.properties, {}, true});
    if (!reader) {
        s.err << reader.error().message() << '\n';
        return failure_code(reader.error());
    }
    tailing tail(o, c, *reader.value(), s, around);
    if (const auto code = tail.stand()) return *code;
    return tail.run();
}

}  // namespace ota::queue::tools
