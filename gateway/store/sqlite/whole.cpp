#include "gateway/store/digits.hpp"
#include "gateway/store/sqlite/transaction.hpp"

/// Pages of everything, for moving the store.
namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

std::int64_t size_of(std::size_t limit) { return static_cast<std::int64_t>(limit); }

/// The rows of a statement, one after the other.
template <class Row, class... Parameters>
wire::result<std::vector<Row>> all_of(database& db, const char* sql, Row (*make)(const run&),
                                      const Parameters&... parameters) {
    OTA_TRY(auto* const statement, db.prepared(sql));
    std::vector<Row> found;
    run r(db, statement, parameters...);
    for (;;) {
        OTA_TRY(const bool row, r.next());
        if (!row) return found;
        found.push_back(make(r));
    }
}

std::uint8_t octet(const run& r, int column) { return static_cast<std::uint8_t>(r.integer(column)); }

}  // namespace

wire::result<std::vector<number_row>> sqlite_transaction::numbers_after(const number_row& last, std::size_t limit) {
    OTA_TRY(usable());
    return all_of<number_row>(
        db_,
        "SELECT msisdn, since, card FROM number WHERE (msisdn, since, card) > (?, ?, ?) ORDER BY msisdn, since, card "
        "LIMIT ?",
        [](const run& r) {
            return number_row{unpack_number(r.integer(0)), time_of(r.integer(1)), r.integer(2)};
        },
        pack_number(last.msisdn).value_or(0), stamp(last.since), last.card, size_of(limit));
}

wire::result<void> sqlite_transaction::note_numbers(std::span<const number_row> rows) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(auto* const note, db_.prepared("INSERT OR IGNORE INTO number(msisdn, since, card) VALUES (?, ?, ?)"));
        for (const auto& n : rows) {
            OTA_TRY(run(db_, note, pack_number(n.msisdn).value_or(0), stamp(n.since), n.card).all());
        }
        return outcome::success();
    });
}

wire::result<std::vector<event_row>> sqlite_transaction::events_after(event_seq last, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(const auto seqs, all_of<event_seq>(
                                 db_, "SELECT seq FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
                                 [](const run& r) { return event_seq{r.integer(0)}; }, last, size_of(limit)));
    OTA_TRY(auto found, events_by_seq(seqs));
    std::vector<event_row> all;
    for (auto& e : found)
        if (e) all.push_back(std::move(*e));
    return all;
}

wire::result<std::vector<submission_row>> sqlite_transaction::submissions_after(const submission_row& last,
                                                                                std::size_t limit) {
    OTA_TRY(usable());
    return all_of<submission_row>(
        db_,
        "SELECT packet, segment, attempt, card, route, message_id, at, receipt, receipt_at FROM submission "
        "WHERE (packet, segment, attempt) > (?, ?, ?) ORDER BY packet, segment, attempt LIMIT ?",
        [](const run& r) {
            submission_row s{r.integer(0), octet(r, 1), octet(r, 2),           r.integer(3),
                             r.text(4),    r.text(5),   time_of(r.integer(6)), octet(r, 7)};
            if (s.receipt != 0) s.receipt_at = time_of(r.integer(8));
            return s;
        },
        last.packet, std::int64_t{last.segment}, std::int64_t{last.attempt}, size_of(limit));
}

wire::result<std::vector<history_row>> sqlite_transaction::history_after(std::int64_t last, std::size_t limit) {
    OTA_TRY(usable());
    return all_of<history_row>(
        db_, "SELECT seq, card, previous, at, what FROM history WHERE seq > ? ORDER BY seq LIMIT ?",
        [](const run& r) {
            return history_row{r.integer(0), r.integer(1), r.integer(2), time_of(r.integer(3)), r.text(4)};
        },
        last, size_of(limit));
}

wire::result<std::vector<device_account>> sqlite_transaction::accounts_after(const device_account& last,
                                                                             std::size_t limit) {
    OTA_TRY(usable());
    return all_of<device_account>(
        db_,
        "SELECT card, object, client_name, device, client_nonce, server_nonce FROM device_account "
        "WHERE (card, object) > (?, ?) ORDER BY card, object LIMIT ?",
        [](const run& r) {
            return device_account{r.integer(0), r.text(1), r.text(2), r.text(3), r.text(4), r.text(5)};
        },
        last.card, last.object, size_of(limit));
}

wire::result<std::vector<later_state>> sqlite_transaction::later_states_after(event_seq last, std::size_t limit) {
    OTA_TRY(usable());
    return all_of<later_state>(
        db_, "SELECT seq, state, sequence, at FROM later_state WHERE seq > ? ORDER BY seq LIMIT ?",
        [](const run& r) {
            return later_state{r.integer(0), octet(r, 1), static_cast<std::uint32_t>(r.integer(2)),
                               time_of(r.integer(3))};
        },
        last, size_of(limit));
}

wire::result<std::vector<offset_row>> sqlite_transaction::offsets() {
    OTA_TRY(usable());
    return all_of<offset_row>(db_, "SELECT source, part, next_offset, mark FROM source_offset ORDER BY source, part",
                              [](const run& r) {
                                  return offset_row{r.text(0),
                                                    static_cast<std::int32_t>(r.integer(1)),
                                                    {r.integer(2), static_cast<std::uint64_t>(r.integer(3))}};
                              });
}

wire::result<std::vector<receipt_mark>> sqlite_transaction::waiting_receipts() {
    OTA_TRY(usable());
    return all_of<receipt_mark>(
        db_, "SELECT route, message_id, receipt, at FROM orphan_receipt ORDER BY message_id, route", [](const run& r) {
            return receipt_mark{r.text(0), r.text(1), octet(r, 2), time_of(r.integer(3))};
        });
}

}  // namespace ota::store::sqlite
