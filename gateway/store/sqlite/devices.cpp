#include "gateway/store/sqlite/transaction.hpp"

/// Accounts that devices call with, and what became of events at the devices.
namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

wire::octet_view octets_of(const std::string& text) { return wire::as_octets(text); }

template <class Key>
wire::result<std::vector<device_account>> select(database& db, const char* sql, const Key& key) {
    OTA_TRY(auto* const statement, db.prepared(sql));
    std::vector<device_account> found;
    run r(db, statement, key);
    for (;;) {
        OTA_TRY(const bool row, r.next());
        if (!row) return found;
        found.push_back({r.integer(0), r.text(1), r.text(2), r.text(3), r.text(4), r.text(5)});
    }
}

}  // namespace

wire::result<std::vector<device_account>> sqlite_transaction::accounts_named(std::string_view client_name) {
    OTA_TRY(usable());
    return select(db_,
                  "SELECT card, object, client_name, device, client_nonce, server_nonce FROM device_account "
                  "WHERE client_name = ? ORDER BY card, object LIMIT 8",
                  client_name);
}

wire::result<std::vector<device_account>> sqlite_transaction::accounts_of_device(std::string_view device) {
    OTA_TRY(usable());
    return select(db_,
                  "SELECT card, object, client_name, device, client_nonce, server_nonce FROM device_account "
                  "WHERE device = ? AND device <> '' ORDER BY card, object LIMIT 8",
                  device);
}

wire::result<std::vector<device_account>> sqlite_transaction::accounts_of(card_id card) {
    OTA_TRY(usable());
    return select(db_,
                  "SELECT card, object, client_name, device, client_nonce, server_nonce FROM device_account "
                  "WHERE card = ? ORDER BY object",
                  card);
}

wire::result<void> sqlite_transaction::save_account(const device_account& a) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(
            auto* const put,
            db_.prepared("INSERT INTO device_account(card, object, client_name, device, client_nonce, server_nonce) "
                         "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET client_name = excluded.client_name, "
                         "device = excluded.device, client_nonce = excluded.client_nonce, "
                         "server_nonce = excluded.server_nonce"));
        return run(db_, put, a.card, a.object, a.client_name, a.device, octets_of(a.client_nonce),
                   octets_of(a.server_nonce))
            .all();
    });
}

wire::result<void> sqlite_transaction::drop_account(card_id card, std::string_view object) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(auto* const remove, db_.prepared("DELETE FROM device_account WHERE card = ? AND object = ?"));
        return run(db_, remove, card, object).all();
    });
}

wire::result<std::vector<std::optional<later_state>>> sqlite_transaction::later_states(
    std::span<const event_seq> seqs) {
    OTA_TRY(usable());
    OTA_TRY(auto* const statement, db_.prepared("SELECT state, sequence, at FROM later_state WHERE seq = ?"));
    std::vector<std::optional<later_state>> found(seqs.size());
    for (std::size_t i = 0; i < seqs.size(); ++i) {
        run r(db_, statement, seqs[i]);
        OTA_TRY(const bool row, r.next());
        if (row)
            found[i] = later_state{seqs[i], static_cast<std::uint8_t>(r.integer(0)),
                                   static_cast<std::uint32_t>(r.integer(1)), time_of(r.integer(2))};
    }
    return found;
}

wire::result<void> sqlite_transaction::save_later_states(std::span<const later_state> states) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(auto* const put, db_.prepared("INSERT INTO later_state(seq, state, sequence, at) VALUES (?, ?, ?, ?) "
                                              "ON CONFLICT DO UPDATE SET state = excluded.state, "
                                              "sequence = excluded.sequence, at = excluded.at"));
        for (const auto& s : states) {
            OTA_TRY(run(db_, put, s.seq, std::int64_t{s.state}, std::int64_t{s.sequence}, stamp(s.at)).all());
        }
        return outcome::success();
    });
}

}  // namespace ota::store::sqlite
