#include "gateway/flow/reasons.hpp"

#include <array>

namespace ota::flow::reason {

namespace {

constexpr std::array list{
    entry{no_change, false, actor::nobody, "applied: the card held this already; nothing was sent"},
    entry{never_sent, false, actor::nobody, "applied: a delete met an add that had not been sent; nothing was sent"},
    entry{unverified, false, actor::operator_,
          "applied, but the profile's proofs of receipt are not signed (allowed by a setting)"},
    entry{read_back, false, actor::nobody,
          "applied: the proof of receipt was lost, a secured read found the value on the card"},
    entry{newer_event, false, actor::nobody, "superseded by a newer event for the node"},
    entry{older_revision, false, actor::producer, "superseded at intake: a newer revision had been taken in before"},
    entry{newer_confirmed, false, actor::nobody,
          "superseded: unknown outcome, and a newer packet that writes its nodes is confirmed"},
    entry{unknown_card, true, actor::operator_, "rejected: no card with this ICCID is imported"},
    entry{card_replaced, false, actor::producer, "rejected, failed or superseded: the card was replaced by another"},
    entry{card_erased, false, actor::producer, "rejected: the card was erased, nothing is known of it any more"},
    entry{unknown_profile, true, actor::operator_, "rejected: the card's profile is not configured"},
    entry{unknown_node, false, actor::producer, "rejected: the card's profile has no such node"},
    entry{not_permitted, false, actor::operator_, "rejected: the event's source may not change this node"},
    entry{not_readable, false, actor::producer, "rejected: the profile gives no Get access to the node"},
    entry{not_writable, false, actor::producer, "rejected: the profile gives no write access to the node"},
    entry{not_executable, false, actor::producer, "rejected: the node is not an exec node"},
    entry{exec_needs_counter, false, actor::operator_, "rejected: exec needs a profile whose cards check the counter"},
    entry{already_exists, false, actor::producer, "rejected: add on a node that exists"},
    entry{not_found, false, actor::producer, "rejected: replace, delete or copy on a node that does not exist"},
    entry{bad_value, false, actor::producer, "rejected: the value does not fit the node's file"},
    entry{copy_source_unknown, false, actor::producer, "rejected: the content of the copy's source node is not known"},
    entry{too_many_open, true, actor::producer, "rejected: the card has too many open events"},
    entry{cancelled, false, actor::nobody, "rejected: cancelled by an operator before it was sent"},
    entry{card_refused, false, actor::card_issuer,
          "failed: the card refused the command; the detail has its status word"},
    entry{device_refused, false, actor::producer,
          "failed: the device refused or failed the exec; the detail has its code"},
    entry{outcome_unknown, false, actor::producer,
          "failed: an exec whose proof of receipt was lost; it is not repeated"},
    entry{no_answer, true, actor::operator_, "failed: the card did not answer several packets"},
    entry{submit_rejected, false, actor::operator_, "failed: the SMSC refused the message for good"},
    entry{too_large, false, actor::operator_, "failed: one command does not fit the largest packet of the card"},
    entry{card_content, false, actor::card_issuer, "failed: the card's file does not hold what the profile says"},
    entry{card_memory, true, actor::card_issuer, "failed: the card has no memory for the packet"},
    entry{life_over, true, actor::producer, "expired: not delivered within its life"},
    entry{life_over_unknown, true, actor::producer,
          "expired: sent, but no proof came within its life; it may have been applied"},
    entry{no_keys, false, actor::operator_, "quarantine: the card has no keys"},
    entry{keys_unreadable, false, actor::operator_,
          "quarantine: the card's keys cannot be unwrapped, or do not fit the profile"},
    entry{counter_exhausted, false, actor::card_issuer, "quarantine: the card's replay counter is used up"},
    entry{counter_out_of_step, false, actor::operator_,
          "quarantine: the card's replay counter does not match after resynchronisation"},
    entry{counter_blocked, false, actor::card_issuer, "quarantine: the card says that its counter is blocked"},
    entry{security_refused, false, actor::operator_,
          "quarantine: the card refuses the packet's security; check its keys"},
    entry{tar_unknown, false, actor::operator_, "quarantine: the card does not know the application's TAR"},
    entry{security_level, false, actor::operator_,
          "quarantine: the card wants a higher security level than the profile has"},
    entry{suspended, false, actor::operator_, "held: suspended by an operator"},
    entry{profile_paused, false, actor::operator_, "held: the card's profile is paused"},
    entry{duplicate_id, false, actor::producer, "dead letter: the id was used before with other content"},
    entry{damaged, false, actor::operator_, "dead letter: the record's octets fail their checksum in the event log"},
    entry{poison, false, actor::operator_, "dead letter: the store could not take the event"},
};

}  // namespace

std::span<const entry> all() noexcept { return list; }

}  // namespace ota::flow::reason
