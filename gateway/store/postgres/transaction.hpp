#pragma once

#include "gateway/store/postgres/pool.hpp"
#include "gateway/store/whole.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace ota::store::postgres {

/// Submissions as they stand. A receipt and its submission that two transactions write at the same time do not see each
/// other: the receipt then waits for what is there already. It counts all the same, as if it had come a moment later.
#define OTA_SUBMISSIONS                                                                                               \
    "SELECT s.packet, s.segment, s.attempt, s.card, s.route, s.message_id, s.at, coalesce(o.receipt, s.receipt), "    \
    "coalesce(o.at, s.receipt_at) FROM submission s LEFT JOIN orphan_receipt o ON s.receipt = 0 AND s.message_id <> " \
    "'' AND "                                                                                                         \
    "o.message_id = s.message_id AND o.route = s.route AND o.at >= s.at - 3600000 "

/// A receipt that waited longer for its submission belongs to an earlier use of a recycled message id.
constexpr std::chrono::milliseconds orphan_life{3'600'000};

/// Columns: packet, segment, attempt, card, route, message_id, at, receipt, receipt_at.
[[nodiscard]] submission_row submission_in(const rows&, std::size_t row);

/// A connection and its BEGIN .. COMMIT. Cards that it reads are locked against other writers (R5), always in the order
/// of their ids; `list_cards` alone only looks. A write that fails half-way spoils it: it can only be taken back to its
/// savepoint or dropped.
class postgres_transaction final : public transaction, public whole {
public:
    postgres_transaction(std::shared_ptr<pool> of, member&& m) : pool_(std::move(of)), m_(std::move(m)), db_(*m_.db) {}
    ~postgres_transaction() override;

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
    wire::result<void> make_room(std::int64_t first, std::int64_t last) override;

private:
    /// Good while nothing has gone wrong: what every verb asks first.
    [[nodiscard]] wire::result<void> usable() const;
    /// Runs the writing half of a verb and spoils the transaction when it fails after it has changed something.
    template <class Write>
    [[nodiscard]] wire::result<void> writing(Write&& write) {
        OTA_TRY(usable());
        const auto before = changes_;
        wire::result<void> done = write();
        if (!done && changes_ != before) spoilt_ = done.error();
        return done;
    }
    /// Runs a statement that writes; how many rows.
    [[nodiscard]] wire::result<std::int64_t> change(const char* sql, const parameters&);
    [[nodiscard]] wire::result<std::int64_t> copy(const char* sql, copied_rows&&);

    // Cards.
    /// What a change of a locked card must know.
    struct known_card {
        std::uint64_t version = 0;
        std::optional<std::int64_t> due;
    };
    [[nodiscard]] wire::result<std::vector<card_row>> locked(rows&&);
    /// Locks these cards and learns what is not known of them yet.
    [[nodiscard]] wire::result<void> know(std::vector<card_id> ids);
    struct due_changes {
        array old_at = array::of_integers(), old_card = array::of_integers(), at = array::of_integers(),
              card = array::of_integers();
        bool any = false;
        void note(card_id, std::optional<std::int64_t> from, std::optional<std::int64_t> to);
    };
    [[nodiscard]] wire::result<void> write_due(due_changes&&);
    /// R21: settles who holds the numbers of these cards, in their order; cards that lose theirs are changed.
    [[nodiscard]] wire::result<void> take_numbers(std::span<card_row* const>);
    [[nodiscard]] wire::result<void> renumber(std::span<const std::optional<card_row>> former,
                                              std::span<card_row> fresh);
    [[nodiscard]] wire::result<void> give_ids(std::span<card_row>);

    // Events.
    [[nodiscard]] wire::result<void> take_ends(std::span<const event_close>, const rows& ended,
                                               std::span<std::optional<event_row>>);

    // Submissions.
    using message_key = std::pair<std::string, std::string>;  ///< message id, route
    [[nodiscard]] wire::result<void> take_orphans(std::vector<submission_row>&);
    [[nodiscard]] wire::result<void> find_marked(std::span<const receipt_mark>,
                                                 std::span<std::optional<submission_row>>);

    // Pruning.
    [[nodiscard]] wire::result<std::size_t> drop_weeks(wall_time older_than, bool that_follow_events);
    [[nodiscard]] wire::result<std::size_t> prune_rows(std::int64_t older, std::size_t limit);
    [[nodiscard]] wire::result<std::size_t> prune_appended(const char* walk, const char* remove, std::int64_t older,
                                                           std::size_t limit);
    [[nodiscard]] wire::result<std::size_t> prune_submissions(std::int64_t older, std::size_t limit);
    [[nodiscard]] wire::result<std::size_t> prune_orphans(std::int64_t older, std::size_t limit);

    /// Reads a cursor's rows until `take` has enough; it says whether to go on.
    [[nodiscard]] wire::result<void> walk(const char* query,
                                          const std::function<bool(const rows&, std::size_t row)>& take);

    std::shared_ptr<pool> pool_;
    member m_;
    connection& db_;
    tally tally_, tally_at_savepoint_;
    std::int64_t changes_ = 0, changes_at_savepoint_ = 0;  ///< rows written
    bool has_savepoint_ = false;
    bool over_ = false;
    std::int64_t asking_for_ = 0;  ///< marker of a commit that nobody knows the end of
    std::error_code spoilt_;       ///< why a write failed half-way
    boost::unordered_flat_map<card_id, known_card> known_;
};

}  // namespace ota::store::postgres
