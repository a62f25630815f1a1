#include "gateway/store/postgres/partitions.hpp"
#include "gateway/store/postgres/transaction.hpp"

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

/// One kind of work in each call, so that a transaction that drops partitions, and locks others out, is over at once:
/// weeks that hold nothing else than what is old, then rows, then the weeks of rows that had to wait for their events.
/// The caller goes on until nothing is left.
wire::result<std::size_t> postgres_transaction::prune(wall_time older_than, std::size_t limit) {
    std::size_t gone = 0;
    OTA_TRY(writing([&]() -> wire::result<void> {
        OTA_TRY(gone, drop_weeks(older_than, false));
        if (gone != 0) return outcome::success();
        OTA_TRY(gone, prune_rows(stamp(older_than), limit));
        if (gone != 0) return outcome::success();
        OTA_TRY(gone, drop_weeks(older_than, true));
        return outcome::success();
    }));
    return gone;
}

wire::result<std::size_t> postgres_transaction::drop_weeks(wall_time older_than, bool that_follow_events) {
    OTA_TRY(const auto old, weeks_before(db_, older_than));
    std::size_t gone = 0;
    for (const auto& week : old) {
        if (week.of->follows_events != that_follow_events) continue;
        OTA_TRY(drop_week(db_, week));
        gone += static_cast<std::size_t>(week.rows);
        ++changes_;
    }
    return gone;
}

/// Events, and of the rest what has no partition that could go as a whole.
wire::result<std::size_t> postgres_transaction::prune_rows(std::int64_t older, std::size_t limit) {
    std::vector<event_seq> ended;
    OTA_TRY(walk(
        "SELECT e.seq, e.accepted_at, x.closed_at FROM event e LEFT JOIN event_end x ON x.seq = e.seq ORDER BY e.seq",
        [&](const rows& r, std::size_t row) {
            if (r.integer(row, 1) >= older) return false;
            if (!r.null(row, 2) && r.integer(row, 2) < older) ended.push_back(r.integer(row, 0));
            return ended.size() < limit;
        }));
    const auto with = parameters::of(array::of(ended));
    OTA_TRY(const auto done,
            db_.run({{"DELETE FROM event e USING unnest($1::bigint[]) k WHERE e.seq = k", &with},
                     {"DELETE FROM event_end_rest e USING unnest($1::bigint[]) k WHERE e.seq = k", &with}}));
    changes_ += done[0].affected();
    OTA_TRY(const auto submissions, prune_submissions(older, limit));
    OTA_TRY(const auto history,
            prune_appended("SELECT seq, at FROM history_rest ORDER BY seq",
                           "DELETE FROM history_rest h USING unnest($1::bigint[]) k WHERE h.seq = k", older, limit));
    OTA_TRY(
        const auto later,
        prune_appended("SELECT seq, at FROM later_state_rest ORDER BY seq",
                       "DELETE FROM later_state_rest l USING unnest($1::bigint[]) k WHERE l.seq = k", older, limit));
    OTA_TRY(const auto orphans, prune_orphans(older, limit));
    // Markers of connections that are gone; who had to ask for them has done so long ago.
    OTA_TRY(db_.run("DELETE FROM commit_marker WHERE at < now() - interval '1 day'", {}));
    return static_cast<std::size_t>(done[0].affected()) + submissions + history + later + orphans;
}

/// Keys grow with time, so the old rows come first: a walk ends at the first young one.
wire::result<void> postgres_transaction::walk(const char* query,
                                              const std::function<bool(const rows&, std::size_t row)>& take) {
    OTA_TRY(db_.command(("DECLARE oldest BINARY NO SCROLL CURSOR FOR " + std::string(query)).c_str()));
    for (bool more = true; more;) {
        OTA_TRY(const auto r, db_.ask("FETCH 1000 FROM oldest"));
        more = r.size() > 0;
        for (std::size_t row = 0; row < r.size() && more; ++row) more = take(r, row);
    }
    OTA_TRY(db_.command("CLOSE oldest"));
    return outcome::success();
}

wire::result<std::size_t> postgres_transaction::prune_appended(const char* query, const char* remove,
                                                               std::int64_t older, std::size_t limit) {
    std::vector<std::int64_t> old;
    OTA_TRY(walk(query, [&](const rows& r, std::size_t row) {
        if (r.integer(row, 1) >= older) return false;
        old.push_back(r.integer(row, 0));
        return old.size() < limit;
    }));
    OTA_TRY(const auto n, change(remove, parameters::of(array::of(old))));
    return static_cast<std::size_t>(n);
}

wire::result<std::size_t> postgres_transaction::prune_submissions(std::int64_t older, std::size_t limit) {
    auto packet = array::of_integers(), segment = array::of_integers(), attempt = array::of_integers();
    std::size_t old = 0;
    OTA_TRY(walk("SELECT packet, segment, attempt, at FROM submission_rest ORDER BY packet, segment, attempt",
                 [&](const rows& r, std::size_t row) {
                     if (r.integer(row, 3) >= older) return false;
                     packet.add(r.integer(row, 0));
                     segment.add(r.integer(row, 1));
                     attempt.add(r.integer(row, 2));
                     return ++old < limit;
                 }));
    OTA_TRY(const auto n, change("DELETE FROM submission_rest s USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) "
                                 "k(packet, segment, attempt) WHERE s.packet = k.packet AND s.segment = k.segment "
                                 "AND s.attempt = k.attempt",
                                 parameters::of(std::move(packet), std::move(segment), std::move(attempt))));
    return static_cast<std::size_t>(n);
}

wire::result<std::size_t> postgres_transaction::prune_orphans(std::int64_t older, std::size_t limit) {
    OTA_TRY(const auto n, change("DELETE FROM orphan_receipt o USING (SELECT message_id, route FROM orphan_receipt "
                                 "WHERE at < $1::bigint ORDER BY at LIMIT $2::bigint) k "
                                 "WHERE o.message_id = k.message_id AND o.route = k.route",
                                 parameters::of(older, static_cast<std::int64_t>(limit))));
    return static_cast<std::size_t>(n);
}

/// The server keeps what is deleted until its vacuum comes by.
wire::result<void> postgres_transaction::erase(const remains& of) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(change("DELETE FROM number WHERE card = $1::bigint", parameters::of(of.card)));
        OTA_TRY(change("DELETE FROM device_account WHERE card = $1::bigint", parameters::of(of.card)));
        auto history = array::of_integers(), packets = array::of_integers();
        for (const auto seq : of.history) history.add(seq);
        for (const auto packet : of.packets) packets.add(packet);
        OTA_TRY(change("DELETE FROM history WHERE seq = ANY($1::bigint[]) AND card = $2::bigint",
                       parameters::of(std::move(history), of.card)));
        OTA_TRY(change("DELETE FROM submission WHERE packet = ANY($1::bigint[]) AND card = $2::bigint",
                       parameters::of(std::move(packets), of.card)));
        return outcome::success();
    });
}

}  // namespace ota::store::postgres
