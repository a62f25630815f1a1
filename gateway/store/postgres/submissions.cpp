#include "gateway/store/postgres/partitions.hpp"
#include "gateway/store/postgres/transaction.hpp"

#include <algorithm>
#include <map>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

/// Every column of a submission, in the order that `submission_in` reads.
#define OTA_SUBMISSION_COLUMNS \
    "s.packet, s.segment, s.attempt, s.card, s.route, s.message_id, s.at, s.receipt, s.receipt_at "

/// How long ago a packet was made that a receipt is for, as a rule: the weeks before are only looked at for what is not
/// found since.
constexpr std::chrono::hours receipt_reach{15 * 24};

// OFFSET 0: each id is looked for by itself, whatever a planner without statistics thinks of a new week.
#define OTA_FIND_MARKED(when)                                                                 \
    "SELECT " OTA_SUBMISSION_COLUMNS                                                          \
    "FROM unnest($1::bytea[]) k, LATERAL (SELECT * FROM submission m WHERE m.message_id = k " \
    "AND m.message_id <> '' AND m.packet " when " $2::bigint OFFSET 0) s"
constexpr const char* find_lately = OTA_FIND_MARKED(">=");
constexpr const char* find_before = OTA_FIND_MARKED("<");

constexpr const char* mark =
    "UPDATE submission s SET receipt = k.receipt, receipt_at = k.at FROM "
    "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) k(packet, segment, attempt, receipt, "
    "at) "
    "WHERE s.packet = k.packet AND s.segment = k.segment AND s.attempt = k.attempt";

constexpr const char* keep_orphan =
    "INSERT INTO orphan_receipt(message_id, route, receipt, at) SELECT * FROM "
    "unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[]) "
    "ON CONFLICT (message_id, route) DO UPDATE SET receipt = excluded.receipt, at = excluded.at";

}  // namespace

submission_row submission_in(const rows& r, std::size_t at) {
    submission_row row;
    row.packet = r.integer(at, 0);
    row.segment = static_cast<std::uint8_t>(r.integer(at, 1));
    row.attempt = static_cast<std::uint8_t>(r.integer(at, 2));
    row.card = r.integer(at, 3);
    row.route = r.text(at, 4);
    row.message_id = r.text(at, 5);
    row.at = time_of(r.integer(at, 6));
    row.receipt = static_cast<std::uint8_t>(r.integer(at, 7));
    if (row.receipt != 0) row.receipt_at = time_of(r.integer(at, 8));
    return row;
}

wire::result<void> postgres_transaction::insert_submissions(std::span<const submission_row> given) {
    return writing([&]() -> wire::result<void> {
        if (given.empty()) return outcome::success();
        std::vector<submission_row> all(given.begin(), given.end());
        OTA_TRY(take_orphans(all));
        copied_rows out(9);
        for (const auto& row : all) {
            out.begin_row();
            out.add(row.packet);
            out.small(row.segment);
            out.small(row.attempt);
            out.add(row.card);
            out.add(stamp(row.at));
            out.small(row.receipt);
            out.add(stamp(row.receipt != 0 ? row.receipt_at : row.at));
            out.add(std::string_view(row.route));
            out.add(std::string_view(row.message_id));
        }
        OTA_TRY(
            copy("COPY submission(packet, segment, attempt, card, at, receipt, receipt_at, route, message_id) "
                 "FROM STDIN (FORMAT binary)",
                 std::move(out)));
        return outcome::success();
    });
}

/// Receipts that came before their submission mark it now, and are used up.
wire::result<void> postgres_transaction::take_orphans(std::vector<submission_row>& all) {
    OTA_TRY(const auto any, db_.run("SELECT 1 FROM orphan_receipt LIMIT 1", {}));
    if (any.size() == 0) return outcome::success();
    std::map<message_key, std::vector<submission_row*>> waiting;
    for (auto& row : all)
        if (!row.message_id.empty()) waiting[{row.message_id, row.route}].push_back(&row);
    auto id = array::of_octets(), route = array::of_octets();
    for (const auto& [key, rows_of_key] : waiting) {
        id.add(std::string_view(key.first));
        route.add(std::string_view(key.second));
    }
    OTA_TRY(const auto r,
            // As card_due (card_changes.cpp): it is empty most of the time.
            db_.run("DELETE FROM orphan_receipt WHERE ctid = ANY(ARRAY(SELECT o.place FROM unnest($1::bytea[], "
                    "$2::bytea[]) k(id, route), "
                    "LATERAL (SELECT ctid AS place FROM orphan_receipt r WHERE r.message_id = k.id AND r.route = "
                    "k.route OFFSET 0) o)) "
                    "RETURNING message_id, route, receipt, at",
                    parameters::of(std::move(id), std::move(route))));
    changes_ += static_cast<std::int64_t>(r.size());
    for (std::size_t row = 0; row < r.size(); ++row) {
        auto& first = *waiting.at({r.text(row, 0), r.text(row, 1)}).front();
        const auto at = time_of(r.integer(row, 3));
        if (at < first.at - orphan_life) continue;
        first.receipt = static_cast<std::uint8_t>(r.integer(row, 2));
        first.receipt_at = at;
    }
    return outcome::success();
}

