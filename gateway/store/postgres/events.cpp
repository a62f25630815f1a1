#include "gateway/store/postgres/transaction.hpp"

#include <cstring>
#include <unordered_map>
#include <unordered_set>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

constexpr std::uint8_t open_state = 0;

/// Every column of an event, in the order that `event_in` reads.
#define OTA_EVENT_COLUMNS                                                                                             \
    "e.seq, e.card, e.previous, e.op, e.accepted_at, e.revision, e.content_hash, e.source, e.id, e.node, e.subject, " \
    "e.traceparent, x.state, x.closed_at, x.reason, x.detail "

event_row event_in(const rows& r, std::size_t row) {
    event_row e;
    e.seq = r.integer(row, 0);
    e.card = r.integer(row, 1);
    e.previous = r.integer(row, 2);
    e.op = static_cast<std::uint8_t>(r.integer(row, 3));
    e.accepted_at = time_of(r.integer(row, 4));
    if (!r.null(row, 5)) e.revision = r.integer(row, 5);
    e.content_hash = static_cast<std::uint64_t>(r.integer(row, 6));
    e.source = r.text(row, 7);
    e.id = r.text(row, 8);
    e.node = r.text(row, 9);
    e.subject = r.text(row, 10);
    e.traceparent = r.text(row, 11);
    if (r.null(row, 12)) return e;
    e.state = static_cast<std::uint8_t>(r.integer(row, 12));
    e.closed_at = time_of(r.integer(row, 13));
    e.reason = r.text(row, 14);
    e.detail = r.text(row, 15);
    return e;
}

/// 16 octets that stand for source and id; the row decides in the end.
std::string digest_of(const pool& p, std::string_view source, std::string_view id) {
    const std::uint64_t halves[] = {hash_of(p.first_key(), source, id), hash_of(p.second_key(), source, id)};
    std::string digest(sizeof halves, '\0');
    std::memcpy(digest.data(), halves, sizeof halves);
    return digest;
}

constexpr const char* read_by_seq = "SELECT " OTA_EVENT_COLUMNS
                                    "FROM unnest($1::bigint[]) k JOIN event e ON e.seq = k "
                                    "LEFT JOIN event_end x ON x.seq = e.seq";

constexpr const char* read_without_end =
    "SELECT e.seq, e.card, e.previous, e.op, e.accepted_at, e.revision, e.content_hash, e.source, e.id, e.node, "
    "e.subject, "
    "e.traceparent, NULL, NULL, NULL, NULL FROM unnest($1::bigint[]) k JOIN event e ON e.seq = k";

constexpr const char* write_ends =
    "INSERT INTO event_end(seq, state, closed_at, reason, detail) SELECT k.* FROM "
    "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[]) k(seq, state, at, reason, detail) "
    "WHERE EXISTS (SELECT 1 FROM event e WHERE e.seq = k.seq) ON CONFLICT DO NOTHING RETURNING seq";

std::vector<std::optional<event_row>> in_the_order_of(std::span<const event_seq> seqs, const rows& r) {
    std::unordered_map<event_seq, std::size_t> at;
    for (std::size_t row = 0; row < r.size(); ++row) at[r.integer(row, 0)] = row;
    std::vector<std::optional<event_row>> found(seqs.size());
    for (std::size_t i = 0; i < seqs.size(); ++i)
        if (const auto one = at.find(seqs[i]); one != at.end()) found[i] = event_in(r, one->second);
    return found;
}

}  // namespace

wire::result<std::vector<std::optional<event_row>>> postgres_transaction::find_events(std::span<const event_key> keys) {
    OTA_TRY(usable());
    std::vector<std::optional<event_row>> found(keys.size());
    if (keys.empty()) return found;
    auto digests = array::of_digests();
    for (const auto& k : keys) digests.add(std::string_view(digest_of(*pool_, k.source, k.id)));
    OTA_TRY(const auto r, db_.run("SELECT " OTA_EVENT_COLUMNS ", k.n FROM unnest($1::uuid[]) WITH ORDINALITY k(key, n) "
                                  "JOIN event e ON e.key = k.key LEFT JOIN event_end x ON x.seq = e.seq",
                                  parameters::of(std::move(digests))));
    for (std::size_t row = 0; row < r.size(); ++row) {
        const auto i = static_cast<std::size_t>(r.integer(row, 16) - 1);
        auto event = event_in(r, row);
        if (event.source == keys[i].source && event.id == keys[i].id) found[i] = std::move(event);
    }
    return found;
}

