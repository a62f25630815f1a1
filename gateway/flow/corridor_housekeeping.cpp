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

constexpr std::uint16_t tools_instance = 255;  // gateway/cards

/// Who made the id (store::id_source).
std::uint16_t instance_of(std::int64_t id) noexcept { return static_cast<std::uint16_t>(id >> 14 & 0xFF); }

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

/// Once a second: parked events whose card came, profiles paused or released by others, outbox rows of other processes.
void corridor::housekeeping(batch_input& in, wall_time now) {
    const auto lag = parts_.source.lag();  // here: the source belongs to this thread
    std::unique_lock lock(mutex_);
    status_.lag = lag;
    lock.unlock();
    auto tx = parts_.state.begin();
    if (!tx) return failed(tx.error(), "store", now);
    auto ready = tx.value()->values("ready/");
    auto paused = tx.value()->values("paused/");
    auto rows = tx.value()->outbox(0, outbox_page);
    if (!ready || !paused || !rows) return failed(!ready ? ready.error() : !paused ? paused.error() : rows.error(), "store", now);
    paused_.clear();
    for (auto& [name, why] : paused.value()) paused_[name.substr(7)] = why;
    lock.lock();
    status_.paused_profiles = paused_.size();
    refresh_tally(*tx.value(), quarantined_cards, status_.quarantined_cards);
    refresh_tally(*tx.value(), parked_events, status_.parked_events);
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
    take_outbox(std::move(rows.value()), in.published);
}

/// Rows of earlier runs, and of tools. In a shared store each instance publishes its own.
void corridor::take_outbox(std::vector<store::outbox_row>&& rows, const std::vector<std::int64_t>& being_removed) {
    const std::set<std::int64_t> leaving(being_removed.begin(), being_removed.end());
    for (auto& r : rows) {
        const auto by = instance_of(r.seq);
        if (settings_.shared_store && by != settings_.instance && by != tools_instance) continue;
        if (leaving.count(r.seq) != 0) continue;
        unpublished_.try_emplace(r.seq, queue::message{std::move(r.topic), std::move(r.key), std::move(r.value), {}});
    }
}

}  // namespace ota::flow
