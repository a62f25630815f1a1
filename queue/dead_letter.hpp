#pragma once

#include "queue/event.hpp"
#include "secure-channel/wire/octets.hpp"
#include "secure-channel/wire/result.hpp"

#include <cstdint>
#include <string>

/// Dead letters: records that cannot become an event (R23), kept so that they can be read, repaired and replayed.
namespace ota::queue {

struct record_place {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    auto operator<=>(const record_place&) const = default;
};

struct dead_letter {
    std::string reason;               ///< reason code (queue/reason.hpp, docs/reasons.md)
    std::string detail;               ///< field and offset, never a value
    std::string source, id, subject;  ///< as far as they could be read, else empty
    record_place origin;              ///< the record that died
    wall_time at{};                   ///< when it was dead-lettered
    /// R24: the record's payload, AES-GCM-wrapped under the key-encryption key. Opaque here; base64 in the JSON.
    wire::octets sealed;
    /// Its headers (`serialize_headers`), wrapped likewise; empty when it had none. Those that became a part of the
    /// payload (binary mode) are not among them.
    wire::octets sealed_headers{};
};

[[nodiscard]] std::string serialize_dead_letter(const dead_letter&);
/// `errc::bad_dead_letter` when the text is anything else.
[[nodiscard]] wire::result<dead_letter> parse_dead_letter(std::string_view json);

/// Names and octets of a record's headers, as JSON.
[[nodiscard]] std::string serialize_headers(const record_headers&);
/// `errc::bad_dead_letter` when the text is anything else.
[[nodiscard]] wire::result<record_headers> parse_headers(std::string_view json);

/// Written to the dead-letter topic behind the dead letter that it closes: a log is only ever appended to.
struct replay_mark {
    std::int64_t dead_letter_offset = 0;
    record_place replayed_as;
    wall_time at{};
};

[[nodiscard]] std::string serialize_replay_mark(const replay_mark&);
/// `errc::bad_dead_letter` when the text is anything else.
[[nodiscard]] wire::result<replay_mark> parse_replay_mark(std::string_view json);

}  // namespace ota::queue
