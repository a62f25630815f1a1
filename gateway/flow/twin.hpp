#pragma once

#include "gateway/bearer.hpp"
#include "gateway/store/store.hpp"
#include "queue/event.hpp"
#include "secure-channel/remote_script.hpp"
#include "secure-channel/security_header.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// The twin of a card: what it should hold, what it has confirmed, and what is under way. One value, kept whole in the
/// card's row, so that a plan always runs on what was locked (R5) and every change of a card is one write.
namespace ota::flow {

using wall_time = store::wall_time;
using store::event_seq;

/// What is known of the file of a management object that is not confirmed (objects.hpp).
enum class shadow : std::uint8_t {
    unchecked,  ///< the card's control file has to say which of the images that we know it holds
    known,      ///< its octets are known, but for the doubtful ones
    reading,    ///< nobody knows: it is read
    guessed,    ///< of the control file: made anew by us, no word of the card on objects that nobody looked at
};

/// Octets that a packet may or may not have written.
struct octet_range {
    std::uint32_t offset = 0, length = 0;
    bool operator==(const octet_range&) const = default;
};

/// What a device said of a management object in a DM session.
enum class device_word : std::uint8_t { nothing, incorporated, declined, purged };
struct device_view {
    device_word said = device_word::nothing;
    std::uint32_t image_crc = 0;  ///< CRC-32 of the image that it said it of
    wall_time at{};
    std::uint32_t drifts = 0;  ///< edits at the device that it told of
    std::uint32_t account_crc =
        0;  ///< of an account of a DM server: of the image by which its device is found (store::device_account)
    bool operator==(const device_view&) const = default;
};

/// Whether the DM server's view has the node: judges add and replace (R16).
enum class presence : std::uint8_t { unknown, present, absent };

struct node_state {
    std::string uri;
    bool secret = false;  ///< no Get access: its images are stored wrapped (R24)
    presence there = presence::unknown;
    bool wanted = false;        ///< there is a desired image
    bool confirmed = false;     ///< `reported` is what the card holds, proven (R19)
    std::uint8_t failures = 0;  ///< temporary refusals in a row
    wire::octets desired;
    event_seq desired_version = 0;
    wire::octets reported;
    event_seq reported_version = 0;
    std::optional<std::int64_t> revision;
    event_seq progress_version = 0;  ///< a whole write that takes several packets: of this version,
    std::uint32_t progress = 0;      ///< so many octets are confirmed
    std::string blocked;             ///< R14: reason; waits for a new event or a repair
    std::uint32_t place = 0;         ///< the file that all this is about (file_place.hpp); 0: not known, the profile's
    // Of a management object; `reported` is what the card's control file has attested.
    shadow of_file = shadow::unchecked;
    wire::octets held;                  ///< octets of the file where they are not `reported` any more; else empty
    std::vector<octet_range> doubtful;  ///< of a BER-TLV file: tags
    bool paired =
        false;  ///< of two files: `held` and `doubtful` speak of the one that is not valid; empty: nobody knows
    std::uint16_t live = 0;  ///< of two: the file that `reported` is in; 0: nobody knows
    device_view device;
    std::vector<std::pair<std::string, std::int64_t>> revisions;  ///< R22, by address below the object
};

/// How a packet travels; it never changes, as the octets of another frame would be another packet (R7).
enum class carriage : std::uint8_t {
    short_message,
    push,     ///< by short message; closed by the link that the card opens because of it (R6)
    channel,  ///< over such a link
};

/// "short-message", "push", "channel".
[[nodiscard]] std::string_view name_of(carriage) noexcept;

/// A data channel that the card has opened to one instance, which alone can use it.
struct data_channel {
    std::uint64_t link = 0;
    std::uint16_t instance = 0;
    std::uint16_t max_sdu = 0;  ///< octets of the largest packet that the card takes
    wall_time opened_at{};      ///< by that instance's clock
};

/// An open event. The newest state event of a node has its image in node_state::desired; older open ones own theirs.
struct open_event {
    enum class phase : std::uint8_t { deferred, waiting, in_flight };
    event_seq seq = 0;
    queue::operation op = queue::operation::replace;
    phase is = phase::waiting;
    std::uint16_t node = 0;  ///< index into twin::nodes
    std::int8_t priority = 0;
    std::uint8_t attempts = 0;  ///< packets that carried it and were not answered, or were refused for now
    bool owns_image = false;
    queue::bearer_wish bearer = queue::bearer_wish::any;
    wall_time not_before{};
    wall_time expires_at{};
    wire::octets image;  ///< owned image; of a get: the octets read so far
    std::string change;  ///< of a node of a management object: the change itself (objects.hpp); else empty
};

/// What the commands of a script do, in script order.
struct carried {
    /// commit: the control file attests the node; audit: a piece of card_audit::files
    enum class kind : std::uint8_t { write, get, exec, read_back, refresh, commit, audit };
    kind is = kind::write;
    std::uint16_t node = 0;
    std::uint8_t first = 0, last = 0;  ///< commands of the script, from 1
    bool whole = false;                ///< part of a whole write, from the front
    event_seq version = 0;             ///< write: of the image; get, exec: the event
    std::uint32_t offset = 0, length = 0;
    std::uint32_t image_crc = 0;  ///< of a management object's image: its version may have become another one since
};
[[nodiscard]] std::string_view name_of(carried::kind) noexcept;

/// A recorded packet (R2): everything that a repeat and its answer need, never changed once stored.
struct packet {
    std::int64_t id = 0;
    std::uint64_t cntr = 0;
    std::uint32_t counter_key = 0;
    wire::octets sealed;          ///< from CPL on; stored wrapped when it was not ciphered
    std::uint16_t reference = 0;  ///< concatenation reference
    bool wide = false;
    secure_channel::security_parameters spi;
    secure_channel::key_identifier kic, kid;
    secure_channel::toolkit_reference tar;
    secure_channel::script_format format = secure_channel::script_format::compact;
    std::uint64_t profile_hash = 0;
    std::string destination;  ///< MSISDN that it was sent to (R21)
    std::int8_t priority = 0;
    std::vector<carried> carries;
    carriage by = carriage::short_message;
    std::uint64_t link = 0;  ///< carriage::channel: that it was handed to

