#pragma once

#include "queue/kafka/errc.hpp"
#include "queue/kafka/kafka_source.hpp"
#include "tests/kafka/broker.hpp"
#include "tests/kafka/peer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

/// What the gateway does with a source, with a map in place of the store.
namespace ota::queue::testing {

using kafka::errc;
using kafka_rig::broker;
using kafka_rig::eventually;
using kafka_rig::peer;

inline constexpr const char* changes = "dm.mo.changes";

inline kafka_source_options options_for(const std::string& address) {
    kafka_source_options o;
    o.properties = {
        {"bootstrap.servers", address}, {"reconnect.backoff.max.ms", "200"}, {"session.timeout.ms", "10000"}};
    o.look_interval = std::chrono::milliseconds(200);
    o.answer_time = std::chrono::milliseconds(2000);
    o.commit_interval = std::chrono::milliseconds(50);
    o.rejoin_pause = std::chrono::milliseconds(300);
    return o;
}

inline std::unique_ptr<kafka_source> open_source(kafka_source_options o) {
    auto source = kafka_source::open(std::move(o));
    if (!source) throw std::runtime_error(source.error().message());
    return std::move(source.value());
}

/// Positions as a store keeps them, shared by the readers of a group.
using positions = std::map<std::int32_t, position>;

class reading {
public:
    reading(kafka_source_options o, positions& store) : source(open_source(std::move(o))), store_(store) {}

    /// One turn of the corridor; what it took in has moved the store by compare-and-set, as a transaction does.
    void turn() {
        const auto change = source->reassigned();
        for (const auto p : change.lost) unplaced.erase(p), taken_from.erase(p), ++losses;
        for (const auto p : change.gained) unplaced.insert(p), taken_from.erase(p);
        for (auto at = unplaced.begin(); at != unplaced.end();) {
            const auto known = store_.find(*at);
            const auto placed = source->seek(*at, known == store_.end() ? std::nullopt : std::optional(known->second));
            if (!placed) {
                why = placed.error();
                ++at;
                continue;
            }
            taken_from[*at] = known == store_.end() ? -1 : known->second.offset;
            at = unplaced.erase(at);
        }
        auto records = source->pull(1000);
        if (!records) {
            why = records.error();
            return;
        }
        if (unplaced.empty()) why.clear();
        for (auto& r : records.value()) take(std::move(r));
    }
    /// Turns until this many records were taken in, or a minute is over.
    [[nodiscard]] bool read(std::size_t count) {
        return eventually([&] { return turn(), taken.size() >= count; });
    }
    [[nodiscard]] bool until(const std::function<bool()>& question) {
        return eventually([&] { return turn(), question(); });
    }
    [[nodiscard]] std::vector<std::string> payloads() const {
        std::vector<std::string> out;
        for (const auto& r : taken) out.push_back(r.payload);
        return out;
    }
    [[nodiscard]] std::size_t partitions() const { return taken_from.size(); }

    std::unique_ptr<kafka_source> source;
    std::vector<record> taken;
    std::set<std::int32_t> unplaced;
    std::map<std::int32_t, std::int64_t> taken_from;  ///< where the store stood, as this reader knows it
    std::error_code why;                              ///< the last error; empty once all is well again
    std::size_t fenced = 0, losses = 0;

private:
    void take(record r) {
        EXPECT_TRUE(taken_from.contains(r.partition)) << "a record of a partition that was not sought";
        const auto stored = store_.find(r.partition);
        if ((stored == store_.end() ? -1 : stored->second.offset) != taken_from[r.partition]) {
            ++fenced;  // another reader has it: its records are dropped, and what it has stored counts
            unplaced.insert(r.partition);
            return;
        }
        store_[r.partition] = {r.next_offset, r.mark};
        taken_from[r.partition] = r.next_offset;
        source->commit(r.partition, r.next_offset);
        taken.push_back(std::move(r));
    }

    positions& store_;
};

}  // namespace ota::queue::testing
