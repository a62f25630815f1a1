#include "gateway/store/sqlite/transaction.hpp"

#include <algorithm>

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

/// Every column of a submission, in the order that `submission_in` reads.
#define OTA_SUBMISSION_SELECT \
    "SELECT packet, segment, attempt, card, route, message_id, at, receipt, receipt_at FROM submission "

/// A receipt that waited longer for its submission belongs to an earlier use of a recycled message id.
constexpr std::chrono::hours orphan_life{1};

submission_row submission_in(const run& r) {
    submission_row row;
    row.packet = r.integer(0);
    row.segment = static_cast<std::uint8_t>(r.integer(1));
    row.attempt = static_cast<std::uint8_t>(r.integer(2));
    row.card = r.integer(3);
    row.route = r.text(4);
    row.message_id = r.text(5);
    row.at = time_of(r.integer(6));
    row.receipt = static_cast<std::uint8_t>(r.integer(7));
    if (row.receipt != 0) row.receipt_at = time_of(r.integer(8));
    return row;
}

}  // namespace

wire::result<void> sqlite_transaction::insert_submissions(std::span<const submission_row> rows) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(const auto orphan, db_.number("SELECT n FROM orphan_receipt LIMIT 1"));
        for (const auto& row : rows) {
            OTA_TRY(insert_submission(row, orphan.has_value()));
        }
        return outcome::success();
    });
}

wire::result<void> sqlite_transaction::insert_submission(submission_row row, bool orphans) {
    if (orphans && !row.message_id.empty()) {
        OTA_TRY(const auto early, take_orphan(row));
        if (early && early->at >= row.at - orphan_life) row.receipt = early->receipt, row.receipt_at = early->at;
    }
    OTA_TRY(auto* const statement,
            db_.prepared(
                "INSERT INTO submission(packet, segment, attempt, card, route, message_id, at, receipt, receipt_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    return run(db_, statement, row.packet, std::int64_t{row.segment}, std::int64_t{row.attempt}, row.card, row.route,
               row.message_id, stamp(row.at), std::int64_t{row.receipt},
               stamp(row.receipt != 0 ? row.receipt_at : row.at))
        .all();
}

wire::result<std::optional<receipt_mark>> sqlite_transaction::take_orphan(const submission_row& of) {
    OTA_TRY(auto* const statement,
            db_.prepared("SELECT n, receipt, at FROM orphan_receipt WHERE message_id = ? AND route = ?"));
    std::int64_t n = 0;
    receipt_mark mark;
    {
        run r(db_, statement, of.message_id, of.route);
        OTA_TRY(const bool row, r.next());
        if (!row) return std::optional<receipt_mark>();
        n = r.integer(0);
        mark.receipt = static_cast<std::uint8_t>(r.integer(1));
        mark.at = time_of(r.integer(2));
    }
    OTA_TRY(auto* const remove, db_.prepared("DELETE FROM orphan_receipt WHERE n = ?"));
    OTA_TRY(run(db_, remove, n).all());
    return std::optional(std::move(mark));
}

wire::result<std::vector<submission_row>> sqlite_transaction::submissions_of(std::span<const std::int64_t> packets) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement,
            db_.prepared(OTA_SUBMISSION_SELECT "WHERE packet = ? ORDER BY packet, segment, attempt"));
    std::vector<std::int64_t> sorted(packets.begin(), packets.end());
    std::ranges::sort(sorted);
    sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
    std::vector<submission_row> found;
    for (const auto packet : sorted) {
        run r(db_, statement, packet);
        for (;;) {
            OTA_TRY(const bool row, r.next());
            if (!row) break;
            found.push_back(submission_in(r));
        }
    }
    return found;
}

wire::result<std::vector<std::optional<submission_row>>> sqlite_transaction::mark_receipts(
    std::span<const receipt_mark> marks) {
    std::vector<std::optional<submission_row>> rows(marks.size());
    OTA_TRY(writing([&]() -> wire::result<void> {
        for (std::size_t i = 0; i < marks.size(); ++i) {
            OTA_TRY(rows[i], mark_receipt(marks[i]));
        }
        return outcome::success();
    }));
    return rows;
}

wire::result<std::optional<submission_row>> sqlite_transaction::mark_receipt(const receipt_mark& mark) {
    if (mark.message_id.empty()) return std::optional<submission_row>();
    OTA_TRY(auto* const look, db_.prepared(OTA_SUBMISSION_SELECT "WHERE message_id = ? AND message_id <> ''"));
    std::optional<submission_row> newest;  // R21: message ids recycle
    {
        run r(db_, look, mark.message_id);
        for (;;) {
            OTA_TRY(const bool row, r.next());
            if (!row) break;
            if (r.view(4) != mark.route) continue;
            auto one = submission_in(r);
            if (!newest || one.at >= newest->at) newest = std::move(one);
        }
    }
    if (!newest) {
        OTA_TRY(auto* const keep,
                db_.prepared("INSERT INTO orphan_receipt(route, message_id, receipt, at) VALUES (?, ?, ?, ?) "
                             "ON CONFLICT DO UPDATE SET receipt = excluded.receipt, at = excluded.at"));
        OTA_TRY(run(db_, keep, mark.route, mark.message_id, std::int64_t{mark.receipt}, stamp(mark.at)).all());
        return std::optional<submission_row>();
    }
    OTA_TRY(auto* const statement, db_.prepared("UPDATE submission SET receipt = ?, receipt_at = ? "
                                                "WHERE packet = ? AND segment = ? AND attempt = ?"));
    OTA_TRY(run(db_, statement, std::int64_t{mark.receipt}, stamp(mark.at), newest->packet,
                std::int64_t{newest->segment}, std::int64_t{newest->attempt})
                .all());
    newest->receipt = mark.receipt;
    newest->receipt_at = mark.at;
    return newest;
}

}  // namespace ota::store::sqlite
