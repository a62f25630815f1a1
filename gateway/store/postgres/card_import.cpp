#include "gateway/store/digits.hpp"
#include "gateway/store/postgres/transaction.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

std::optional<std::int64_t> number_of(const card_row& card) {
    const auto packed = pack_number(card.msisdn);
    return packed && *packed != 0 ? packed : std::nullopt;
}

template <class Cards>
bool well_formed(const Cards& cards) {
    return std::all_of(cards.begin(), cards.end(),
                       [](const auto& c) { return pack_iccid(c.iccid) && pack_number(c.msisdn); });
}

}  // namespace

wire::result<void> postgres_transaction::give_ids(std::span<card_row> cards) {
    card_id chosen = 0;
    std::int64_t wanted = 0;
    for (const auto& c : cards) chosen = std::max(chosen, c.id), wanted += c.id == 0 ? 1 : 0;
    if (chosen > 0) {
        OTA_TRY(db_.run("SELECT setval('card_id_seq', $1::bigint) FROM card_id_seq WHERE last_value < $1",
                        parameters::of(chosen)));
    }
    if (wanted == 0) return outcome::success();
    OTA_TRY(const auto ids,
            db_.run("SELECT nextval('card_id_seq') FROM generate_series(1, $1::bigint)", parameters::of(wanted)));
    std::size_t next = 0;
    for (auto& c : cards)
        if (c.id == 0) c.id = ids.integer(next++, 0);
    return outcome::success();
}

/// R21: at most one card has a number, the one that got it last. The others lose it; or the new one does, when another
/// one got it later. Who had it when stays known.
wire::result<void> postgres_transaction::take_numbers(std::span<card_row* const> cards) {
    std::vector<card_row*> asking;
    for (auto* c : cards)
        if (number_of(*c)) asking.push_back(c);
    if (asking.empty()) return outcome::success();
    auto in_order = asking;
    std::sort(in_order.begin(), in_order.end(),
              [](const auto* a, const auto* b) { return number_of(*a) < number_of(*b); });
    auto number = array::of_integers(), since = array::of_integers(), card = array::of_integers(),
         wanted = array::of_integers();
    for (const auto* c : in_order) {
        number.add(number_of(*c));
        since.add(stamp(c->msisdn_since));
        card.add(c->id);
        wanted.add(number_of(*c));
    }
    OTA_TRY(
        change("INSERT INTO number(msisdn, since, card) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) "
               "ON CONFLICT DO NOTHING",
               parameters::of(std::move(number), std::move(since), std::move(card))));
    OTA_TRY(const auto r, db_.run("SELECT c.id, c.msisdn, c.msisdn_since FROM unnest($1::bigint[]) k JOIN card c "
                                  "ON c.msisdn = k ORDER BY c.id FOR NO KEY UPDATE OF c",
                                  parameters::of(std::move(wanted))));
    struct holder {
        card_id id;
        wall_time since;
        card_row* here;  ///< one of `cards`; none: it is in the table only
    };
    std::unordered_map<std::int64_t, holder> holders;
    for (std::size_t row = 0; row < r.size(); ++row)
        holders[r.integer(row, 1)] = {r.integer(row, 0), time_of(r.integer(row, 2)), nullptr};
    std::vector<card_id> losers;
    for (auto* c : asking) {
        const auto [at, fresh] = holders.try_emplace(*number_of(*c), holder{c->id, c->msisdn_since, c});
        if (fresh || at->second.id == c->id) continue;
        if (at->second.since > c->msisdn_since) {
            c->msisdn.clear();
            continue;
        }
        if (auto* other = at->second.here) {
            other->msisdn.clear();
            ++other->version;
        } else {
            losers.push_back(at->second.id);
        }
        at->second = {c->id, c->msisdn_since, c};
    }
    if (losers.empty()) return outcome::success();
    std::sort(losers.begin(), losers.end());
    for (const auto id : losers) known_.erase(id);
    OTA_TRY(
        change("UPDATE card c SET msisdn = NULL, version = c.version + 1 FROM unnest($1::bigint[]) k WHERE c.id = k",
               parameters::of(array::of(losers))));
    return outcome::success();
}

