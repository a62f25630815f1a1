#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ota::bip {

/// Why a datagram or a connection was not served.
enum class refusal : std::uint8_t {
    bad_checksum,
    malformed,  ///< no PDU, illegal flags, lengths that contradict each other
    port,       ///< a CAT_TP port that no profile names
    version,
    parameters,  ///< a SYN with limits that cannot be
    foreign,     ///< an identification that is not of ours
    used,        ///< an identification that opened a link before
    contested,   ///< an identification whose link is open elsewhere
    links,       ///< as many links as we take
    half_open,   ///< as many set-ups as we take
    source,      ///< as many links of one address as we take
    draining,
    stray,  ///< of no connection that we know
    stray_reset,
    slow,      ///< TCP: no whole packet in time
    oversize,  ///< TCP: a packet longer than we take
};
inline constexpr std::size_t refusals = 16;

[[nodiscard]] constexpr std::string_view name_of(refusal r) noexcept {
    constexpr std::array<std::string_view, refusals> names{
        "bad_checksum", "malformed", "port",   "version",  "parameters", "foreign",     "used", "contested",
        "links",        "half_open", "source", "draining", "stray",      "stray_reset", "slow", "oversize"};
    return names[static_cast<std::size_t>(r)];
}

/// Why a link ended: bearer::link_down::cause.
inline constexpr std::size_t causes = 6;
inline constexpr std::array<std::string_view, causes> cause_names{"by_us", "by_card",  "timed_out",
                                                                  "idle",  "protocol", "shutdown"};

/// Since the start of the program.
struct counts {
    std::uint64_t datagrams_in = 0, datagrams_out = 0;
    std::uint64_t octets_in = 0, octets_out = 0;
    std::uint64_t opened = 0;
    std::array<std::uint64_t, causes> closed{};
    std::uint64_t set_up_failed = 0;  ///< a card with a good identification that did not finish the handshake
    std::uint64_t packets_in = 0, packets_out = 0, packets_acknowledged = 0;
    std::uint64_t packets_refused = 0;  ///< ours, larger than the card takes, or more than a link keeps
    std::uint64_t answered = 0;         ///< RSTs to who is no card of ours
    std::uint64_t unanswered = 0;       ///< the same, kept back by the limit of answers
    std::uint64_t move_challenges = 0;  ///< datagrams of an open link from another UDP port: both were asked
    std::uint64_t moved = 0;
    std::uint64_t moves_dismissed = 0;  ///< the old port answered
    std::uint64_t replaced = 0;         ///< links that gave way to a new one of the same card
    std::uint64_t dropped = 0;          ///< datagrams that the system did not take
    std::array<std::uint64_t, refusals> refused{};

    void count(refusal r) noexcept { ++refused[static_cast<std::size_t>(r)]; }
    [[nodiscard]] std::uint64_t of(refusal r) const noexcept { return refused[static_cast<std::size_t>(r)]; }
};

/// At this moment.
struct figures {
    std::size_t links = 0;       ///< open
    std::size_t half_open = 0;   ///< being set up
    std::size_t records = 0;     ///< of connections, those that end included
    std::size_t remembered = 0;  ///< used identifications
    std::size_t tcp_links = 0;
    std::size_t tcp_unidentified = 0;
};

}  // namespace ota::bip
