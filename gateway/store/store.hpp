#pragma once

#include "secure-channel/wire/octets.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The state of the gateway: cards and their twins, events, submissions, history, outbox, consumed offsets.
/// Bulk verbs inside one transaction (R1). One conformance suite holds every implementation (tests/store).
namespace ota::store {

using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

enum class errc {
    conflict = 1,  ///< compare-and-set found another version (R5): read again
    duplicate,     ///< a unique key is taken
    busy,          ///< another writer holds the store beyond the time limit
    full,          ///< the disk is full
    io,            ///< reading, writing or fsync failed; the store must be opened anew
    corrupt,       ///< the store's content contradicts itself
    locked,        ///< another gateway runs on this store
    too_new,       ///< the store's schema needs a newer program
    vanished,      ///< missing, though its witness is there: counters would start over (R3)
    restored,      ///< older than its witness: a restored copy; only `otagw store recover` starts (R3)
    not_found,
    misuse,
    unreachable,  ///< the server of the store does not answer now; `begin` tries again by itself
    refused,      ///< the server is there, but refuses the login or the database: a setting
    outdated,     ///< the schema is missing or older than this program: `otagw store migrate`
    unresolved,   ///< the connection was lost in a commit and nobody can say yet what became of it
                  ///< (`transaction::commit`)
    fenced,       ///< this process's lease is over (leases.hpp): it may not commit until it has renewed it
    unfinished,   ///< the target of a copy that was not finished (`copy`)
};
const std::error_category& category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

/// Ids grow with time over all instances (see id_source); 0 is "none".
using card_id = std::int64_t;
using event_seq = std::int64_t;

enum class standing : std::uint8_t { active, suspended, quarantined, replaced, erased };
[[nodiscard]] std::string_view name_of(standing) noexcept;
/// Nothing is ever done to such a card again: its row only says what became of it.
[[nodiscard]] constexpr bool is_gone(standing s) noexcept { return s == standing::replaced || s == standing::erased; }

/// A card. `twin` is its whole desired/reported/in-flight state, opaque here (gateway/flow/twin).
struct card_row {
    card_id id = 0;
    std::string iccid;
    std::string msisdn;  ///< digits; empty when none
    wall_time msisdn_since{};
    std::string profile;
    standing is = standing::active;
    std::string labels;        ///< "key=value,key=value", sorted
    wire::octets sealed_keys;  ///< wrapped under the key-encryption key
    wire::octets twin;
    std::uint64_t version = 0;     ///< of the row, for compare-and-set
    std::optional<wall_time> due;  ///< when the twin wants to be looked at again
};

/// What a plan changes on a card. Fails the call with `conflict` when any version is not the expected one.
struct card_change {
    card_id id = 0;
    std::uint64_t expected_version = 0;
    wire::octets twin;
    std::optional<wall_time> due;
    standing is = standing::active;
};

struct event_row {
    event_seq seq = 0;
    std::string source;
    std::string id;
    card_id card = 0;        ///< 0: unknown card (rejected)
    event_seq previous = 0;  ///< the card's event before this one
    std::uint8_t op = 0;
    std::uint8_t state = 0;  ///< queue::event_state; 0 open
    std::string node;
    std::string subject;
    std::string reason;
    std::string detail;
    std::string traceparent;
    std::optional<std::int64_t> revision;
    std::uint64_t content_hash = 0;
    wall_time accepted_at{};
    wall_time closed_at{};
};

/// How far a search for the oldest open event came.
struct open_search {
    enum class verdict : std::uint8_t {
        none,        ///< every event is final from where it began; `seq` is the last one, 0: there is none
        open,        ///< `seq` is the oldest that is open
        unfinished,  ///< `seq`, too, is final; more events lie behind it
    };
    verdict is = verdict::none;
    event_seq seq = 0;
    wall_time accepted_at{};
};

struct event_close {
    event_seq seq = 0;
    std::uint8_t state = 0;
    std::string reason;
    std::string detail;
    wall_time at{};
};

struct event_key {
    std::string_view source;
    std::string_view id;
};

/// One accepted (or lost) submission of a segment.
struct submission_row {
    std::int64_t packet = 0;
    std::uint8_t segment = 0;
    std::uint8_t attempt = 0;
    card_id card = 0;
    std::string route;
    std::string message_id;  ///< normalised; may be empty
    wall_time at{};
    std::uint8_t receipt = 0;  ///< bearer::receipt_state + 1; 0 none yet
    wall_time receipt_at{};
};

struct receipt_mark {
    std::string route;
    std::string message_id;
    std::uint8_t receipt = 0;  ///< bearer::receipt_state + 1
    wall_time at{};
};

/// One thing that happened to a card, for its timeline: a chain through `previous`, newest first.
struct history_row {
    std::int64_t seq = 0;
    card_id card = 0;
    std::int64_t previous = 0;
    wall_time at{};
    std::string what;  ///< JSON object without secrets
};

struct outbox_row {
    std::int64_t seq = 0;  ///< given by the caller (id_source), growing per instance
    std::string topic;
    std::string key;
    std::string value;
};

/// The outbox in parts, so that several instances can publish it and each key still has one publisher.
using shard_set = std::uint32_t;  ///< bit n: shard n
inline constexpr unsigned outbox_shards = 16;
inline constexpr shard_set all_shards = (shard_set{1} << outbox_shards) - 1;
[[nodiscard]] constexpr unsigned shard_of(std::string_view key) noexcept {
    std::uint32_t h = 2166136261u;  // FNV-1a: every program has to come to the same shard
    for (const char c : key) h = (h ^ static_cast<std::uint8_t>(c)) * 16777619u;
    return (h ^ h >> 16) % outbox_shards;
}

/// How far a partition was taken in: everything before `offset`; `mark` is of the record before it
/// (queue::record::mark).
struct source_position {
    std::int64_t offset = 0;
    std::uint64_t mark = 0;
    bool operator==(const source_position&) const = default;
};

/// An account of a DM server that a card holds (its DMAcc object): what a device calls with, and what its next
/// credentials use. The password is not here: it is in the card's twin, wrapped (R24).
struct device_account {
    card_id card = 0;
    std::string object;       ///< address of the DMAcc object on the card
    std::string client_name;  ///< AAuthName of CLCRED
    std::string device;       ///< address of the device that proved itself last: "IMEI:.."; empty: none did yet
    std::string client_nonce, server_nonce;  ///< octets
    bool operator==(const device_account&) const = default;
};

/// What became of an applied event at the device: a later status of it, the last one counts. The numbers are its
/// owner's.
struct later_state {
    event_seq seq = 0;
    std::uint8_t state = 0;
    std::uint32_t sequence = 0;  ///< later statuses that it had before
    wall_time at{};
};

struct card_filter {
    std::string profile, label, msisdn, iccid_prefix;
    std::optional<standing> is;
    std::string after_iccid;  ///< paging
    std::size_t limit = 100;
};

/// What the store holds of a card besides its row.
struct remains {
    card_id card = 0;
    std::vector<std::int64_t> history;  ///< rows of its timeline, by seq
    std::vector<std::int64_t> packets;  ///< whose submissions there may be
};

struct counts {
    std::int64_t cards = 0, open_events = 0, outbox = 0, due = 0;
};

/// One transaction. Destroyed uncommitted it is rolled back. Reads see the transaction's own writes and are locked
/// against other writers (R5).
class transaction {
public:
    virtual ~transaction() = default;