wire::result<void> postgres_transaction::insert_cards(std::span<card_row> cards) {
    return writing([&]() -> wire::result<void> {
        if (!well_formed(cards)) return errc::misuse;
        if (cards.empty()) return outcome::success();
        OTA_TRY(give_ids(cards));
        std::vector<card_row*> all;
        for (auto& c : cards) c.version = 1, all.push_back(&c);
        OTA_TRY(take_numbers(all));
        due_changes due;
        copied_rows out(11);
        for (const auto& c : cards) {
            out.begin_row();
            out.add(c.id);
            out.add(static_cast<std::int64_t>(c.version));
            out.small(static_cast<std::uint8_t>(c.is));
            out.add(stamp(c.due));
            out.add(number_of(c));
            out.add(stamp(c.msisdn_since));
            out.add(std::string_view(*pack_iccid(c.iccid)));
            out.add(std::string_view(c.profile));
            out.add(std::string_view(c.labels));
            out.add(wire::octet_view(c.sealed_keys));
            out.add(wire::octet_view(c.twin));
            due.note(c.id, std::nullopt, stamp(c.due));
        }
        OTA_TRY(const auto n,
                copy("COPY card(id, version, standing, due, msisdn, msisdn_since, iccid, profile, labels, "
                     "sealed_keys, twin) FROM STDIN (FORMAT binary)",
                     std::move(out)));
        tally_.cards += n;
        return write_due(std::move(due));
    });
}

/// Numbers that change hands among these cards: who has one that another card of the call is to have, or is to have
/// another one, lets go first; then each takes what it is to have. Who keeps its number comes first, so that of two
/// with the same date the one that changes gets it.
wire::result<void> postgres_transaction::renumber(std::span<const std::optional<card_row>> former,
                                                  std::span<card_row> fresh) {
    std::vector<card_row*> asking, changing;
    std::vector<card_id> letting_go;
    std::unordered_set<std::string_view> wanted;
    const auto changes = [&](std::size_t i) {
        return former[i]->msisdn != fresh[i].msisdn || former[i]->msisdn_since != fresh[i].msisdn_since;
    };
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        if (!changes(i)) continue;
        changing.push_back(&fresh[i]);
        wanted.insert(fresh[i].msisdn);
        if (!former[i]->msisdn.empty()) letting_go.push_back(fresh[i].id);
    }
    if (changing.empty()) return outcome::success();
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        if (changes(i) || fresh[i].msisdn.empty() || !wanted.contains(fresh[i].msisdn)) continue;
        asking.push_back(&fresh[i]);
        letting_go.push_back(fresh[i].id);
    }
    std::sort(letting_go.begin(), letting_go.end());
    if (!letting_go.empty()) {
        OTA_TRY(change("UPDATE card c SET msisdn = NULL FROM unnest($1::bigint[]) k WHERE c.id = k",
                       parameters::of(array::of(letting_go))));
    }
    asking.insert(asking.end(), changing.begin(), changing.end());
    return take_numbers(asking);
}

wire::result<void> postgres_transaction::update_cards(std::span<const card_row> cards) {
    return writing([&]() -> wire::result<void> {
        if (!well_formed(cards)) return errc::misuse;
        if (cards.empty()) return outcome::success();
        std::vector<card_id> ids;
        for (const auto& c : cards) ids.push_back(c.id);
        OTA_TRY(const auto former, cards_by_id(ids));
        for (std::size_t i = 0; i < cards.size(); ++i)
            if (!former[i] || former[i]->version != cards[i].version)
                return spoilt_ = make_error_code(errc::conflict);  // R5
        std::vector<card_row> fresh(cards.begin(), cards.end());
        OTA_TRY(renumber(former, fresh));
        due_changes due;
        for (std::size_t i = 0; i < fresh.size(); ++i) {
            const auto& c = fresh[i];
            auto number = array::of_integers(), next_due = array::of_integers();
            number.add(number_of(c));
            next_due.add(stamp(c.due));
            OTA_TRY(const auto n,
                    change("UPDATE card SET version = version + 1, standing = $3::bigint, due = ($4::bigint[])[1], "
                           "msisdn = ($5::bigint[])[1], "
                           "msisdn_since = $6::bigint, iccid = $7::bytea, profile = $8::bytea, labels = $9::bytea, "
                           "sealed_keys = $10::bytea, "
                           "twin = $11::bytea WHERE id = $1::bigint AND version = $2::bigint",
                           parameters::of(c.id, static_cast<std::int64_t>(cards[i].version),
                                          static_cast<std::int64_t>(c.is), std::move(next_due), std::move(number),
                                          stamp(c.msisdn_since), std::string_view(*pack_iccid(c.iccid)),
                                          std::string_view(c.profile), std::string_view(c.labels),
                                          wire::octet_view(c.sealed_keys), wire::octet_view(c.twin))));
            if (n != 1) return errc::conflict;  // it is named twice
            due.note(c.id, stamp(former[i]->due), stamp(c.due));
            known_[c.id] = {cards[i].version + 1, stamp(c.due)};
        }
        return write_due(std::move(due));
    });
}

}  // namespace ota::store::postgres
