#pragma once

#include "gateway/data_bearer.hpp"
#include "gateway/flow/channel.hpp"
#include "gateway/flow/channel_report.hpp"
#include "gateway/flow/keyring.hpp"
#include "gateway/flow/oldest_open.hpp"
#include "gateway/flow/timings.hpp"
#include "gateway/flow/twin.hpp"
#include "gateway/profile/current_profiles.hpp"
#include "gateway/push_token.hpp"
#include "queue/event_sink.hpp"
#include "queue/event_source.hpp"
#include "secure-channel/short_message.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>

/// event in -> plan -> secure -> send -> receipt -> state out, one transaction at a time (R1).
namespace ota::flow {

/// Which single events a commit_report tells of; each level those of the levels before it too.
enum class event_notes : std::uint8_t {
    refusals,  ///< rejected and dead-lettered ones
    ends,      ///< every event that got its final state
    all,       ///< every event that was taken in
};

struct corridor_settings {
    std::size_t batch = 1000;                                    ///< operations in one transaction
    std::size_t submissions_in_flight = 20'000;                  ///< segments without an answer of the bearer
    std::chrono::milliseconds event_life{std::chrono::days(7)};  ///< R18, without expires_at
    bool park_unknown_cards = false;                             ///< R23
    std::size_t key_cache = 50'000;                              ///< cards whose key schedules are kept
    bool card_states = false;                                    ///< told on dm.card.state
    std::uint16_t instance = 0;
    event_notes notes = event_notes::refusals;  ///< while nobody listens: what nobody logs is not worth its copies
    /// Source may change node? (settings `sources`)
    std::function<bool(std::string_view source, std::string_view node)> permitted;
};

/// One event, for the log: never a value (R24).
struct event_note {
    std::string source, id, card, node, reason;
    queue::event_state state = queue::event_state::open;
};

/// What an operator should see, in a sentence without secrets; card, profile and reason code where it is about them.
struct alert {
    std::string sentence, card, profile, reason;
};

/// What one commit did: for metrics, logs and live views. Counts are of this commit only.
struct commit_report {
    std::size_t events = 0, duplicates = 0, dead_letters = 0, parked = 0;
    std::size_t packets = 0, segments = 0, submitted = 0, submit_failures = 0;
    std::size_t receipts = 0, proofs = 0, hints = 0, unmatched = 0, quarantined = 0;
    std::array<std::size_t, 6> closed{};  ///< by queue::event_state
    std::map<std::string, std::size_t, std::less<>> reasons;
    std::size_t operations = 0;                  ///< inputs, and cards that were due; 0: it only looked
    std::vector<event_note> taken, ended, dead;  ///< as far as corridor_settings::notes, or a listener, wants them
    std::vector<alert> alerts;
    channel_report channels;
    std::chrono::nanoseconds took{};
    timings times;
};

struct corridor_status {
    bool store_ok = true;
    bool source_ok = true;
    bool sink_ok = true;  ///< nothing waits that it refused
    bool last_publication_worked = false;
    std::string why;              ///< of the first that is not
    std::size_t outstanding = 0;  ///< segments at the bearer
    std::size_t unpublished = 0;  ///< outbox rows not yet at the sink
    std::int64_t lag = 0;
    std::int64_t quarantined_cards = 0, parked_events = 0;
    std::size_t paused_profiles = 0;
    std::optional<wall_time>
        oldest_open_at;  ///< acceptance of the oldest event without a final state; nothing: none is open
};

/// What the instances on the same store have to do with each other, as of now (gateway/cluster).
struct neighbourhood {
    std::map<std::uint16_t, wall_time> alive;  ///< by their numbers; when their processes began, by their own clocks
    bool settled = false;                      ///< who is not alive is gone for certain
    store::shard_set outbox = 0;               ///< what this instance publishes
    unsigned epoch = 0;                        ///< another one when its lease was over in between; 0: it has none now
};

/// The bearer of data channels, with what a PUSH tells a card of it.
struct channel_parts {
    bearer::links& links;
    const bearer::push_tokens& tokens;
    push_target target;
};

/// What a corridor works with; everything outlives it.
struct corridor_parts {
    store::store& state;
    queue::event_source& source;
    queue::event_sink& sink;
    bearer::sender& sender;
    profile_source profiles;  ///< each batch works with those of its beginning
    const secure_channel::key_encryption_key& kek;
    std::function<void(std::span<std::uint8_t>)> random;  ///< nonces: never the same twice
    std::function<void(const commit_report&)> on_commit;  ///< may be empty
    std::function<neighbourhood()> neighbours;            ///< empty: no other instance is on the store
    std::optional<channel_parts> channels;                ///< nothing: short messages only
    std::function<bool()> heard;                          ///< somebody listens to every event now; may be empty
};

struct batch_input;
struct batch_result;

/// How the last packets of a profile ended (R14).
struct outcome_ring {
    std::vector<std::uint8_t> last;
    std::size_t at = 0;
};

/// The corridor as one thread's work. `step` never waits; the shell (flow.hpp) decides when to call it. Bearer
/// callbacks may come from any thread.
class corridor final : public bearer::observer, public bearer::link_observer {
public:
    corridor(corridor_settings, corridor_parts);
    ~corridor() override;

    /// Reads where the source stands, paused profiles, and what the outbox still holds.
    [[nodiscard]] wire::result<void> open(wall_time now);

