#pragma once

#include <span>
#include <string_view>

/// Stable reason codes of statuses, dead letters and quarantines. docs/reasons.md lists them; a test compares.
namespace ota::flow::reason {

enum class actor { nobody, producer, operator_, card_issuer };

struct entry {
    std::string_view code;
    bool retryable;  ///< a later equal event may succeed without anybody changing anything
    actor acts;
    std::string_view meaning;
};

// applied
inline constexpr std::string_view no_change = "no-change";
inline constexpr std::string_view never_sent = "never-sent";
inline constexpr std::string_view unverified = "unverified";
inline constexpr std::string_view read_back = "read-back";
// superseded
inline constexpr std::string_view newer_event = "newer-event";
inline constexpr std::string_view older_revision = "older-revision";
inline constexpr std::string_view newer_confirmed = "newer-confirmed";
// rejected
inline constexpr std::string_view unknown_card = "unknown-card";
inline constexpr std::string_view card_replaced = "card-replaced";
inline constexpr std::string_view card_erased = "card-erased";
inline constexpr std::string_view unknown_profile = "unknown-profile";
inline constexpr std::string_view unknown_node = "unknown-node";
inline constexpr std::string_view not_permitted = "not-permitted";
inline constexpr std::string_view not_readable = "not-readable";
inline constexpr std::string_view not_writable = "not-writable";
inline constexpr std::string_view not_executable = "not-executable";
inline constexpr std::string_view exec_needs_counter = "exec-needs-counter";
inline constexpr std::string_view already_exists = "already-exists";
inline constexpr std::string_view not_found = "not-found";
inline constexpr std::string_view bad_value = "bad-value";
inline constexpr std::string_view copy_source_unknown = "copy-source-unknown";
inline constexpr std::string_view too_many_open = "too-many-open-events";
inline constexpr std::string_view cancelled = "cancelled";
// failed
inline constexpr std::string_view card_refused = "card-refused";
inline constexpr std::string_view device_refused = "device-refused";
inline constexpr std::string_view outcome_unknown = "outcome-unknown";
inline constexpr std::string_view no_answer = "no-answer";
inline constexpr std::string_view submit_rejected = "submit-rejected";
inline constexpr std::string_view too_large = "too-large-for-card";
inline constexpr std::string_view card_memory = "card-memory";
inline constexpr std::string_view card_content = "card-content";
// expired
inline constexpr std::string_view life_over = "life-over";
inline constexpr std::string_view life_over_unknown = "life-over-outcome-unknown";
// quarantine and holds
inline constexpr std::string_view no_keys = "no-keys";
inline constexpr std::string_view keys_unreadable = "keys-unreadable";
inline constexpr std::string_view counter_exhausted = "counter-exhausted";
inline constexpr std::string_view counter_out_of_step = "counter-out-of-step";
inline constexpr std::string_view counter_blocked = "counter-blocked";
inline constexpr std::string_view security_refused = "security-refused";
inline constexpr std::string_view tar_unknown = "tar-unknown";
inline constexpr std::string_view security_level = "security-level";
inline constexpr std::string_view suspended = "suspended-by-operator";
inline constexpr std::string_view profile_paused = "profile-paused";
// dead letters of the gateway itself (those of the parser are in queue/event)
inline constexpr std::string_view duplicate_id = "duplicate-id-other-content";
inline constexpr std::string_view damaged = "damaged-record";
inline constexpr std::string_view poison = "poison";

[[nodiscard]] std::span<const entry> all() noexcept;

}  // namespace ota::flow::reason
