#pragma once

#include "gateway/flow/card_state.hpp"
#include "gateway/flow/corridor.hpp"
#include "gateway/flow/receipt.hpp"

#include <variant>

namespace ota::flow {

/// A record of the source, already parsed.
struct incoming {
    queue::record record;
    std::variant<queue::change_event, queue::unreadable> event;
    bool parked = false;  ///< comes back from the store, not from the source
    std::string parked_name;
    bool overdue = false;  ///< parked for a whole life: its card did not come
};

/// A whole response packet, joined of its segments.
struct incoming_proof {
    std::string source;  ///< MSISDN
    secure_channel::reassembly::joined packet;
};

/// Everything that one transaction will take, prepared outside of it so that it can be run again when the store fails.
struct batch_input {
    std::vector<incoming> events;
    std::vector<bearer::submitted> submitted;
    std::vector<std::pair<std::string, bearer::receipt>> receipts;  ///< with their route
    std::vector<incoming_proof> proofs;
    std::vector<bearer::link_event> links;
    std::vector<std::uint64_t> tokens;                       ///< deliveries to answer after the commit (R4)
    std::map<std::int32_t, store::source_position> offsets;  ///< of the source, after these events
    std::vector<std::int64_t> published;                     ///< outbox rows to remove
    spread answered;  ///< how long the bearer took for the packets that `submitted` completes
    std::optional<store::event_seq> final_before;  ///< a mark to be stored (oldest_open)
    bool look_for_due = false, look_for_outbox = false;
    bool reads_outbox = false;  ///< as far as the shards of this instance go
    // As of this attempt (look_around):
    std::optional<neighbourhood> neighbours;  ///< nothing: no other instance is on the store
    store::shard_set publish = 0;             ///< shards of the outbox to be read behind `published`
    std::vector<std::string> not_topics;      ///< those that still wait are not read on
    std::size_t credit = 0;                   ///< segments that may go to the bearer

    /// What came in; cards that were due are not known here.
    [[nodiscard]] std::size_t operations() const noexcept {
        return events.size() + submitted.size() + receipts.size() + proofs.size() + links.size() + tokens.size() +
               published.size();
    }
    [[nodiscard]] bool empty() const noexcept { return operations() == 0 && !look_for_due && !look_for_outbox; }
};

/// What to do once the transaction is durable.
struct batch_result {
    std::vector<bearer::submission> send;
    std::vector<link_order> links;
    std::vector<std::pair<std::int64_t, queue::message>> outbox;  ///< put there by this batch
    std::vector<store::outbox_row> to_publish;                    ///< as it lay there: of all instances
    std::map<std::string, std::string, std::less<>> paused;       ///< profiles newly paused
    std::map<std::string, outcome_ring, std::less<>> rings;       ///< R14: as they are after this batch
    std::size_t due_found = 0, due_of_others = 0;
    bool more_due = false;               ///< ours may lie behind those of others
    std::optional<std::int32_t> fenced;  ///< partition that another reader moved: its events are not ours
    commit_report report;
};

/// A card in this transaction.
struct working_card {
    store::card_row row;
    twin state;
    const card_profile* profile = nullptr;
    effects fx;
    bool touched = false;
    bool unreadable = false;       ///< its twin cannot be read: left alone, reported
    std::vector<node_sign> signs;  ///< of its nodes before this batch, when their states are told
    bool nothing_to_plan = false;  ///< the plan has just found nothing to send
    enum class left : std::uint8_t { to_none, to_others, back_to_others };
    left is_left = left::to_none;  ///< another instance has the route for it; we came upon it by looking what is due
};

/// One transaction of the corridor.
class batch {
public:
    batch(corridor&, const batch_input&, wall_time now);
    /// Runs everything up to, but not including, the commit.
    [[nodiscard]] wire::result<void> run(store::transaction&);
    [[nodiscard]] batch_result take() { return std::move(result_); }
    [[nodiscard]] timings& times() noexcept { return result_.report.times; }

private:
    [[nodiscard]] wire::result<void> load(store::transaction&);
    [[nodiscard]] wire::result<void> take_submitted(store::transaction&);
    [[nodiscard]] wire::result<void> take_receipts(store::transaction&);
    void take_proofs();
    [[nodiscard]] bool take_late_proof(working_card&, const card_keys&, const incoming_proof&);
    void take_links();
    void take_link_packet(working_card&, const bearer::link_packet&);
    [[nodiscard]] bool has_link(std::uint64_t link, store::card_id, std::uint16_t instance, wall_time since) const;
    void forget_dead_channel(working_card&) const;
    [[nodiscard]] std::optional<planned_packet> plan_next(working_card&, std::uint8_t mac_length,
                                                          std::int64_t packet_id);
    [[nodiscard]] wire::result<void> look_at_due(store::transaction&);
    [[nodiscard]] bool is_of_others(const working_card&) const;
    [[nodiscard]] bool held_by_another(const packet&) const;
    [[nodiscard]] bool lives(std::uint16_t instance, wall_time since) const;
    [[nodiscard]] wire::result<void> take_events(store::transaction&);
    [[nodiscard]] wire::result<void> take_event(store::transaction&, const incoming&, const queue::change_event&,
                                                const std::optional<store::event_row>& known);
    void plan_cards();
    void note_first_submits(const working_card&);
    [[nodiscard]] wire::result<void> write(store::transaction&);
    void observe_ends(working_card&);
    void tell_states(const working_card&);
    [[nodiscard]] wall_time look_again(const working_card&) const;

    working_card* card(store::card_id) noexcept;
    working_card& adopt(store::card_row);
    card_keys* keys_of(working_card&);
    void dead_letter(const incoming&, std::string_view reason, std::string detail);
    void tell_status(const store::event_row&, const closing*);
    void outbox(std::string topic, std::string key, std::string value);
    store::event_row row_of(const queue::change_event&, store::event_seq, store::card_id) const;

    corridor& c_;
    const batch_input& in_;
    wall_time now_;
    std::size_t credit_;
    event_notes notes_;
    std::shared_ptr<const profile_set>
        profiles_;  ///< of the cards' pointers; a reload in between counts from the next batch on
    std::unordered_map<store::card_id, working_card> cards_;
    std::unordered_map<std::string, store::card_id> by_iccid_;
    std::vector<std::vector<store::card_id>> holders_;  ///< of in_.proofs, one by one
    std::vector<store::event_row> new_events_;
    std::map<std::pair<std::string, std::string>, std::uint64_t> seen_;  ///< keys within this batch (R22)
    std::vector<store::outbox_row> outbox_;
    std::vector<std::string> forget_values_;
    std::int64_t given_up_ = 0;  ///< parked events whose card did not come
    std::vector<std::pair<std::string, std::string>> set_values_;
    batch_result result_;
};

}  // namespace ota::flow
