#include "gateway/flow/batch.hpp"
#include "queue/content_mode.hpp"

namespace ota::flow {

namespace {

constexpr auto place_interval = std::chrono::seconds(1);

}  // namespace

void corridor::take_reassignment() {
    const auto change = parts_.source.reassigned();
    for (auto partition : change.lost) {
        drop_partition(partition);
        unplaced_.erase(partition);
    }
    for (auto partition : change.gained) drop_partition(partition);
}

/// Only what stands in the store counts: what was read of the partition and is not committed is forgotten, and read
/// again by whoever has it (R1: the rest of those batches commits).
void corridor::drop_partition(std::int32_t partition) {
    for (auto& in : pending_) {
        std::erase_if(in.events, [&](const incoming& e) { return !e.parked && e.record.partition == partition; });
        in.offsets.erase(partition);
    }
    offsets_.erase(partition);
    unplaced_.insert(partition);
}

/// Tells the source where each partition goes on: behind what the store has taken in. What the source says against one
/// of them is its status; the others go on, and this one is tried again.
wire::result<void> corridor::place_partitions() {
    if (unplaced_.empty()) return BOOST_OUTCOME_V2_NAMESPACE::success();
    std::map<std::int32_t, std::optional<store::source_position>> known;
    {
        OTA_TRY(auto tx, parts_.state.begin());
        for (const auto partition : unplaced_) {
            OTA_TRY(known[partition], tx->source_offset(parts_.source.name(), partition));
        }
    }  // nobody waits for our transaction while we wait for a broker
    std::error_code worst;
    std::int32_t of = 0;
    for (const auto& [partition, at] : known) {
        std::optional<queue::position> from;
        if (at) from = queue::position{at->offset, at->mark};
        if (const auto placed = parts_.source.seek(partition, from); !placed) {
            // A reason that stays is told before one that passes by itself.
            if (!worst || worst == std::errc::resource_unavailable_try_again) worst = placed.error(), of = partition;
            continue;
        }
        if (at) offsets_[partition] = at->offset;
        unplaced_.erase(partition);
    }
    if (worst) source_failed("partition " + std::to_string(of) + ": " + worst.message());
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

void corridor::pull(batch_input& in, std::size_t most, wall_time now) {
    if (!unplaced_.empty() && now >= place_at_) {
        const auto asked = place_partitions();
        if (!unplaced_.empty()) place_at_ = now + place_interval;
        if (!asked) source_failed("its positions cannot be read: " + asked.error().message());
    }
    auto records = parts_.source.pull(most);
    if (!records) return source_failed(records.error().message());
    if (unplaced_.empty()) {
        std::lock_guard lock(mutex_);
        status_.source_ok = true;
    }
    in.events.reserve(records.value().size());
    for (auto& r : records.value()) {
        in.offsets[r.partition] = {r.next_offset, r.mark};
        auto event = queue::parse_event(r.payload, r.key, r.headers);
        if (queue::in_binary_mode(r.headers)) {  // as it is sealed
            r.payload = queue::to_structured_mode(r.payload, r.headers);
            r.headers = queue::beside_the_event(r.headers);
        }
        in.events.push_back({std::move(r), std::move(event), false, {}});
    }
}

void corridor::source_failed(const std::string& why) {
    std::lock_guard lock(mutex_);
    status_.source_ok = false;
    status_.why = "event source: " + why;
}

}  // namespace ota::flow
