#pragma once

#include "sandbox/uicc/receiver.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// What the cards' journal says. Each record stands in the file as
///     | type | length | body   | CRC-32 of type, length, body |
///     |  1   |   2    | length |              4               |
namespace ota::sandbox {

/// 'H': the first record of a file, and of every later run on it.
struct journal_opened {
    std::uint64_t time_us = 0;  ///< since 1970
    std::uint64_t seed = 0;
    std::uint64_t cards = 0;
    bool operator==(const journal_opened&) const = default;
};

/// 'N': which slot a node of the profile is, and what it holds when the card leaves the factory.
struct journal_node {
    std::string uri;
    slot_id slot = 0;
    wire::octets initial;
    bool operator==(const journal_node&) const = default;
};

/// 'S': a segment of a concatenated message arrived at the card.
struct journal_segment {
    std::uint64_t time_us = 0;
    std::string iccid;
    std::uint64_t hash = 0;  ///< of its user data
    bool operator==(const journal_segment&) const = default;
};

enum class answer_form : std::uint8_t { none, report, submit, both, data };

/// 'P': a whole packet arrived at the card; or it was submitted and never arrived (`lost`), then nothing ran.
struct journal_packet {
    std::uint64_t time_us = 0;
    std::uint64_t submitted =
        0;  ///< its place in the order in which the SMSC took messages, from 1; 0: by a data bearer
    std::string iccid;
    bool lost = false;
    packet_trace trace;  ///< without `touched`: what was written follows as journal_write
    answer_form answer = answer_form::none;
    std::uint64_t answer_hash = 0;
};

/// 'W': a slot's content after a script wrote it.
struct journal_write {
    std::string iccid;
    slot_id slot = 0;
    wire::octets content;
    bool operator==(const journal_write&) const = default;
};

using journal_record = std::variant<journal_opened, journal_node, journal_segment, journal_packet, journal_write>;

/// Appends the whole record, frame included. Views of long texts are cut at what a record holds (65535 octets).
void serialize(const journal_record&, wire::writer& out);
void serialize(const journal_packet&, wire::writer& out);
void serialize(const journal_write&, wire::writer& out);

/// Octets of the record at the front of `in`, frame included; 0 when it is not whole or its CRC is wrong.
[[nodiscard]] std::size_t whole_record(wire::octet_view in) noexcept;
/// Takes one whole record apart.
[[nodiscard]] wire::result<journal_record> parse_journal_record(wire::octet_view whole);

}  // namespace ota::sandbox