    // Cards. Answers are in the order of the questions.
    [[nodiscard]] virtual wire::result<std::vector<std::optional<card_row>>> cards_by_iccid(
        std::span<const std::string>) = 0;
    [[nodiscard]] virtual wire::result<std::vector<std::optional<card_row>>> cards_by_id(std::span<const card_id>) = 0;
    /// Every card that has or had the number, newest holder first (R21).
    [[nodiscard]] virtual wire::result<std::vector<std::vector<card_id>>> holders_of(
        std::span<const std::string> msisdns) = 0;
    [[nodiscard]] virtual wire::result<void> save_cards(std::span<const card_change>) = 0;
    /// Cards whose due time has come, earliest first.
    [[nodiscard]] virtual wire::result<std::vector<card_row>> due_cards(wall_time now, std::size_t limit) = 0;
    /// New cards (id 0: given by the store). A number moves to the newest card and is freed on the former one.
    [[nodiscard]] virtual wire::result<void> insert_cards(std::span<card_row>) = 0;
    /// Everything of a known card, compare-and-set on `version`.
    [[nodiscard]] virtual wire::result<void> update_cards(std::span<const card_row>) = 0;
    [[nodiscard]] virtual wire::result<std::vector<card_row>> list_cards(const card_filter&) = 0;

