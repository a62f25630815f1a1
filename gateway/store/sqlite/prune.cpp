#include "gateway/store/sqlite/packed_rows.hpp"
#include "gateway/store/sqlite/transaction.hpp"

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

wire::result<std::size_t> sqlite_transaction::prune(wall_time older_than, std::size_t limit) {
    std::size_t gone = 0;
    const auto older = stamp(older_than);
    OTA_TRY(writing([&]() -> wire::result<void> {
        OTA_TRY(const auto events, prune_events(older, limit));
        OTA_TRY(const auto submissions, prune_submissions(older, limit));
        OTA_TRY(const auto history, prune_appended("SELECT seq, at FROM history ORDER BY seq LIMIT ?",
                                                   "DELETE FROM history WHERE seq = ?", older, limit));
        OTA_TRY(const auto orphans, prune_appended("SELECT n, at FROM orphan_receipt ORDER BY n LIMIT ?",
                                                   "DELETE FROM orphan_receipt WHERE n = ?", older, limit));
        OTA_TRY(const auto later, prune_appended("SELECT seq, at FROM later_state ORDER BY seq LIMIT ?",
                                                 "DELETE FROM later_state WHERE seq = ?", older, limit));
        gone = events + submissions + history + orphans + later;
        return outcome::success();
    }));
    return gone;
}

/// Keys grow with time, so the old rows come first: the walk ends at the first young one.
wire::result<std::size_t> sqlite_transaction::prune_events(std::int64_t older, std::size_t limit) {
    struct key {
        event_seq seq;
        std::uint64_t hash;
    };
    std::vector<key> old;
    {
        OTA_TRY(auto* const walk,
                db_.prepared("SELECT seq, accepted_at, state, closed_at, body FROM event ORDER BY seq"));
        run r(db_, walk);
        while (old.size() < limit) {
            OTA_TRY(const bool row, r.next());
            if (!row || r.integer(1) >= older) break;
            if (r.integer(2) == 0 || r.integer(3) >= older) continue;
            event_row event;
            if (!unpack(wire::as_octets(r.view(4)), event)) return db_.contradicts();
            old.push_back({r.integer(0), hash_of(core_.key, event.source, event.id)});
        }
    }
    OTA_TRY(auto* const remove, db_.prepared("DELETE FROM event WHERE seq = ?"));
    OTA_TRY(auto* const forget_key, db_.prepared("DELETE FROM event_key WHERE hash = ? AND seq = ?"));
    for (const auto& [seq, hash] : old) {
        OTA_TRY(run(db_, remove, seq).all());
        OTA_TRY(run(db_, forget_key, static_cast<std::int64_t>(hash), seq).all());
    }
    return old.size();
}

wire::result<std::size_t> sqlite_transaction::prune_submissions(std::int64_t older, std::size_t limit) {
    struct key {
        std::int64_t packet, segment, attempt;
    };
    std::vector<key> old;
    {
        OTA_TRY(auto* const walk,
                db_.prepared("SELECT packet, segment, attempt, at FROM submission ORDER BY packet, segment, attempt"));
        run r(db_, walk);
        while (old.size() < limit) {
            OTA_TRY(const bool row, r.next());
            if (!row || r.integer(3) >= older) break;
            old.push_back({r.integer(0), r.integer(1), r.integer(2)});
        }
    }
    OTA_TRY(auto* const remove,
            db_.prepared("DELETE FROM submission WHERE packet = ? AND segment = ? AND attempt = ?"));
    for (const auto& k : old) {
        OTA_TRY(run(db_, remove, k.packet, k.segment, k.attempt).all());
    }
    return old.size();
}

wire::result<std::size_t> sqlite_transaction::prune_appended(const char* oldest, const char* remove, std::int64_t older,
                                                             std::size_t limit) {
    std::vector<std::int64_t> old;
    {
        OTA_TRY(auto* const walk, db_.prepared(oldest));
        run r(db_, walk, static_cast<std::int64_t>(limit));
        for (;;) {
            OTA_TRY(const bool row, r.next());
            if (!row || r.integer(1) >= older) break;
            old.push_back(r.integer(0));
        }
    }
    OTA_TRY(auto* const statement, db_.prepared(remove));
    for (const auto key : old) {
        OTA_TRY(run(db_, statement, key).all());
    }
    return old.size();
}

/// Cards, numbers and history have no index on the card: the first two are walked, of the last the rows are named.
wire::result<void> sqlite_transaction::erase(const remains& of) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(auto* const at, place_of(of.card));
        // Cells that are freed are overwritten, so that nothing of them stays in the file.
        OTA_TRY(db_.execute("PRAGMA secure_delete = ON"));
        OTA_TRY(auto* const rows, db_.prepared("DELETE FROM card WHERE id = ? AND n <> ?"));
        OTA_TRY(run(db_, rows, of.card, at == nullptr ? std::int64_t{0} : at->n).all());
        OTA_TRY(auto* const numbers, db_.prepared("DELETE FROM number WHERE card = ?"));
        OTA_TRY(run(db_, numbers, of.card).all());
        OTA_TRY(auto* const accounts, db_.prepared("DELETE FROM device_account WHERE card = ?"));
        OTA_TRY(run(db_, accounts, of.card).all());
        OTA_TRY(auto* const history, db_.prepared("DELETE FROM history WHERE seq = ? AND card = ?"));
        for (const auto seq : of.history) {
            OTA_TRY(run(db_, history, seq, of.card).all());
        }
        OTA_TRY(auto* const submissions, db_.prepared("DELETE FROM submission WHERE packet = ? AND card = ?"));
        for (const auto packet : of.packets) {
            OTA_TRY(run(db_, submissions, packet, of.card).all());
        }
        return db_.execute("PRAGMA secure_delete = OFF");
    });
}

}  // namespace ota::store::sqlite