wire::result<std::vector<submission_row>> postgres_transaction::submissions_of(std::span<const std::int64_t> packets) {
    OTA_TRY(usable());
    OTA_TRY(const auto r,
            db_.run(OTA_SUBMISSIONS "WHERE s.packet = ANY($1::bigint[]) ORDER BY s.packet, s.segment, s.attempt",
                    parameters::of(array::of(packets))));
    std::vector<submission_row> found;
    for (std::size_t row = 0; row < r.size(); ++row) found.push_back(submission_in(r, row));
    return found;
}

/// The newest submission with the id and route of each mark (R21: message ids recycle).
wire::result<void> postgres_transaction::find_marked(std::span<const receipt_mark> marks,
                                                     std::span<std::optional<submission_row>> found) {
    auto first_mark = wall_time::max();
    for (const auto& m : marks) first_mark = std::min(first_mark, m.at);
    const auto since = marks.empty() ? 0 : std::max<std::int64_t>(id_at(first_mark - receipt_reach), 0);
    for (const char* query : {find_lately, find_before}) {
        std::map<std::string_view, std::vector<std::size_t>> asked;
        for (std::size_t i = 0; i < marks.size(); ++i)
            if (!marks[i].message_id.empty() && !found[i]) asked[marks[i].message_id].push_back(i);
        if (asked.empty()) return outcome::success();
        auto ids = array::of_octets();
        for (const auto& [id, places] : asked) ids.add(id);
        OTA_TRY(const auto r, db_.run(query, parameters::of(std::move(ids), since)));
        for (std::size_t row = 0; row < r.size(); ++row)
            for (const auto i : asked.at(r.view(row, 5))) {
                if (r.view(row, 4) != marks[i].route) continue;
                auto one = submission_in(r, row);
                if (!found[i] || one.at >= found[i]->at) found[i] = std::move(one);
            }
    }
    return outcome::success();
}

wire::result<std::vector<std::optional<submission_row>>> postgres_transaction::mark_receipts(
    std::span<const receipt_mark> marks) {
    std::vector<std::optional<submission_row>> found(marks.size());
    OTA_TRY(writing([&]() -> wire::result<void> {
        OTA_TRY(find_marked(marks, found));
        // The last mark of a submission, or of an id without one, counts. Written in the order of the keys: no
        // deadlock.
        std::map<std::array<std::int64_t, 3>, const receipt_mark*> marked;
        std::map<message_key, const receipt_mark*> orphans;
        for (std::size_t i = 0; i < marks.size(); ++i) {
            if (found[i]) {
                marked[{found[i]->packet, found[i]->segment, found[i]->attempt}] = &marks[i];
                found[i]->receipt = marks[i].receipt;
                found[i]->receipt_at = marks[i].at;
            } else if (!marks[i].message_id.empty()) {
                orphans[{marks[i].message_id, marks[i].route}] = &marks[i];
            }
        }
        auto packet = array::of_integers(), segment = array::of_integers(), attempt = array::of_integers(),
             receipt = array::of_integers(), at = array::of_integers();
        for (const auto& [key, with] : marked) {
            packet.add(key[0]);
            segment.add(key[1]);
            attempt.add(key[2]);
            receipt.add(std::int64_t{with->receipt});
            at.add(stamp(with->at));
        }
        if (!marked.empty()) {
            OTA_TRY(change(mark, parameters::of(std::move(packet), std::move(segment), std::move(attempt),
                                                std::move(receipt), std::move(at))));
        }
        auto id = array::of_octets(), route = array::of_octets();
        auto orphan_receipt = array::of_integers(), orphan_at = array::of_integers();
        for (const auto& [key, with] : orphans) {
            id.add(std::string_view(key.first));
            route.add(std::string_view(key.second));
            orphan_receipt.add(std::int64_t{with->receipt});
            orphan_at.add(stamp(with->at));
        }
        if (!orphans.empty()) {
            OTA_TRY(change(keep_orphan, parameters::of(std::move(id), std::move(route), std::move(orphan_receipt),
                                                       std::move(orphan_at))));
        }
        return outcome::success();
    }));
    return found;
}

}  // namespace ota::store::postgres
