#include "gateway/flow/batch.hpp"
#include "gateway/flow/tally.hpp"

#include <charconv>

namespace ota::flow {

namespace {

constexpr auto parked_interval = std::chrono::minutes(1);

/// When an event was parked, by the id that ends its name: parked/ICCID/ID, the id in hexadecimal.
wall_time parked_at(std::string_view name) {
    const auto id_text = name.substr(name.rfind('/') + 1);
    std::int64_t id = 0;
    std::from_chars(id_text.data(), id_text.data() + id_text.size(), id, 16);
    return store::id_source::time_of(id);
}

}  // namespace

/// A parked event comes back as an input of this batch, which forgets where it was parked.
void corridor::take_parked(batch_input& in, const std::string& name, std::string_view sealed, bool overdue) {
    if (in.events.size() >= settings_.batch) return;  // the next time
    const auto octets = wire::from_hex(sealed);
    const auto clear = octets ? guard_.open(octets.value(), "parked") : wire::result<wire::octets>(octets.error());
    if (!clear) return;
    queue::record record;
    record.payload = wire::as_text(clear.value());
    auto event = queue::parse_event(record.payload, {});
    in.events.push_back({std::move(record), std::move(event), true, name, overdue});
}

/// Once a second: parked events whose card came, profiles paused or released by others, outbox rows of other processes,
/// the oldest event that is open.
void corridor::housekeeping(batch_input& in, wall_time now) {
    const auto lag = parts_.source.lag();  // here: the source belongs to this thread
    std::unique_lock lock(mutex_);
    status_.lag = lag;
    lock.unlock();
    auto tx = parts_.state.begin();
    if (!tx) return failed(tx.error(), "store", now);
    auto ready = tx.value()->values("ready/");
    auto paused = tx.value()->values("paused/");
    if (!ready || !paused) return failed(!ready ? ready.error() : paused.error(), "store", now);
    if (parts_.neighbours) {
        const auto counted = tx.value()->count();
        if (!counted) return failed(counted.error(), "store", now);
        stored_unpublished_ = counted.value().outbox;
    } else {
        auto rows = tx.value()->outbox(0, outbox_page);
        if (!rows) return failed(rows.error(), "store", now);
        take_outbox(std::move(rows.value()), in.published);
    }
    paused_.clear();
    for (auto& [name, why] : paused.value()) paused_[name.substr(7)] = why;
    const auto quarantined = read_tally(*tx.value(), quarantined_cards),
               parked = read_tally(*tx.value(), parked_events);
    if (auto looked = oldest_.look(*tx.value(), now); !looked) return failed(looked.error(), "store", now);
    in.final_before = oldest_.mark_to_keep(now);
    lock.lock();  // R4: bearers wait for this lock, so the store is not asked under it
    status_.paused_profiles = paused_.size();
    status_.oldest_open_at = oldest_.accepted_at();
    if (quarantined) status_.quarantined_cards = quarantined.value();
    if (parked) status_.parked_events = parked.value();
    lock.unlock();
    for (const auto& [name, sealed] : ready.value()) take_parked(in, name, sealed, false);
    if (now >= next_parked_look_) {  // R18: nobody made the card known within the event's life
        next_parked_look_ = now + parked_interval;
        auto waiting = tx.value()->values("parked/");
        if (!waiting) return failed(waiting.error(), "store", now);
        for (const auto& [name, sealed] : waiting.value()) {
            if (parked_at(name) + settings_.event_life <= now) take_parked(in, name, sealed, true);
        }
    }
}

}  // namespace ota::flow
