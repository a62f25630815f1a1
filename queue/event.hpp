#pragma once

#include "secure-channel/wire/octets.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Change events as CloudEvents 1.0 in JSON, type `dm.mo.change.v1` (docs/schemas/dm.mo.change.v1.json).
namespace ota::queue {

using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;
using record_headers = std::vector<std::pair<std::string, std::string>>;

enum class operation : std::uint8_t { add, replace, erase, copy, get, exec };  ///< erase is "delete" on the wire
[[nodiscard]] std::string_view name_of(operation) noexcept;

enum class bearer_wish : std::uint8_t { any, sms, bip };

/// A node value as it came: absent, a JSON string's text, or any other JSON value kept as JSON text.
struct node_value {
    enum class kind : std::uint8_t { absent, text, json };
    kind is = kind::absent;
    std::string text;
    auto operator<=>(const node_value&) const = default;
};

struct change_event {
    std::string source;
    std::string id;
    std::string subject;  ///< ICCID, 18 to 20 digits
    operation op = operation::replace;
    std::string node;       ///< URI, "./SC/USIM/SPN"
    std::string copy_from;  ///< URI of the source node of a copy
    std::string format;     ///< DM format: bin (base64), chr, int, bool, xml, null; empty when absent
    std::string type;       ///< MIME type, may be empty
    node_value value;
    std::optional<std::int64_t> revision;
    std::optional<wall_time> not_before;
    std::optional<wall_time> expires_at;
    std::int8_t priority = 0;  ///< -8 .. 7, higher first
    bearer_wish bearer = bearer_wish::any;
    std::string traceparent;
    /// SipHash-2-4 over subject and data in canonical form (queue/content_hash.hpp): tells a repeat from another event
    /// with its id (R22), whatever the order of members and the white space. Set by `parse_event` only.
    std::uint64_t content_hash = 0;
};

/// Why an event could not be read. R23: without id, subject or JSON it is a dead letter; otherwise it is `rejected`.
struct unreadable {
    bool dead_letter = true;
    std::string reason;               ///< reason code, docs/reasons.md
    std::string detail;               ///< names the field and offset, never a value
    std::string source, id, subject;  ///< as far as they could be read (a rejected event has all three)
};

/// key: the record's key; when present it must equal the subject, else a dead letter `key-subject-mismatch`.
[[nodiscard]] std::variant<change_event, unreadable> parse_event(std::string_view json, std::string_view key);
/// The same for a record with headers, in binary or in structured mode (queue/content_mode.hpp). Offsets in a detail
/// are those in the structured form. A traceparent among the headers stands in for a missing one.
[[nodiscard]] std::variant<change_event, unreadable> parse_event(std::string_view payload, std::string_view key,
                                                                 const record_headers& headers);
/// Structured-mode JSON of an event, for `otagw publish` and load generators.
[[nodiscard]] std::string serialize_event(const change_event&);
/// Whether a text has the form of a W3C trace context.
[[nodiscard]] bool is_traceparent(std::string_view) noexcept;

enum class event_state : std::uint8_t { open, applied, superseded, rejected, failed, expired };
[[nodiscard]] std::string_view name_of(event_state) noexcept;

/// A status of an event, type `dm.mo.status.v1`. Its id is `<event id>/<state>/<sequence>`.
struct status_event {
    std::string event_source;
    std::string event_id;
    std::string subject;
    std::string node;
    operation op = operation::replace;
    std::string state;  ///< name_of(event_state), or a later status such as "incorporated"
    bool final = true;
    std::string reason;  ///< reason code, may be empty
    std::string detail;  ///< a sentence without secrets
    std::string value;   ///< get: base64 of what the card holds
    std::optional<std::int64_t> revision;
    std::string traceparent;
    std::uint32_t sequence = 0;
    wall_time at{};
};
[[nodiscard]] std::string serialize_status(const status_event&);

}  // namespace ota::queue