    /// Other settings from the next batch on; instance, key_cache and card_states stay. Any thread.
    void change(corridor_settings);
    /// One batch: takes what is there, commits, acts. True when there was anything to do.
    bool step(wall_time now);

    void on_submitted(std::vector<bearer::submitted>) override;
    void on_delivered(std::vector<bearer::delivered>) override;
    void on_links(std::vector<bearer::link_event>) override;
    /// Called when an observer call arrives, to wake the shell.
    void on_arrival(std::function<void()> wake) { wake_ = std::move(wake); }

    /// No more events are taken in and no more packets begun (shutdown); what is under way goes on.
    void stop_intake() noexcept { intake_ = false; }
    [[nodiscard]] bool settled() const;  ///< nothing outstanding at the bearer, inbox and outbox empty
    [[nodiscard]] corridor_status status() const;
    /// Shards that it may be publishing now: another instance waits for them. From any thread.
    [[nodiscard]] store::shard_set publishing() const noexcept { return publishing_; }

private:
    friend class batch;
    static constexpr std::size_t outbox_page = 5000;
    static constexpr std::chrono::milliseconds least_others_turn{200}, most_others_turn{10'000};

    struct inbox {
        std::vector<bearer::submitted> submitted;
        std::vector<bearer::delivered> delivered;
        std::vector<bearer::link_event> links;
    };

    [[nodiscard]] std::size_t credit() const noexcept;
    batch_input collect(wall_time now);
    void take_changes();
    void look_around(batch_input&);
    [[nodiscard]] bool may_publish();
    void forget_read() noexcept;
    void housekeeping(batch_input&, wall_time now);
    void take_parked(batch_input&, const std::string& name, std::string_view sealed, bool overdue);
    bool run(wall_time now);
    void recover_batch(std::error_code, batch_result&&, wall_time now);
    void isolate(std::error_code, wall_time now);
    void act(batch_result&&, const batch_input&, wall_time now);
    void order_links(std::vector<link_order>&&, wall_time now);
    void let_go_of_links(wall_time now);
    /// What is to be said on one topic.
    struct outgoing {
        struct row {
            std::int64_t seq = 0;
            queue::message message;
        };
        std::map<std::int64_t, row> rows;  ///< of the outbox, in their order: by seq, or as they were read
        unsigned failures = 0;             ///< in a row
        wall_time at{};                    ///< not before
        [[nodiscard]] bool failing() const noexcept { return failures > 0 && !rows.empty(); }
    };
    bool publish(wall_time now);
    bool publish(outgoing&, wall_time now);
    [[nodiscard]] std::size_t unpublished() const noexcept;
    void hold(std::int64_t order, std::int64_t seq, queue::message&&);
    void hold_read(std::vector<store::outbox_row>&&);
    void take_outbox(std::vector<store::outbox_row>&&, const std::vector<std::int64_t>& being_removed);
    void failed(std::error_code, std::string_view where, wall_time now);
    bool work(wall_time now);
    void take_reassignment();
    [[nodiscard]] wire::result<void> place_partitions();
    void pull(batch_input&, std::size_t most, wall_time now);
    void source_failed(const std::string& why);
    void drop_partition(std::int32_t partition);

    corridor_settings settings_;
    corridor_parts parts_;
    guard guard_;
    key_cache keys_;
    store::id_source ids_;
    secure_channel::reassembly reassembly_;
    std::function<void()> wake_;
    std::atomic<bool> intake_{true};

    mutable std::mutex mutex_;  ///< of inbox_, status_ and changed_
    inbox inbox_;
    std::optional<corridor_settings> changed_;
    corridor_status status_;

    std::deque<batch_input> pending_;               ///< not committed yet: a failed one is tried again
    std::map<std::int32_t, std::int64_t> offsets_;  ///< consumed, as committed
    std::set<std::int32_t> unplaced_;               ///< partitions that the source has not been told where to begin
    struct at_bearer {
        std::uint8_t segments = 0;
        wall_time since{};  ///< its first one was handed over
    };
    boost::unordered_flat_map<std::int64_t, at_bearer> outstanding_packets_;  ///< without their answers, by packet
    std::atomic<std::size_t> outstanding_{0};
    struct open_link {
        store::card_id card = 0;
        std::optional<wall_time> awaits_since;  ///< an answer; its path is kept open for that
    };
    boost::unordered_flat_map<std::uint64_t, open_link> links_;  ///< open to this process
    std::map<std::string, outgoing, std::less<>> outgoing_;      ///< outbox rows in memory, by topic
    std::vector<std::int64_t> published_;                        ///< to be removed in the next transaction
    std::int64_t rows_read_ = 0;                                 ///< of the outbox, with other instances
    unsigned read_under_ = 0;                                    ///< the epoch of the lease (neighbourhood)
    std::int64_t stored_unpublished_ = 0;                        ///< of all instances, as last counted
    std::atomic<store::shard_set> publishing_{0};
    std::map<std::string, std::string, std::less<>> paused_;  ///< profiles, with the reason (R14)
    std::map<std::string, outcome_ring, std::less<>> rings_;
    oldest_open oldest_;
    wall_time next_due_{}, next_outbox_look_{}, next_housekeeping_{}, next_parked_look_{}, retry_at_{}, place_at_{};
    std::chrono::milliseconds others_turn_ =
        least_others_turn;              ///< how long a card is left to those who have its route
    std::atomic<bool> at_rest_{false};  ///< between steps, and nothing is left from the last one
};

}  // namespace ota::flow