    std::uint8_t sendings = 0;  ///< times its octets were handed to the bearer
    std::uint8_t segments = 0;
    bool may_have_run = false;  ///< a duplicate is possible: counter low means unknown (R9)
    bool idle = false;          ///< mode "exactly +1": recorded, waits for work to be sent again (R10)
    std::uint32_t retry = 0;    ///< segments to hand over again, bit by bit
    std::uint8_t submit_failures = 0;
    std::optional<std::uint16_t> holder;  ///< instance that handed it to its bearer last; nothing: the one that made it
    wall_time sent_at{};                  ///< last handed over
    wall_time check_at{};                 ///< look whether the bearer took it
    wall_time retry_at{};
    wall_time closes_at{};  ///< end of the SMSC's validity + margin (R6)
};

/// A file of a card as an audit finds it (audit.hpp).
struct audited_file {
    std::uint16_t node = 0;
    bool whole = false;         ///< read to its end
    std::uint16_t refusal = 0;  ///< status word in place of its content
    wire::octets content;       ///< stored wrapped when the node is secret
};

struct card_audit {
    enum class phase : std::uint8_t { asked, reading, done, failed };
    phase is = phase::asked;
    bool repair = false;
    wall_time asked_at{};
    std::uint8_t attempts = 0;  ///< packets without an answer in a row
    std::uint8_t restarts = 0;  ///< because the card was written meanwhile
    std::size_t file = 0;       ///< the one that is being read
    std::vector<audited_file> files;
    std::string why;  ///< of a failure
    [[nodiscard]] bool under_way() const noexcept { return is == phase::asked || is == phase::reading; }
};

struct counter_state {
    std::uint32_t key = 0;   ///< key version, or TAR with bit 24 set, by the profile's scope
    std::uint64_t last = 0;  ///< highest value ever reserved (R3)
};

struct twin {
    std::vector<counter_state> counters;
    std::vector<node_state> nodes;
    std::vector<open_event> events;   ///< in order
    std::optional<packet> in_flight;  ///< R6
    std::optional<packet> unknown;    ///< an older packet whose outcome a read-back decides
    std::optional<packet> reserved;   ///< R10: recorded, has to go next
    bool read_back_due = false;       ///< `unknown` waits for a read-back to be planned
    bool alone = false;               ///< R13: one event per packet after two failures
    std::uint8_t failures = 0;        ///< packets refused in a row
    std::uint16_t next_reference = 1;
    std::uint8_t leaps = 0;          ///< R12: counter leaps taken
    std::int64_t leap_day = 0;       ///< on this day (days since the epoch)
    std::uint32_t pending_leap = 0;  ///< added to the next reservation
    std::string hold;                ///< why the card is suspended or in quarantine
    wall_time not_before{};          ///< back-off: plan nothing earlier
    std::optional<data_channel> channel;
    std::uint8_t channel_failures = 0;  ///< PUSHes in a row that no answer over a link came of
    wall_time short_messages_until{};   ///< after too many of them
    std::optional<card_audit> audit;    ///< the last one, or the one under way
    event_seq last_event = 0;           ///< newest of the card's event chain
    std::int64_t last_history = 0;      ///< newest of the card's history chain

    [[nodiscard]] bool has_work() const noexcept;  ///< besides deferred events, which wait for their time
    [[nodiscard]] std::uint16_t node_index(std::string_view uri, bool secret);
    [[nodiscard]] const node_state* find(std::string_view uri) const noexcept;
    [[nodiscard]] open_event* find_event(event_seq) noexcept;
    /// The image that a state event wants on its node.
    [[nodiscard]] const wire::octets& image_of(const open_event&) const noexcept;
    /// The event whose image has this event's change: itself, or, on a management object, the next one that has an
    /// image.
    [[nodiscard]] event_seq version_of(const open_event&) const noexcept;
    [[nodiscard]] const open_event& head_of(const open_event&) const noexcept;
    /// The open events that this piece of a packet decides.
    [[nodiscard]] std::vector<event_seq> events_of(const carried&) const;
};

/// Wraps what must not lie in clear in the store. Both are given by the shell (key-encryption key, random nonces).
struct guard {
    std::function<wire::octets(wire::octet_view clear, std::string_view purpose)> seal;
    std::function<wire::result<wire::octets>(wire::octet_view sealed, std::string_view purpose)> open;
};

/// The twin as octets, and back. An empty blob is a fresh twin. A blob of a newer format, or a cut one, is an error.
[[nodiscard]] wire::octets serialize_twin(const twin&, const guard&);
[[nodiscard]] wire::result<twin> parse_twin(wire::octet_view, const guard&);

}  // namespace ota::flow