    // Events.
    /// The event with this source and id, if taken in before (R22).
    [[nodiscard]] virtual wire::result<std::vector<std::optional<event_row>>> find_events(
        std::span<const event_key>) = 0;
    [[nodiscard]] virtual wire::result<void> insert_events(std::span<const event_row>) = 0;
    /// Gives an open event its one final state; the rows as they are now. An event that is final already is left alone
    /// and its row says so (state and closed_at of the first closing).
    [[nodiscard]] virtual wire::result<std::vector<std::optional<event_row>>> close_events(
        std::span<const event_close>) = 0;
    [[nodiscard]] virtual wire::result<std::vector<std::optional<event_row>>> events_by_seq(
        std::span<const event_seq>) = 0;
    /// The first event from this one on that has no final state, among the next `most`.
    [[nodiscard]] virtual wire::result<open_search> first_open(event_seq from, std::size_t most) = 0;

    // Submissions and receipts.
    [[nodiscard]] virtual wire::result<void> insert_submissions(std::span<const submission_row>) = 0;
    /// By packet, segment and attempt.
    [[nodiscard]] virtual wire::result<std::vector<submission_row>> submissions_of(
        std::span<const std::int64_t> packets) = 0;
    [[nodiscard]] wire::result<std::vector<submission_row>> submissions_of(std::int64_t packet) {
        return submissions_of(std::span(&packet, 1));
    }
    /// Marks the newest submission with this route and message id; the marked rows. A receipt that comes before its
    /// submission is kept and marks it when it is inserted.
    [[nodiscard]] virtual wire::result<std::vector<std::optional<submission_row>>> mark_receipts(
        std::span<const receipt_mark>) = 0;

    // History.
    [[nodiscard]] virtual wire::result<void> append_history(std::span<const history_row>) = 0;
    /// The chain from `newest` backwards.
    [[nodiscard]] virtual wire::result<std::vector<history_row>> history(std::int64_t newest, std::size_t limit) = 0;

    // Outbox.
    [[nodiscard]] virtual wire::result<void> append_outbox(std::span<const outbox_row>) = 0;
    /// Rows in an order that keeps rows of a card as they were committed, also over instances; those behind the row
    /// `after_seq` (0: from the first; a row that is gone: at least those).
    [[nodiscard]] virtual wire::result<std::vector<outbox_row>> outbox(std::int64_t after_seq, std::size_t limit) = 0;
    /// The first rows of these shards, in the same order, without those of some topics.
    [[nodiscard]] virtual wire::result<std::vector<outbox_row>> outbox_of(shard_set,
                                                                          std::span<const std::string> without_topics,
                                                                          std::size_t limit) = 0;
    /// Exactly these rows: another process may have added rows in between.
    [[nodiscard]] virtual wire::result<void> remove_outbox(std::span<const std::int64_t> seqs) = 0;

    // Consumed offsets.
    [[nodiscard]] virtual wire::result<std::optional<source_position>> source_offset(std::string_view source,
                                                                                     std::int32_t partition) = 0;
    /// Compare-and-set of the offset; `from` nothing: the partition has none yet. `conflict`: another reader moved it
    /// (fenced).
    [[nodiscard]] virtual wire::result<void> move_offset(std::string_view source, std::int32_t partition,
                                                         std::optional<std::int64_t> from,
                                                         const source_position& to) = 0;

    // Devices.
    /// Accounts with this client name, on any card: the first 8.
    [[nodiscard]] virtual wire::result<std::vector<device_account>> accounts_named(std::string_view client_name) = 0;
    /// Accounts by which this device proved itself last: the first 8.
    [[nodiscard]] virtual wire::result<std::vector<device_account>> accounts_of_device(std::string_view device) = 0;
    [[nodiscard]] virtual wire::result<std::vector<device_account>> accounts_of(card_id) = 0;
    /// The one account of this card and object, new or changed.
    [[nodiscard]] virtual wire::result<void> save_account(const device_account&) = 0;
    [[nodiscard]] virtual wire::result<void> drop_account(card_id, std::string_view object) = 0;
    /// In the order of the questions; nothing: no later status yet.
    [[nodiscard]] virtual wire::result<std::vector<std::optional<later_state>>> later_states(
        std::span<const event_seq>) = 0;
    [[nodiscard]] virtual wire::result<void> save_later_states(std::span<const later_state>) = 0;

