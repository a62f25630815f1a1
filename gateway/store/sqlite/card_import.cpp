#include "gateway/store/digits.hpp"
#include "gateway/store/sqlite/transaction.hpp"

#include <unordered_set>

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

wire::result<void> sqlite_transaction::insert_cards(std::span<card_row> cards) {
    return writing([&]() -> wire::result<void> {
        for (auto& card : cards) {
            OTA_TRY(insert_card(card));
        }
        return settle_places();
    });
}

wire::result<void> sqlite_transaction::insert_card(card_row& card) {
    const auto iccid = pack_iccid(card.iccid);
    if (!iccid || !pack_number(card.msisdn)) return errc::misuse;
    if (card.id == 0) {
        OTA_TRY(const auto last, db_.number("SELECT max(id) FROM card_place"));
        card.id = last.value_or(0) + 1;
    }
    OTA_TRY(auto* const name, db_.prepared("INSERT INTO card_iccid(iccid, card) VALUES (?, ?)"));
    OTA_TRY(run(db_, name, wire::as_octets(*iccid), card.id).all());
    card.version = 1;
    OTA_TRY(take_number(card));
    OTA_TRY(auto* const lies_at, db_.prepared("INSERT INTO card_place(id, n) VALUES (?, ?)"));
    OTA_TRY(run(db_, lies_at, card.id, ledger_.card_tail + 1).all());
    OTA_TRY(append_card(card, std::nullopt));
    ++ledger_.cards;
    return outcome::success();
}

wire::result<void> sqlite_transaction::update_cards(std::span<const card_row> cards) {
    return writing([&]() -> wire::result<void> {
        OTA_TRY(const auto in_order, let_go_of_numbers(cards));
        for (const auto* card : in_order) {
            OTA_TRY(update_card(*card));
        }
        return settle_places();
    });
}

/// Numbers that change hands among these cards: who has one that another card of the call is to have, or is to have
/// another one, lets go first; each takes its own when it is updated. The order in which to do that: who keeps its
/// number comes first, so that of two with the same date the one that changes gets it.
wire::result<std::vector<const card_row*>> sqlite_transaction::let_go_of_numbers(std::span<const card_row> cards) {
    std::vector<const card_row*> keeping, changing;
    std::unordered_set<std::string_view> wanted;
    for (const auto& card : cards) {
        OTA_TRY(const auto former, card_at(card.id));
        if (!former || former->version != card.version) return errc::conflict;  // R5
        const bool changes = former->msisdn != card.msisdn || former->msisdn_since != card.msisdn_since;
        (changes ? changing : keeping).push_back(&card);
        if (changes) wanted.insert(card.msisdn);
    }
    const auto let_go = [&](const card_row& card) -> wire::result<void> {
        OTA_TRY(auto former, card_at(card.id));
        if (!former) return db_.contradicts();
        if (former->msisdn.empty()) return outcome::success();
        const auto at = places_.at(card.id);
        former->msisdn.clear();
        return append_card(*former, at);
    };
    for (const auto* card : keeping)
        if (wanted.contains(card->msisdn)) {
            OTA_TRY(let_go(*card));
        }
    if (cards.size() > 1) {
        for (const auto* card : changing) {
            OTA_TRY(let_go(*card));
        }
    }
    keeping.insert(keeping.end(), changing.begin(), changing.end());
    return keeping;
}

wire::result<void> sqlite_transaction::update_card(const card_row& card) {
    const auto iccid = pack_iccid(card.iccid);
    if (!iccid || !pack_number(card.msisdn)) return errc::misuse;
    OTA_TRY(const auto former, card_at(card.id));
    if (!former || former->version != card.version) return errc::conflict;  // R5
    const auto at = places_.at(card.id);
    if (former->iccid != card.iccid) {
        OTA_TRY(auto* const rename, db_.prepared("UPDATE card_iccid SET iccid = ? WHERE iccid = ?"));
        const auto old = pack_iccid(former->iccid);
        if (!old) return db_.contradicts();
        OTA_TRY(run(db_, rename, wire::as_octets(*iccid), wire::as_octets(*old)).all());
    }
    auto fresh = card;
    ++fresh.version;
    if (former->msisdn != card.msisdn || former->msisdn_since != card.msisdn_since) {
        OTA_TRY(take_number(fresh));
    }
    return append_card(fresh, at);
}

/// R21: at most one card has a number, the one that got it last. The others lose it; or `card` does, when another one
/// got it later. Who had it when stays known.
wire::result<void> sqlite_transaction::take_number(card_row& card) {
    if (card.msisdn.empty()) return outcome::success();
    const auto number = pack_number(card.msisdn);
    OTA_TRY(auto* const note, db_.prepared("INSERT OR IGNORE INTO number(msisdn, since, card) VALUES (?, ?, ?)"));
    OTA_TRY(run(db_, note, *number, stamp(card.msisdn_since), card.id).all());

    const std::string numbers[] = {card.msisdn};
    OTA_TRY(const auto holders, holders_of(numbers));
    for (const auto holder : holders.front()) {
        if (holder == card.id) continue;
        OTA_TRY(auto other, card_at(holder));
        if (!other) return db_.contradicts();
        if (other->msisdn != card.msisdn) continue;
        if (other->msisdn_since > card.msisdn_since) {
            card.msisdn.clear();
            return outcome::success();
        }
        const auto at = places_.at(holder);
        other->msisdn.clear();
        ++other->version;
        OTA_TRY(append_card(*other, at));
    }
    return outcome::success();
}

}  // namespace ota::store::sqlite
