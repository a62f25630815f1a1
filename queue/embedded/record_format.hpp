#pragma once

#include "queue/event.hpp"
#include "secure-channel/wire/octets.hpp"
#include "secure-channel/wire/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A record in a segment file; integers are big endian.
///
///     | "OTAR" | ordinal | time | key length | headers length | payload length | head CRC | body CRC | key | headers |
///     payload | |   4    |    8    |  8   |     2      |       2        |       4        |    4     |    4     |  k  |
///     h    |    p    |
///
/// CRC-32C: that of the head over its first 28 octets, started from the record's offset (its two halves XORed); that of
/// the body over key, headers and payload. With the offset in it, octets that moved or that lie inside a payload are no
/// record. Headers: | name length | name | value length | value |, lengths of 2 octets, one behind the other.
namespace ota::queue::embedded {

inline constexpr std::size_t head_octets = 36;
inline constexpr std::size_t max_key = 0xffff;
inline constexpr std::size_t max_headers = 0xffff;     ///< octets of all headers
inline constexpr std::size_t max_payload = 64u << 20;  ///< octets

using headers = std::vector<std::pair<std::string, std::string>>;

struct entry {
    std::string_view key;
    std::string_view payload;
    const headers* extra = nullptr;
};

/// A record's content as views into the octets that it was read from.
struct record_view {
    std::uint64_t ordinal = 0;  ///< how many records of this log came before it
    wall_time at{};             ///< when it was appended
    std::string_view key;
    wire::octet_view header_octets;
    std::string_view payload;
};

/// `errc::record_too_large` when the entry exceeds the format's limits; nothing is appended then.
[[nodiscard]] wire::result<void> append_record(wire::octets& out, std::int64_t offset, std::uint64_t ordinal,
                                               wall_time at, const entry&);

struct sighting {
    enum class kind : std::uint8_t {
        whole,         ///< `record` is good
        incomplete,    ///< so far good, but the octets end inside the record
        damaged_body,  ///< the head is good, so the record's size is known; its body is not
        damaged,       ///< no record starts here
    };
    kind is = kind::incomplete;
    std::size_t size = 0;  ///< octets of the whole record; 0 when not known
    record_view record;
};

/// What lies at the front of these octets, which start at `offset` of the log.
[[nodiscard]] sighting look_at(wire::octet_view, std::int64_t offset) noexcept;

/// Empty when the octets are no list of headers.
[[nodiscard]] headers read_headers(wire::octet_view);

}  // namespace ota::queue::embedded
