#include "gateway/store/postgres/transaction.hpp"

#include <map>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

void postgres_transaction::due_changes::note(card_id id, std::optional<std::int64_t> from,
                                             std::optional<std::int64_t> to) {
    if (from == to) return;
    any = true;
    if (from) {
        old_at.add(*from);
        old_card.add(id);
    }
    if (to) {
        at.add(*to);
        card.add(id);
    }
}

namespace {

// By its place, and found in a sub-select that is not flattened: as a plain join it would be planned for a table that
// was empty when it was vacuumed last, every row held against every key.
constexpr const char* forget_due =
    "DELETE FROM card_due WHERE ctid = ANY(ARRAY(SELECT d.place FROM unnest($1::bigint[], $2::bigint[]) k(at, card), "
    "LATERAL (SELECT ctid AS place FROM card_due WHERE at = k.at AND card = k.card OFFSET 0) d))";
constexpr const char* note_due = "INSERT INTO card_due(at, card) SELECT * FROM unnest($1::bigint[], $2::bigint[])";

constexpr const char* write_cards =
    "UPDATE card c SET version = k.version, standing = k.standing, due = k.due, twin = k.twin FROM "
    "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[]) k(id, version, standing, due, twin) "
    "WHERE c.id = k.id";

}  // namespace

wire::result<void> postgres_transaction::write_due(due_changes&& due) {
    if (!due.any) return outcome::success();
    const auto gone = parameters::of(std::move(due.old_at), std::move(due.old_card));
    const auto fresh = parameters::of(std::move(due.at), std::move(due.card));
    OTA_TRY(const auto done, db_.run({{forget_due, &gone}, {note_due, &fresh}}));
    changes_ += done[0].affected() + done[1].affected();
    return outcome::success();
}

wire::result<void> postgres_transaction::save_cards(std::span<const card_change> changes) {
    return writing([&]() -> wire::result<void> {
        if (changes.empty()) return outcome::success();
        std::vector<card_id> ids;
        for (const auto& c : changes) ids.push_back(c.id);
        OTA_TRY(know(ids));
        // Of several changes of a card, each on the version that the one before it makes, the last one counts.
        std::map<card_id, std::pair<const card_change*, std::uint64_t>> last;
        for (const auto& c : changes) {
            const auto at = known_.find(c.id);
            if (at == known_.end()) return spoilt_ = make_error_code(errc::conflict);
            auto& [change, version] = last.try_emplace(c.id, nullptr, at->second.version).first->second;
            if (version != c.expected_version) return spoilt_ = make_error_code(errc::conflict);  // R5
            change = &c;
            ++version;
        }
        auto id = array::of_integers(), version = array::of_integers(), is = array::of_integers(),
             due = array::of_integers();
        auto twin = array::of_octets();
        due_changes moved;
        for (const auto& [card, with] : last) {
            auto& now = known_.at(card);
            const auto next_due = stamp(with.first->due);
            id.add(card);
            version.add(static_cast<std::int64_t>(with.second));
            is.add(static_cast<std::int64_t>(with.first->is));
            due.add(next_due);
            twin.add(wire::octet_view(with.first->twin));
            moved.note(card, now.due, next_due);
            now = {with.second, next_due};
        }
        const auto all =
            parameters::of(std::move(id), std::move(version), std::move(is), std::move(due), std::move(twin));
        const auto gone = parameters::of(std::move(moved.old_at), std::move(moved.old_card));
        const auto fresh = parameters::of(std::move(moved.at), std::move(moved.card));
        OTA_TRY(const auto done, db_.run({{write_cards, &all}, {forget_due, &gone}, {note_due, &fresh}}));
        changes_ += done[0].affected();
        if (done[0].affected() != static_cast<std::int64_t>(last.size())) return errc::corrupt;
        return outcome::success();
    });
}

}  // namespace ota::store::postgres
