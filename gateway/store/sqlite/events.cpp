#include "gateway/store/sqlite/packed_rows.hpp"
#include "gateway/store/sqlite/transaction.hpp"

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

constexpr std::uint8_t open_state = 0;

/// Columns: seq, accepted_at, state, closed_at, reason, detail, body.
wire::result<event_row> event_in(const run& r) {
    event_row event;
    event.seq = r.integer(0);
    event.accepted_at = time_of(r.integer(1));
    event.state = static_cast<std::uint8_t>(r.integer(2));
    if (event.state != open_state) event.closed_at = time_of(r.integer(3));
    event.reason = r.text(4);
    event.detail = r.text(5);
    OTA_TRY(unpack(wire::as_octets(r.view(6)), event));
    return event;
}

}  // namespace

wire::result<std::optional<event_row>> sqlite_transaction::find_event(std::int64_t hash, const event_key& key) {
    OTA_TRY(core_.keys.follow(ledger_.key_generation));
    OTA_TRY(const auto candidates, core_.keys.find(hash));
    for (const auto seq : candidates) {
        OTA_TRY(auto event, event_at(seq));
        // The hash only leads here; the key decides. A row may be pruned already.
        if (event && event->source == key.source && event->id == key.id) return event;
    }
    return std::optional<event_row>();
}

wire::result<std::vector<std::optional<event_row>>> sqlite_transaction::find_events(std::span<const event_key> keys) {
    OTA_TRY(usable());
    std::vector<std::optional<event_row>> found(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto hash = static_cast<std::int64_t>(hash_of(core_.key, keys[i].source, keys[i].id));
        OTA_TRY(found[i], find_event(hash, keys[i]));
        if (!found[i]) missed_.insert(hash);
    }
    return found;
}

wire::result<void> sqlite_transaction::insert_events(std::span<const event_row> events) {
    return writing([&]() -> wire::result<void> {
        if (events.empty()) return outcome::success();
        OTA_TRY(core_.keys.follow(ledger_.key_generation));
        for (const auto& event : events) {
            OTA_TRY(insert_event(event));
        }
        // Keys of events that were pruned need no place in the index.
        OTA_TRY(const auto oldest, db_.number("SELECT min(seq) FROM event"));
        return core_.keys.flush(ledger_.key_generation, oldest.value_or(0));
    });
}

wire::result<void> sqlite_transaction::insert_event(const event_row& event) {
    // R22: (source, id) is unique. Its index is not, so look first, unless this transaction has looked already.
    const auto hash = static_cast<std::int64_t>(hash_of(core_.key, event.source, event.id));
    if (missed_.erase(hash) == 0) {
        OTA_TRY(const auto taken, find_event(hash, {event.source, event.id}));
        if (taken) return errc::duplicate;
    }
    OTA_TRY(const auto body, pack(event));
    OTA_TRY(auto* const statement,
            db_.prepared("INSERT INTO event(seq, accepted_at, state, closed_at, reason, detail, body) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?)"));
    const bool open = event.state == open_state;
    OTA_TRY(run(db_, statement, event.seq, stamp(event.accepted_at), std::int64_t{event.state},
                stamp(open ? event.accepted_at : event.closed_at), event.reason, event.detail, body)
                .all());
    core_.keys.add(hash, event.seq);
    if (open) ++ledger_.open_events;
    return outcome::success();
}

wire::result<std::optional<event_row>> sqlite_transaction::event_at(event_seq seq) {
    OTA_TRY(auto* const statement,
            db_.prepared("SELECT seq, accepted_at, state, closed_at, reason, detail, body FROM event WHERE seq = ?"));
    run r(db_, statement, seq);
    OTA_TRY(const bool row, r.next());
    if (!row) return std::optional<event_row>();
    auto event = event_in(r);
    if (!event) return db_.contradicts();
    return std::optional(std::move(event).value());
}

wire::result<std::vector<std::optional<event_row>>> sqlite_transaction::events_by_seq(std::span<const event_seq> seqs) {
    OTA_TRY(usable());
    std::vector<std::optional<event_row>> found(seqs.size());
    for (std::size_t i = 0; i < seqs.size(); ++i) {
        OTA_TRY(found[i], event_at(seqs[i]));
    }
    return found;
}

wire::result<open_search> sqlite_transaction::first_open(event_seq from, std::size_t most) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement,
            db_.prepared("SELECT seq, accepted_at, state FROM event WHERE seq >= ? ORDER BY seq LIMIT ?"));
    run r(db_, statement, from, static_cast<std::int64_t>(most));
    open_search found;
    for (std::size_t looked = 0;; ++looked) {
        OTA_TRY(const bool row, r.next());
        if (!row) {
            found.is = looked == most ? open_search::verdict::unfinished : open_search::verdict::none;
            return found;
        }
        found.seq = r.integer(0);
        found.accepted_at = time_of(r.integer(1));
        if (r.integer(2) != open_state) continue;
        found.is = open_search::verdict::open;
        return found;
    }
}

wire::result<std::vector<std::optional<event_row>>> sqlite_transaction::close_events(
    std::span<const event_close> closes) {
    std::vector<std::optional<event_row>> rows(closes.size());
    OTA_TRY(writing([&]() -> wire::result<void> {
        for (std::size_t i = 0; i < closes.size(); ++i) {
            OTA_TRY(rows[i], close_event(closes[i]));
        }
        return outcome::success();
    }));
    return rows;
}

wire::result<std::optional<event_row>> sqlite_transaction::close_event(const event_close& close) {
    if (close.state == open_state) return errc::misuse;
    OTA_TRY(auto event, event_at(close.seq));
    if (!event || event->state != open_state) return event;  // final once, final for ever
    OTA_TRY(auto* const statement,
            db_.prepared("UPDATE event SET state = ?, closed_at = ?, reason = ?, detail = ? WHERE seq = ?"));
    OTA_TRY(
        run(db_, statement, std::int64_t{close.state}, stamp(close.at), close.reason, close.detail, close.seq).all());
    --ledger_.open_events;
    event->state = close.state;
    event->closed_at = close.at;
    event->reason = close.reason;
    event->detail = close.detail;
    return event;
}

}  // namespace ota::store::sqlite
