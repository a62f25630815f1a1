#pragma once

#include "gateway/store/sqlite/core.hpp"
#include "gateway/store/whole.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

namespace ota::store::sqlite {

/// A BEGIN IMMEDIATE .. COMMIT. A write that fails half-way spoils the transaction: it can only be taken back to its
/// savepoint or dropped, so that no part of a failed call is ever committed.
class sqlite_transaction final : public transaction, public whole {
public:
    /// The caller has entered the gate; the transaction leaves it.
    [[nodiscard]] static wire::result<std::unique_ptr<transaction>> begin(core&);
    explicit sqlite_transaction(core& shared)
        : core_(shared), db_(shared.db), changes_at_begin_(shared.db.total_changes()) {}
    ~sqlite_transaction() override;

    wire::result<std::vector<std::optional<card_row>>> cards_by_iccid(std::span<const std::string>) override;
    wire::result<std::vector<std::optional<card_row>>> cards_by_id(std::span<const card_id>) override;
    wire::result<std::vector<std::vector<card_id>>> holders_of(std::span<const std::string>) override;
    wire::result<void> save_cards(std::span<const card_change>) override;
    wire::result<std::vector<card_row>> due_cards(wall_time, std::size_t) override;
    wire::result<void> insert_cards(std::span<card_row>) override;
    wire::result<void> update_cards(std::span<const card_row>) override;
    wire::result<std::vector<card_row>> list_cards(const card_filter&) override;

    wire::result<std::vector<std::optional<event_row>>> find_events(std::span<const event_key>) override;
    wire::result<void> insert_events(std::span<const event_row>) override;
    wire::result<std::vector<std::optional<event_row>>> close_events(std::span<const event_close>) override;
    wire::result<std::vector<std::optional<event_row>>> events_by_seq(std::span<const event_seq>) override;
    wire::result<open_search> first_open(event_seq, std::size_t) override;

    wire::result<void> insert_submissions(std::span<const submission_row>) override;
    wire::result<std::vector<submission_row>> submissions_of(std::span<const std::int64_t> packets) override;
    wire::result<std::vector<std::optional<submission_row>>> mark_receipts(std::span<const receipt_mark>) override;

    wire::result<void> append_history(std::span<const history_row>) override;
    wire::result<std::vector<history_row>> history(std::int64_t, std::size_t) override;
    wire::result<void> append_outbox(std::span<const outbox_row>) override;
    wire::result<std::vector<outbox_row>> outbox(std::int64_t, std::size_t) override;
    wire::result<std::vector<outbox_row>> outbox_of(shard_set, std::span<const std::string>, std::size_t) override;
    wire::result<void> remove_outbox(std::span<const std::int64_t>) override;
    wire::result<std::optional<source_position>> source_offset(std::string_view, std::int32_t) override;
    wire::result<void> move_offset(std::string_view, std::int32_t, std::optional<std::int64_t>,
                                   const source_position&) override;
    wire::result<std::vector<device_account>> accounts_named(std::string_view) override;
    wire::result<std::vector<device_account>> accounts_of_device(std::string_view) override;
    wire::result<std::vector<device_account>> accounts_of(card_id) override;
    wire::result<void> save_account(const device_account&) override;
    wire::result<void> drop_account(card_id, std::string_view) override;
    wire::result<std::vector<std::optional<later_state>>> later_states(std::span<const event_seq>) override;
    wire::result<void> save_later_states(std::span<const later_state>) override;
    wire::result<std::optional<std::string>> value(std::string_view) override;
    wire::result<void> set_value(std::string_view, std::optional<std::string_view>) override;
    wire::result<std::vector<std::pair<std::string, std::string>>> values(std::string_view) override;

    wire::result<counts> count() override;
    wire::result<std::int64_t> newest_id() override;
    wire::result<std::size_t> prune(wall_time, std::size_t) override;
    wire::result<void> erase(const remains&) override;
    wire::result<void> savepoint() override;
    wire::result<void> back_to_savepoint() override;
    wire::result<void> commit() override;

