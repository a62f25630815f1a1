#include "gateway/store/postgres/transaction.hpp"

#include <algorithm>
#include <utility>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

postgres_transaction::~postgres_transaction() {
    if (asking_for_ != 0) pool_->leave_unresolved(asking_for_);
    if (m_.db) pool_->give_back(std::move(m_), !over_);
}

wire::result<void> postgres_transaction::usable() const {
    if (spoilt_) return spoilt_;
    if (over_) return errc::misuse;
    if (const auto failure = db_.failure()) return failure;
    return outcome::success();
}

wire::result<std::int64_t> postgres_transaction::change(const char* sql, const parameters& with) {
    OTA_TRY(const auto done, db_.run(sql, with));
    changes_ += done.affected();
    return done.affected();
}

wire::result<std::int64_t> postgres_transaction::copy(const char* sql, copied_rows&& of) {
    OTA_TRY(const auto n, db_.copy(sql, std::move(of)));
    changes_ += n;
    return n;
}

wire::result<void> postgres_transaction::savepoint() {
    OTA_TRY(usable());
    OTA_TRY(db_.command(has_savepoint_ ? "RELEASE point; SAVEPOINT point" : "SAVEPOINT point"));
    has_savepoint_ = true;
    tally_at_savepoint_ = tally_;
    changes_at_savepoint_ = changes_;
    return outcome::success();
}

wire::result<void> postgres_transaction::back_to_savepoint() {
    if (over_ || !has_savepoint_)
        return spoilt_ && over_ ? wire::result<void>(spoilt_) : wire::result<void>(errc::misuse);
    OTA_TRY(db_.command("ROLLBACK TO point"));
    db_.forgive();
    spoilt_ = {};
    tally_ = tally_at_savepoint_;
    changes_ = changes_at_savepoint_;
    known_.clear();  // what was learnt since may be locked no more
    return outcome::success();
}

/// Everything that a commit adds goes in one round trip: its lease (R5), its marker, the counts, the end.
wire::result<void> postgres_transaction::commit() {
    if (asking_for_ == 0) {
        OTA_TRY(usable());
        over_ = true;
        if (changes_ == 0) {
            OTA_TRY(db_.command("COMMIT"));
            return outcome::success();
        }
        const auto marker = std::max<std::int64_t>(pool_->random(), 1);
        const auto number = [](std::int64_t n) { return std::to_string(n); };
        const auto sql = pool_->fence() + "INSERT INTO commit_marker(token, stopped) VALUES (" + number(marker) +
                         ", false); "
                         "DELETE FROM commit_marker WHERE token = " +
                         number(m_.marker) +
                         "; "
                         "INSERT INTO tally AS t VALUES (" +
                         number(m_.slot) + ", 1, " + number(tally_.cards) + ", " + number(tally_.open_events) + ", " +
                         number(tally_.outbox) +
                         ") ON CONFLICT (slot) DO UPDATE SET "
                         "commits = t.commits + 1, cards = t.cards + excluded.cards, open_events = t.open_events + "
                         "excluded.open_events, outbox = t.outbox + excluded.outbox; COMMIT";
        const auto done = db_.command(sql.c_str());
        if (done && done.value() == "COMMIT") {
            pool_->note_commit(m_, marker);
            return outcome::success();
        }
        if (db_.alive()) {  // the server has answered: nothing of it is there
            over_ = false;
            spoilt_ = done ? make_error_code(errc::io) : done.error();
            if (spoilt_ == make_error_code(errc::duplicate))
                spoilt_ = make_error_code(errc::unreachable);  // it was stopped
            return spoilt_;
        }
        asking_for_ = marker;
        pool_->give_back(std::move(m_), false);
    }
    OTA_TRY(const bool committed, pool_->resolve(asking_for_));
    const auto marker = std::exchange(asking_for_, 0);
    if (!committed) return errc::unreachable;
    pool_->note_commit(marker);
    return outcome::success();
}

wire::result<counts> postgres_transaction::count() {
    OTA_TRY(usable());
    OTA_TRY(const auto sums, db_.run("SELECT coalesce(sum(cards), 0)::bigint, coalesce(sum(open_events), 0)::bigint, "
                                     "coalesce(sum(outbox), 0)::bigint, (SELECT count(*) FROM card_due) FROM tally",
                                     {}));
    return counts{sums.integer(0, 0) + tally_.cards, sums.integer(0, 1) + tally_.open_events,
                  sums.integer(0, 2) + tally_.outbox, sums.integer(0, 3)};
}

wire::result<std::int64_t> postgres_transaction::newest_id() {
    OTA_TRY(usable());
    OTA_TRY(const auto highest,
            db_.run("SELECT coalesce(greatest((SELECT max(seq) FROM event), (SELECT max(seq) FROM history), "
                    "(SELECT max(seq) FROM outbox), (SELECT max(packet) FROM submission)), 0)",
                    {}));
    return highest.integer(0, 0);
}

}  // namespace ota::store::postgres