    // Small named values (paused profiles, schema facts).
    [[nodiscard]] virtual wire::result<std::optional<std::string>> value(std::string_view name) = 0;
    [[nodiscard]] virtual wire::result<void> set_value(std::string_view name,
                                                       std::optional<std::string_view> value) = 0;
    [[nodiscard]] virtual wire::result<std::vector<std::pair<std::string, std::string>>> values(
        std::string_view prefix) = 0;

    [[nodiscard]] virtual wire::result<counts> count() = 0;
    /// The highest id of an event, history row, outbox row or packet; 0 in an empty store. What id_source goes on from.
    [[nodiscard]] virtual wire::result<std::int64_t> newest_id() = 0;
    /// Deletes finished events, submissions, history older than this, at most `limit` rows each (or whole weeks, up to
    /// two weeks later).
    [[nodiscard]] virtual wire::result<std::size_t> prune(wall_time older_than, std::size_t limit) = 0;

    /// Deletes these rows, the numbers that the card had, its accounts, and what the store still has of earlier states
    /// of its row. It looks at every card to find them: for the rare case that somebody wants to be forgotten.
    [[nodiscard]] virtual wire::result<void> erase(const remains&) = 0;

    /// A point to come back to, so that one failing row is isolated (R1).
    [[nodiscard]] virtual wire::result<void> savepoint() = 0;
    [[nodiscard]] virtual wire::result<void> back_to_savepoint() = 0;

    /// Durable when it returns without error; not there when it returns one, except `unresolved`: then call `commit`
    /// again until it knows. Otherwise only destroying is allowed afterwards.
    [[nodiscard]] virtual wire::result<void> commit() = 0;
};

class lease_table;

class store {
public:
    virtual ~store() = default;
    [[nodiscard]] virtual wire::result<std::unique_ptr<transaction>> begin() = 0;
    /// What the processes on this store share out among them; nothing: it has one gateway, and its lock file says so.
    [[nodiscard]] virtual lease_table* leases() noexcept { return nullptr; }
    /// Commits since the store was made: the witness beside it keeps the highest (R3).
    [[nodiscard]] virtual std::uint64_t commits() const = 0;
};

/// Growing ids that no other instance makes: milliseconds since 2024 (41 bits), instance (8), sequence (14). More than
/// 16,384 in a millisecond borrow from the next one, and a clock that was set back is not followed.
class id_source {
public:
    explicit id_source(std::uint16_t instance) : instance_(instance & 0xFF) {}

    [[nodiscard]] std::int64_t next(wall_time now) noexcept {
        using namespace std::chrono;
        if (const auto ms = (now - epoch).count(); ms > ms_) {
            ms_ = ms;
            sequence_ = 0;
        } else if (++sequence_ == 1 << 14) {
            ++ms_;
            sequence_ = 0;
        }
        return ms_ << 22 | static_cast<std::int64_t>(instance_) << 14 | sequence_;
    }
    [[nodiscard]] static std::uint16_t instance_of(std::int64_t id) noexcept {
        return static_cast<std::uint16_t>(id >> 14 & 0xFF);
    }
    [[nodiscard]] static wall_time time_of(std::int64_t id) noexcept {
        return epoch + std::chrono::milliseconds(id >> 22);
    }
    /// Lower than every id of that time and later.
    [[nodiscard]] static std::int64_t first_at(wall_time t) noexcept { return (t - epoch).count() << 22; }
    /// The next ids are higher than this one: after a restart, the highest in the store.
    void follow(std::int64_t id) noexcept {
        if (id >> 22 < ms_) return;
        ms_ = id >> 22;
        sequence_ = (1 << 14) - 1;
    }

private:
    static constexpr wall_time epoch = std::chrono::sys_days(std::chrono::year(2024) / 1 / 1);
    std::int64_t ms_ = 0;
    std::int64_t sequence_ = 0;
    std::uint16_t instance_;
};

}  // namespace ota::store

template <>
struct std::is_error_code_enum<ota::store::errc> : std::true_type {};