    wire::result<std::vector<number_row>> numbers_after(const number_row&, std::size_t) override;
    wire::result<std::vector<event_row>> events_after(event_seq, std::size_t) override;
    wire::result<std::vector<submission_row>> submissions_after(const submission_row&, std::size_t) override;
    wire::result<std::vector<history_row>> history_after(std::int64_t, std::size_t) override;
    wire::result<std::vector<device_account>> accounts_after(const device_account&, std::size_t) override;
    wire::result<std::vector<later_state>> later_states_after(event_seq, std::size_t) override;
    wire::result<std::vector<offset_row>> offsets() override;
    wire::result<std::vector<receipt_mark>> waiting_receipts() override;
    wire::result<void> note_numbers(std::span<const number_row>) override;

private:
    /// Good while nothing has gone wrong: what every verb asks first.
    [[nodiscard]] wire::result<void> usable() const;
    /// Runs the writing half of a verb and spoils the transaction when it fails after it has changed something.
    template <class Write>
    [[nodiscard]] wire::result<void> writing(Write&& write) {
        OTA_TRY(usable());
        const auto before = db_.total_changes();
        wire::result<void> done = write();
        if (!done) after_failure(done.error(), before);
        return done;
    }
    void forget();
    void after_failure(std::error_code, std::int64_t changes_before);

    [[nodiscard]] wire::result<void> read_ledger();
    [[nodiscard]] wire::result<void> write_ledger();

    // Cards.
    /// Where a card's row lies, and what a change of it must know.
    struct place {
        std::int64_t n = 0;
        std::uint64_t version = 0;
        std::optional<std::int64_t> due;
        wire::octets fixed;  ///< the part of the row that moves with it unchanged
    };
    [[nodiscard]] wire::result<std::optional<card_row>> card_at(card_id);
    /// Nothing when there is no such card; valid until another card is read.
    [[nodiscard]] wire::result<place*> place_of(card_id);
    [[nodiscard]] wire::result<void> save_card(const card_change&);
    [[nodiscard]] wire::result<void> insert_card(card_row&);
    [[nodiscard]] wire::result<void> update_card(const card_row&);
    /// A row at the end of the table; its place.
    [[nodiscard]] wire::result<std::int64_t> append_row(card_id, std::int64_t version, std::int64_t is,
                                                        std::optional<std::int64_t> due, wire::octet_view twin,
                                                        wire::octet_view fixed);
    /// Writes the whole row at the end of the table; `row.version` as it shall be.
    [[nodiscard]] wire::result<void> append_card(const card_row&, const std::optional<place>& former);
    [[nodiscard]] wire::result<void> change_due(card_id, std::optional<std::int64_t> from,
                                                std::optional<std::int64_t> to);
    [[nodiscard]] wire::result<void> take_number(card_row&);
    [[nodiscard]] wire::result<std::vector<const card_row*>> let_go_of_numbers(std::span<const card_row>);
    [[nodiscard]] wire::result<std::vector<card_row>> list_holder(const card_filter&);
    /// Ends a call that has moved cards: their places, and room at the front of the table.
    [[nodiscard]] wire::result<void> settle_places();
    [[nodiscard]] wire::result<void> sweep_places(std::size_t rows);
    [[nodiscard]] wire::result<void> append_again(card_id, std::int64_t n);

    // Events.
    [[nodiscard]] wire::result<std::optional<event_row>> find_event(std::int64_t hash, const event_key&);
    [[nodiscard]] wire::result<std::optional<event_row>> event_at(event_seq);
    [[nodiscard]] wire::result<void> insert_event(const event_row&);
    [[nodiscard]] wire::result<std::optional<event_row>> close_event(const event_close&);

    // Submissions.
    [[nodiscard]] wire::result<void> insert_submission(submission_row, bool orphans);
    [[nodiscard]] wire::result<std::optional<receipt_mark>> take_orphan(const submission_row&);
    [[nodiscard]] wire::result<std::optional<submission_row>> mark_receipt(const receipt_mark&);

    // Pruning.
    [[nodiscard]] wire::result<std::size_t> prune_events(std::int64_t older, std::size_t limit);
    [[nodiscard]] wire::result<std::size_t> prune_submissions(std::int64_t older, std::size_t limit);
    [[nodiscard]] wire::result<std::size_t> prune_appended(const char* oldest, const char* remove, std::int64_t older,
                                                           std::size_t limit);

    core& core_;
    database& db_;
    ledger ledger_, ledger_at_savepoint_;
    std::int64_t changes_at_begin_;
    bool has_savepoint_ = false;
    bool committed_ = false;
    bool over_ = false;       ///< committed, or rolled back by the library
    std::error_code spoilt_;  ///< why a write failed half-way
    /// Keys that this transaction has looked for in vain: inserting them needs no second look.
    boost::unordered_flat_set<std::int64_t> missed_;
    /// Places that this transaction has read or written; no one else can change them meanwhile.
    boost::unordered_flat_map<card_id, place> places_;
    std::size_t moved_ = 0;  ///< cards moved by the running call
};

}  // namespace ota::store::sqlite