wire::result<void> postgres_transaction::insert_events(std::span<const event_row> events) {
    return writing([&]() -> wire::result<void> {
        // R22: the unique index decides, also against a transaction beside this one: it is waited for.
        copied_rows taken(13), ended(5);
        std::int64_t open = 0;
        for (const auto& e : events) {
            taken.begin_row();
            taken.add(e.seq);
            taken.add(std::string_view(digest_of(*pool_, e.source, e.id)));
            taken.add(e.card);
            taken.add(e.previous);
            taken.small(e.op);
            taken.add(stamp(e.accepted_at));
            taken.add(e.revision);
            taken.add(static_cast<std::int64_t>(e.content_hash));
            for (const auto* text : {&e.source, &e.id, &e.node, &e.subject, &e.traceparent})
                taken.add(std::string_view(*text));
            if (e.state == open_state && ++open) continue;
            ended.begin_row();
            ended.add(e.seq);
            ended.small(e.state);
            ended.add(stamp(e.closed_at));
            ended.add(std::string_view(e.reason));
            ended.add(std::string_view(e.detail));
        }
        OTA_TRY(copy(
            "COPY event(seq, key, card, previous, op, accepted_at, revision, content_hash, source, id, node, subject, "
            "traceparent) FROM STDIN (FORMAT binary)",
            std::move(taken)));
        OTA_TRY(
            copy("COPY event_end(seq, state, closed_at, reason, detail) FROM STDIN (FORMAT binary)", std::move(ended)));
        tally_.open_events += open;
        return outcome::success();
    });
}

wire::result<std::vector<std::optional<event_row>>> postgres_transaction::events_by_seq(
    std::span<const event_seq> seqs) {
    OTA_TRY(usable());
    if (seqs.empty()) return std::vector<std::optional<event_row>>();
    OTA_TRY(const auto r, db_.run(read_by_seq, parameters::of(array::of(seqs))));
    return in_the_order_of(seqs, r);
}

/// The inner question cannot become a join: the server stops at the first event without an end.
wire::result<open_search> postgres_transaction::first_open(event_seq from, std::size_t most) {
    OTA_TRY(usable());
    const auto limit = static_cast<std::int64_t>(most);
    OTA_TRY(
        const auto open,
        db_.run(
            "SELECT seq, accepted_at FROM (SELECT seq, accepted_at FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2) e "
            "WHERE (SELECT x.state FROM event_end x WHERE x.seq = e.seq) IS NULL ORDER BY seq LIMIT 1",
            parameters::of(from, limit)));
    using verdict = open_search::verdict;
    if (open.size() == 1) return open_search{verdict::open, open.integer(0, 0), time_of(open.integer(0, 1))};
    OTA_TRY(const auto page, db_.run("SELECT count(*), coalesce(max(seq), 0), coalesce(max(accepted_at), 0) FROM "
                                     "(SELECT seq, accepted_at FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2) e",
                                     parameters::of(from, limit)));
    return open_search{page.integer(0, 0) == limit ? verdict::unfinished : verdict::none, page.integer(0, 1),
                       time_of(page.integer(0, 2))};
}

/// Final once, final for ever: the events that `ended` names have our end; of the others the end that was there is
/// read.
wire::result<void> postgres_transaction::take_ends(std::span<const event_close> closes, const rows& ended,
                                                   std::span<std::optional<event_row>> found) {
    std::unordered_set<event_seq> ours;
    for (std::size_t row = 0; row < ended.size(); ++row) ours.insert(ended.integer(row, 0));
    std::vector<event_seq> others;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < closes.size(); ++i) {
        if (!found[i]) continue;
        if (ours.erase(closes[i].seq) == 0) {
            others.push_back(closes[i].seq);
            places.push_back(i);
            continue;
        }
        found[i]->state = closes[i].state;
        found[i]->closed_at = closes[i].at;
        found[i]->reason = closes[i].reason;
        found[i]->detail = closes[i].detail;
    }
    OTA_TRY(auto before, events_by_seq(others));
    for (std::size_t i = 0; i < others.size(); ++i) found[places[i]] = std::move(before[i]);
    return outcome::success();
}

wire::result<std::vector<std::optional<event_row>>> postgres_transaction::close_events(
    std::span<const event_close> closes) {
    std::vector<std::optional<event_row>> found;
    OTA_TRY(writing([&]() -> wire::result<void> {
        if (closes.empty()) return outcome::success();
        std::vector<event_seq> seqs;
        auto state = array::of_integers(), at = array::of_integers();
        auto reason = array::of_octets(), detail = array::of_octets();
        for (const auto& c : closes) {
            if (c.state == open_state) return errc::misuse;
            seqs.push_back(c.seq);
            state.add(std::int64_t{c.state});
            at.add(stamp(c.at));
            reason.add(std::string_view(c.reason));
            detail.add(std::string_view(c.detail));
        }
        const auto ends =
            parameters::of(array::of(seqs), std::move(state), std::move(at), std::move(reason), std::move(detail));
        const auto asked = parameters::of(array::of(seqs));
        OTA_TRY(const auto done, db_.run({{write_ends, &ends}, {read_without_end, &asked}}));
        changes_ += done[0].affected();
        tally_.open_events -= done[0].affected();
        found = in_the_order_of(seqs, done[1]);
        return take_ends(closes, done[0], found);
    }));
    return found;
}

}  // namespace ota::store::postgres
