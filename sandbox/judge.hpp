#pragma once

#include "sandbox/journal.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

/// Says from the cards' journal alone whether the gateway kept its promises, whatever happened to the gateway.
namespace ota::sandbox {

struct verdict {
    std::uint64_t records = 0;
    std::uint64_t torn_octets = 0;  ///< at the end of the journal; no violation
    std::uint64_t cards = 0;        ///< that a packet arrived at, or was meant for
    std::uint64_t packets = 0;      ///< arrived, repeats included
    std::uint64_t by_data = 0;      ///< of these: over a data bearer
    std::uint64_t segments = 0;     ///< of concatenated ones
    std::uint64_t lost = 0;         ///< submitted and never arrived
    std::uint64_t repeats = 0;      ///< packets whose very octets had been seen before
    std::uint64_t unopened = 0;     ///< whose checksum, keys or format were wrong
    std::uint64_t scripts = 0;      ///< that ran, or began to
    std::uint64_t commands = 0;     ///< that ran
    std::uint64_t torn_scripts = 0;
    std::uint64_t run_twice = 0;  ///< packets whose script ran more than once (only a card without counter check does)
    std::uint64_t files_compared = 0;

    std::uint64_t counters_reused = 0;   ///< R3: one counter, two different packets
    std::uint64_t counters_lowered = 0;  ///< R3: a new packet under a lower counter than an earlier one's
    std::uint64_t files_wrong = 0;       ///< a file that is not as desired
    std::vector<std::string> findings;   ///< a sentence per violation, at most `most_findings`

    static constexpr std::size_t most_findings = 100;
    [[nodiscard]] bool good() const noexcept { return counters_reused + counters_lowered + files_wrong == 0; }
};

/// What a card should hold: one node's whole image.
struct desired_file {
    std::string iccid;
    std::string node;
    wire::octets image;
};

/// Reads the journal; every `desired` file is held against what the cards hold at its end. false when it cannot be
/// read.
[[nodiscard]] bool judge(const std::string& journal_file, const std::vector<desired_file>& desired, verdict&,
                         std::string& error);

/// One JSON object per line: {"iccid": "..", "node": "./SC/..", "hex": ".."}. A bad line is an error that names it.
[[nodiscard]] bool load_desired(std::istream&, std::vector<desired_file>&, std::string& error);

[[nodiscard]] std::string to_json(const verdict&);

/// `JOURNAL [--desired FILE]`: prints the verdict as JSON. 0 good, 1 a violation or an unreadable file, 2 wrong usage.
int run_judge(const std::vector<std::string>& arguments);

}  // namespace ota::sandbox
