#include "gateway/store/digits.hpp"
#include "gateway/store/postgres/partitions.hpp"
#include "gateway/store/postgres/transaction.hpp"

#include <algorithm>

/// Pages of everything, for moving the store.
namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

std::int64_t size_of(std::size_t limit) { return static_cast<std::int64_t>(limit); }

}  // namespace

wire::result<std::vector<number_row>> postgres_transaction::numbers_after(const number_row& last, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(
        const auto r,
        db_.run("SELECT msisdn, since, card FROM number WHERE (msisdn, since, card) > ($1::bigint, $2::bigint, "
                "$3::bigint) ORDER BY msisdn, since, card LIMIT $4::bigint",
                parameters::of(pack_number(last.msisdn).value_or(0), stamp(last.since), last.card, size_of(limit))));
    std::vector<number_row> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back({unpack_number(r.integer(row, 0)), time_of(r.integer(row, 1)), r.integer(row, 2)});
    return found;
}

wire::result<void> postgres_transaction::note_numbers(std::span<const number_row> rows_given) {
    return writing([&]() -> wire::result<void> {
        if (rows_given.empty()) return outcome::success();
        auto number = array::of_integers(), since = array::of_integers(), card = array::of_integers();
        for (const auto& n : rows_given) {
            number.add(pack_number(n.msisdn).value_or(0));
            since.add(stamp(n.since));
            card.add(n.card);
        }
        OTA_TRY(change(
            "INSERT INTO number(msisdn, since, card) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) "
            "ON CONFLICT DO NOTHING",
            parameters::of(std::move(number), std::move(since), std::move(card))));
        return outcome::success();
    });
}

wire::result<void> postgres_transaction::make_room(std::int64_t first, std::int64_t last) {
    return writing([&]() -> wire::result<void> {
        constexpr std::int64_t most_weeks = 260;  // what is older lies in the rest
        const auto last_week = last / ids_per_week;
        OTA_TRY(make_weeks(db_, std::max(first / ids_per_week, last_week - most_weeks), last_week));
        ++changes_;
        return outcome::success();
    });
}

wire::result<std::vector<event_row>> postgres_transaction::events_after(event_seq last, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(const auto r, db_.run("SELECT seq FROM event WHERE seq > $1::bigint ORDER BY seq LIMIT $2::bigint",
                                  parameters::of(last, size_of(limit))));
    std::vector<event_seq> seqs;
    for (std::size_t row = 0; row < r.size(); ++row) seqs.push_back(r.integer(row, 0));
    OTA_TRY(auto found, events_by_seq(seqs));
    std::vector<event_row> all;
    for (auto& e : found)
        if (e) all.push_back(std::move(*e));
    return all;
}

wire::result<std::vector<submission_row>> postgres_transaction::submissions_after(const submission_row& last,
                                                                                  std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(
        const auto r,
        db_.run(OTA_SUBMISSIONS "WHERE (s.packet, s.segment, s.attempt) > ($1::bigint, $2::bigint, $3::bigint) "
                                "ORDER BY s.packet, s.segment, s.attempt LIMIT $4::bigint",
                parameters::of(last.packet, std::int64_t{last.segment}, std::int64_t{last.attempt}, size_of(limit))));
    std::vector<submission_row> found;
    for (std::size_t row = 0; row < r.size(); ++row) found.push_back(submission_in(r, row));
    return found;
}

wire::result<std::vector<history_row>> postgres_transaction::history_after(std::int64_t last, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(const auto r,
            db_.run("SELECT seq, card, previous, at, what FROM history WHERE seq > $1::bigint ORDER BY seq "
                    "LIMIT $2::bigint",
                    parameters::of(last, size_of(limit))));
    std::vector<history_row> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back(
            {r.integer(row, 0), r.integer(row, 1), r.integer(row, 2), time_of(r.integer(row, 3)), r.text(row, 4)});
    return found;
}

wire::result<std::vector<device_account>> postgres_transaction::accounts_after(const device_account& last,
                                                                               std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(const auto r,
            db_.run("SELECT card, object, client_name, device, client_nonce, server_nonce FROM device_account "
                    "WHERE (card, object) > ($1::bigint, $2::bytea) ORDER BY card, object LIMIT $3::bigint",
                    parameters::of(last.card, std::string_view(last.object), size_of(limit))));
    std::vector<device_account> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back(
            {r.integer(row, 0), r.text(row, 1), r.text(row, 2), r.text(row, 3), r.text(row, 4), r.text(row, 5)});
    return found;
}

wire::result<std::vector<later_state>> postgres_transaction::later_states_after(event_seq last, std::size_t limit) {
    OTA_TRY(usable());
    OTA_TRY(const auto r,
            db_.run("SELECT seq, state, sequence, at FROM later_state WHERE seq > $1::bigint ORDER BY seq "
                    "LIMIT $2::bigint",
                    parameters::of(last, size_of(limit))));
    std::vector<later_state> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back({r.integer(row, 0), static_cast<std::uint8_t>(r.integer(row, 1)),
                         static_cast<std::uint32_t>(r.integer(row, 2)), time_of(r.integer(row, 3))});
    return found;
}

wire::result<std::vector<offset_row>> postgres_transaction::offsets() {
    OTA_TRY(usable());
    OTA_TRY(const auto r,
            db_.run("SELECT source, part, next_offset, mark FROM source_offset ORDER BY source, part", {}));
    std::vector<offset_row> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back({r.text(row, 0),
                         static_cast<std::int32_t>(r.integer(row, 1)),
                         {r.integer(row, 2), static_cast<std::uint64_t>(r.integer(row, 3))}});
    return found;
}

wire::result<std::vector<receipt_mark>> postgres_transaction::waiting_receipts() {
    OTA_TRY(usable());
    OTA_TRY(const auto r, db_.run("SELECT o.route, o.message_id, o.receipt, o.at FROM orphan_receipt o WHERE NOT "
                                  "EXISTS (SELECT 1 FROM submission s "
                                  "WHERE s.message_id = o.message_id AND s.message_id <> '' AND s.route = o.route) "
                                  "ORDER BY o.message_id, o.route",
                                  {}));
    std::vector<receipt_mark> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back(
            {r.text(row, 0), r.text(row, 1), static_cast<std::uint8_t>(r.integer(row, 2)), time_of(r.integer(row, 3))});
    return found;
}

}  // namespace ota::store::postgres
