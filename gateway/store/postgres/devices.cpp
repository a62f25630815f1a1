#include "gateway/store/postgres/transaction.hpp"

#include <map>
#include <unordered_map>

/// Accounts that devices call with, and what became of events at the devices.
namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

#define OTA_ACCOUNT_SELECT \
    "SELECT card, object, client_name, device, client_nonce, server_nonce FROM device_account WHERE "

wire::result<std::vector<device_account>> select(connection& db, const char* sql, const parameters& with) {
    OTA_TRY(const auto r, db.run(sql, with));
    std::vector<device_account> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        found.push_back(
            {r.integer(row, 0), r.text(row, 1), r.text(row, 2), r.text(row, 3), r.text(row, 4), r.text(row, 5)});
    return found;
}

}  // namespace

wire::result<std::vector<device_account>> postgres_transaction::accounts_named(std::string_view client_name) {
    OTA_TRY(usable());
    return select(db_, OTA_ACCOUNT_SELECT "client_name = $1 ORDER BY card, object LIMIT 8",
                  parameters::of(client_name));
}

wire::result<std::vector<device_account>> postgres_transaction::accounts_of_device(std::string_view device) {
    OTA_TRY(usable());
    return select(db_, OTA_ACCOUNT_SELECT "device = $1 AND device <> '' ORDER BY card, object LIMIT 8",
                  parameters::of(device));
}

wire::result<std::vector<device_account>> postgres_transaction::accounts_of(card_id card) {
    OTA_TRY(usable());
    return select(db_, OTA_ACCOUNT_SELECT "card = $1::bigint ORDER BY object", parameters::of(card));
}

wire::result<void> postgres_transaction::save_account(const device_account& a) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(change(
            "INSERT INTO device_account(card, object, client_name, device, client_nonce, server_nonce) "
            "VALUES ($1::bigint, $2, $3, $4, $5, $6) ON CONFLICT (card, object) DO UPDATE SET "
            "client_name = excluded.client_name, device = excluded.device, client_nonce = excluded.client_nonce, "
            "server_nonce = excluded.server_nonce",
            parameters::of(a.card, std::string_view(a.object), std::string_view(a.client_name),
                           std::string_view(a.device), std::string_view(a.client_nonce),
                           std::string_view(a.server_nonce))));
        return outcome::success();
    });
}

wire::result<void> postgres_transaction::drop_account(card_id card, std::string_view object) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(
            change("DELETE FROM device_account WHERE card = $1::bigint AND object = $2", parameters::of(card, object)));
        return outcome::success();
    });
}

wire::result<std::vector<std::optional<later_state>>> postgres_transaction::later_states(
    std::span<const event_seq> seqs) {
    OTA_TRY(usable());
    std::vector<std::optional<later_state>> found(seqs.size());
    if (seqs.empty()) return found;
    OTA_TRY(const auto r,
            db_.run("SELECT k.n, l.state, l.sequence, l.at FROM unnest($1::bigint[]) WITH ORDINALITY k(seq, n) "
                    "JOIN later_state l ON l.seq = k.seq",
                    parameters::of(array::of(seqs))));
    for (std::size_t row = 0; row < r.size(); ++row) {
        const auto i = static_cast<std::size_t>(r.integer(row, 0) - 1);
        found[i] = later_state{seqs[i], static_cast<std::uint8_t>(r.integer(row, 1)),
                               static_cast<std::uint32_t>(r.integer(row, 2)), time_of(r.integer(row, 3))};
    }
    return found;
}

wire::result<void> postgres_transaction::save_later_states(std::span<const later_state> states) {
    return writing([&]() -> wire::result<void> {
        if (states.empty()) return outcome::success();
        std::map<event_seq, const later_state*> last;
        for (const auto& s : states) last[s.seq] = &s;
        auto seq = array::of_integers(), state = array::of_integers(), sequence = array::of_integers(),
             at = array::of_integers();
        for (const auto& [key, s] : last) {
            seq.add(key);
            state.add(std::int64_t{s->state});
            sequence.add(std::int64_t{s->sequence});
            at.add(stamp(s->at));
        }
        OTA_TRY(
            change("INSERT INTO later_state(seq, state, sequence, at) SELECT * FROM unnest($1::bigint[], $2::bigint[], "
                   "$3::bigint[], $4::bigint[]) ON CONFLICT (seq) DO UPDATE SET state = excluded.state, "
                   "sequence = excluded.sequence, at = excluded.at",
                   parameters::of(std::move(seq), std::move(state), std::move(sequence), std::move(at))));
        return outcome::success();
    });
}

}  // namespace ota::store::postgres
